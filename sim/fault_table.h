#pragma once

// Every way in which a simulated provider can misbehave: one table. What each row does, and where it was seen, is in
// docs/reference/simulator.md. Immutable; any thread.

#include <cstdint>
#include <span>
#include <string>
#include <string_view>

namespace letterlock::sim {

enum class FaultEffect {
  answer,         // status, headers and body of the row instead of the right answer
  slow,           // the right answer, half of its body late
  cut,            // the right answer, cut in the middle of its body
  expire_token,   // the bearer token is forgotten: 401 now, a new token works
  expire_cursor,  // the mailbox's or folder's cursors are forgotten
  empty_page,     // a page without items and with a next link
  duplicates,     // an item of the page comes twice
  late,           // changes of the page come in a later round
  partial,        // an item comes again with few of its fields
  lost_return,    // a message that left a folder and came back between two calls: only "removed"
  vanish,         // the message is deleted for good between list and get
};

// passing: asking again helps. token: of the token endpoint. cursor, page: what lists and deltas do. lasting: until it is ordered away.
enum class FaultGroup { passing, token, cursor, page, lasting };

struct FaultKind {
  std::string_view name;
  std::string_view provider;  // google or microsoft
  FaultGroup group;
  std::string_view on;  // request kinds, separated by spaces; "api": every one but token and batch
  FaultEffect effect = FaultEffect::answer;
  int status = 0;
  std::string_view code;         // Google's reason, Graph's code, OAuth's error, or "AADSTS<number>"
  std::string_view message;      // error message or description
  std::string_view retry_after;  // "": none; "seconds" or "date"
  std::string_view body;         // "": JSON made from the above; "none": no body; "html": a front end's page
};

std::span<const FaultKind> fault_kinds();
const FaultKind* fault_kind(std::string_view provider, std::string_view name);  // nullptr: no such row
bool befalls(const FaultKind& kind, std::string_view request_kind);
std::string_view name_of(FaultGroup group);

}  // namespace letterlock::sim
