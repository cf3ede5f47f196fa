#pragma once

// The half that both ways in share: header fields, bodies and attachments in, Email out. Pure; any thread.

#include <optional>
#include <string>
#include <vector>

#include "mail/header.h"
#include "mail/message.h"

namespace letterlock::mail {

struct Body {
  bool is_html = false;
  std::string text;  // clean UTF-8
};

// What was read of a message before it is understood. Where Graph names a value itself, it stands beside the headers and wins.
struct Draft {
  Headers headers;
  std::vector<Body> bodies;  // what a reader sees, in order
  std::vector<Attachment> attachments;
  std::vector<std::string> attachment_texts;  // of attachments that were read, clean UTF-8
  std::vector<std::string> notes;
  bool is_report = false;  // multipart/report or a calendar reply

  std::optional<std::string> subject;
  std::optional<Address> from, sender;
  struct AddressList {
    std::string kind;
    std::vector<Address> addresses;
  };
  std::optional<std::vector<AddressList>> recipients;
};

Email assemble(Draft draft, const ParseContext& context);

}  // namespace letterlock::mail
