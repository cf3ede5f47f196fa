#include "sim/wording.h"

#include "base/result.h"

namespace letterlock::sim {

std::vector<const Wording*> wordings(Theme theme, Language language) {
  std::vector<const Wording*> found, english;
  for (const auto table : {payment_wordings(), account_wordings()})
    for (const auto& wording : table) {
      if (wording.theme != theme) continue;
      if (wording.language == language) found.push_back(&wording);
      if (wording.language == Language::english) english.push_back(&wording);
    }
  return found.empty() ? english : found;
}

std::string filled(std::string_view text, const Slots& slots) {
  std::string out;
  while (!text.empty()) {
    const auto open = text.find('{');
    out += text.substr(0, open);
    if (open == std::string_view::npos) break;
    const auto close = text.find('}', open);
    CHECK(close != std::string_view::npos);
    const auto value = slots.find(text.substr(open + 1, close - open - 1));
    CHECK(value != slots.end());
    out += value->second;
    text.remove_prefix(close + 1);
  }
  return out;
}

}  // namespace letterlock::sim
