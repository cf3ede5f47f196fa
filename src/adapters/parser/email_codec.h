#pragma once

// What crosses the pipe to a parser process and back: a context, an Email, as flat bytes. Both ends are the same program. Internal
// to this adapter. A reader trusts nothing: every length is checked against what is there.

#include <string>
#include <string_view>

#include "mail/message.h"

namespace letterlock::parser {

std::string encode(const mail::ParseContext& context);
std::string encode(const Email& email);
// internal: the bytes are not what the other end writes.
Result<mail::ParseContext> decode_context(std::string_view bytes);
Result<Email> decode_email(std::string_view bytes);

}  // namespace letterlock::parser
