#pragma once

// HTML to the text that a reader sees, with its anchors. Works on lexbor's tokens, not on a tree: linear whatever the nesting.
// Pure; any thread.

#include <string>
#include <string_view>

#include "mail/links.h"

namespace letterlock::mail {

struct HtmlText {
  std::string current;
  std::string quoted;           // what mail programs mark as quoted (gmail_quote, blockquote type=cite, Outlook's reply divider, …)
  bool attributes_cut = false;  // a tag had more than attributes_max attributes; those behind them were not read
};

inline constexpr std::size_t attributes_max = 512;  // of one tag, about; real mail has some dozens

// Anchors go into `links`, as do bare URLs outside anchors. Text that nobody sees (display:none, visibility:hidden, zero font size
// or opacity, scripts, styles, comments) is left out. Stops collecting text at `text_bytes_max`, never looking for links.
HtmlText html_to_text(std::string_view html, std::size_t text_bytes_max, LinkCollector& links);

// The charset that a <meta> within the first 1,024 bytes names, or empty.
std::string meta_charset(std::string_view html);

}  // namespace letterlock::mail
