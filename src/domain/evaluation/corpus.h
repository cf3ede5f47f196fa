#pragma once

// A corpus of labelled messages: its manifest ("letterlock-corpus-1") and what its messages say about the company that
// received them. Pure.

#include <map>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "model/user.h"
#include "ports/storage.h"

namespace letterlock::evaluation {

struct CorpusMessage {
  std::string id;
  std::string label;    // fraud, ham, spam
  std::string subtype;  // "giveaway", …
  std::string source;
  std::string path;  // "ARCHIVE!MEMBER" or a file, beside the manifest
};

struct Corpus {
  std::string set;
  std::vector<CorpusMessage> messages;
};

// invalid: not of that format, a label that is none of the three, an empty id, source or path, or an id given twice.
Result<Corpus> read_manifest(std::string_view json);

// A fixed half of a corpus: by the first byte of SHA-256 of the message's id. What is tuned on one is reported on the other.
enum class Part { all, tune, report };
bool is_in_part(std::string_view message_id, Part part);

// Where a message was delivered: the addresses of the first of Delivered-To, X-Original-To, Envelope-To, To that has any.
struct Delivery {
  std::string address;      // the first of them, lower-cased; empty where there is none
  std::string name;         // that To or Cc shows for the address, or empty
  std::string authserv_id;  // of the topmost Authentication-Results; "microsoft" for the form without one; empty: no such field
};
Delivery read_delivery(std::string_view message);

// The company that a source's messages were delivered to.
struct Recipients {
  std::vector<User> users;  // each delivered-to address at one of the domains; at least one
  TenantFacts facts;        // domains that at least one message in twenty was delivered to; free-mail domains are nobody's own
  std::vector<std::string> trusted_authserv_ids;  // one that tops at least half of the messages
  std::string fallback;                           // the mailbox of mail whose delivery is unknown: the user with the most mail
};
Recipients infer_recipients(std::span<const Delivery> deliveries);

}  // namespace letterlock::evaluation
