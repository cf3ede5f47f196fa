#pragma once

// Splitting a message's text into what its author wrote now and what is quoted below. Pure; any thread.

#include <string>
#include <string_view>

namespace letterlock::mail {

struct QuotedSplit {
  std::string current;
  std::string quoted;
};

// Quoted: lines that begin with '>', and everything behind an attribution ("On … wrote:"), a divider ("-----Original
// Message-----", "Begin forwarded message:") or an Outlook block of From/Sent/To/Subject lines, in the common languages.
QuotedSplit split_quoted(std::string_view text);

// Trailing blanks dropped, at most one empty line in a row, invisible filler characters removed, ends trimmed.
std::string tidy_text(std::string_view text);

}  // namespace letterlock::mail
