#include "domain/evaluation/header_block.h"

#include <algorithm>
#include <array>

#include "mail/text.h"

namespace letterlock::evaluation {
namespace {

constexpr std::size_t fields_max = 5'000;

}  // namespace

std::vector<RawField> raw_fields(std::string_view message) {
  std::vector<RawField> out;
  for (std::size_t at = 0; at < message.size() && out.size() < fields_max;) {
    auto end = message.find('\n', at);
    end = end == message.npos ? message.size() : end + 1;
    const auto line = message.substr(at, end - at);
    if (line == "\n" || line == "\r\n") break;
    while (end < message.size() && (message[end] == ' ' || message[end] == '\t')) {  // folded lines
      const auto next = message.find('\n', end);
      end = next == message.npos ? message.size() : next + 1;
    }
    const auto whole = message.substr(at, end - at);
    at = end;
    const auto colon = whole.find(':');
    if (colon == whole.npos || colon == 0 || whole.substr(0, colon).find_first_of(" \t\r\n") != whole.npos) continue;
    out.push_back({.name = mail::lower(whole.substr(0, colon)), .value = whole.substr(colon + 1), .whole = whole});
  }
  return out;
}

bool is_spam_verdict(std::string_view lower_name) {
  static constexpr std::array<std::string_view, 22> prefixes{"x-spam",
                                                             "x-ms-exchange-organization-scl",
                                                             "x-ms-exchange-organization-pcl",
                                                             "x-ms-exchange-organization-antispam-",
                                                             "x-ms-exchange-antispam-",
                                                             "x-ms-exchange-crosstenant-antispam",
                                                             "x-forefront-antispam-report",
                                                             "x-microsoft-antispam",
                                                             "x-exchange-antispam-report",
                                                             "x-rspamd-",
                                                             "x-gm-spam",
                                                             "x-gm-phishy",
                                                             "x-bogosity",
                                                             "x-dspam-",
                                                             "x-proofpoint-spam-",
                                                             "x-barracuda-spam-",
                                                             "x-ironport-anti-spam",
                                                             "x-ovh-spam",
                                                             "x-cmae-",
                                                             "x-vr-spam",
                                                             "x-mailscanner-spam",
                                                             "x-sid-"};
  return std::ranges::any_of(prefixes, [&](std::string_view prefix) { return lower_name.starts_with(prefix); });
}

std::string without_spam_verdicts(std::string_view message) {
  std::string out;
  out.reserve(message.size());
  std::size_t kept = 0;
  for (const auto& field : raw_fields(message)) {
    if (!is_spam_verdict(field.name)) continue;
    const auto at = static_cast<std::size_t>(field.whole.data() - message.data());
    out += message.substr(kept, at - kept);
    kept = at + field.whole.size();
  }
  return out += message.substr(kept);
}

}  // namespace letterlock::evaluation
