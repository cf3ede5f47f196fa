#pragma once

// Links from anchors and from bare URLs in text. Pure; any thread.

#include <string_view>
#include <vector>

#include "model/email.h"

namespace letterlock::mail {

// Collects a message's links up to a limit; one URL with one display text counts once.
class LinkCollector {
 public:
  explicit LinkCollector(int links_max) : links_max_(links_max < 0 ? 0 : static_cast<std::size_t>(links_max)) {}

  // An anchor of an HTML part. Fragments, mail and phone links are no links.
  void add_anchor(std::string_view url, std::string_view display_text);
  // Every bare URL in the text.
  void add_text(std::string_view text, std::string_view origin);

  std::vector<Link> take() { return std::move(links_); }
  std::size_t seen() const { return seen_; }
  bool cut() const { return cut_; }

 private:
  void add(std::string_view url, std::string_view display_text, std::string_view origin);

  const std::size_t links_max_;
  std::vector<Link> links_;
  std::vector<std::size_t> hashes_;  // sorted
  std::size_t seen_ = 0;
  bool cut_ = false;
};

// The registrable domain of the first URL or host name that a text shows, or empty.
std::string displayed_domain(std::string_view text);

}  // namespace letterlock::mail
