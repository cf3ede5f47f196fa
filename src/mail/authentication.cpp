#include "mail/authentication.h"

#include <algorithm>

#include "mail/domain.h"
#include "mail/text.h"

namespace letterlock::mail {
namespace {

constexpr std::string_view microsoft = "microsoft";
constexpr std::size_t field_bytes_max = 64 << 10;

std::vector<std::string> split_outside_quotes(std::string_view text, char separator) {
  std::vector<std::string> out(1);
  bool quoted = false;
  for (const char c : text) {
    if (c == '"')
      quoted = !quoted;
    else if (c == separator && !quoted)
      out.emplace_back();
    else
      out.back() += c;
  }
  return out;
}

struct Property {
  std::string name;   // lower-cased
  std::string value;  // case kept
};

// "spf=pass smtp.mailfrom = a@b" → (spf, pass), (smtp.mailfrom, a@b)
std::vector<Property> properties_of(const std::string& clause) {
  std::string text;
  for (std::size_t i = 0; i < clause.size(); ++i) {  // no blanks around '='
    if (is_space(clause[i])) {
      if (!text.empty() && text.back() != '=' && text.back() != ' ') text += ' ';
    } else {
      if (clause[i] == '=')
        while (text.ends_with(' ')) text.pop_back();
      text += clause[i];
    }
  }
  std::vector<Property> out;
  for (const auto& word : split_outside_quotes(text, ' ')) {
    const auto equals = word.find('=');
    if (equals == word.npos || equals == 0) continue;
    auto name = lower(std::string_view(word).substr(0, equals));
    name = name.substr(0, name.find('/'));  // "dkim/1=pass"
    out.push_back({std::move(name), word.substr(equals + 1)});
  }
  return out;
}

const std::string* find(const std::vector<Property>& properties, std::string_view name) {
  for (const auto& property : properties)
    if (property.name == name) return &property.value;
  return nullptr;
}

std::string host_in(std::string_view value) { return value.find('@') == value.npos ? normalize_host(value) : domain_of_address(value); }

std::string verdict_of(std::string_view value) { return mend_utf8(lower(value.substr(0, 32))); }

AuthenticationReading read_clauses(const std::vector<std::string>& clauses, std::size_t first) {
  AuthenticationReading out;
  auto& result = out.result;
  result.trusted = true;
  bool has_dkim = false;
  for (std::size_t i = first; i < clauses.size(); ++i) {
    const auto properties = properties_of(clauses[i]);
    if (properties.empty()) continue;
    const auto verdict = verdict_of(properties.front().value);
    const auto& method = properties.front().name;
    if (method == "spf" && result.spf.empty()) {
      result.spf = verdict;
      if (const auto* from = find(properties, "smtp.mailfrom")) out.mail_from_domain = host_in(*from);
    } else if (method == "dkim" && (!has_dkim || (result.dkim != "pass" && verdict == "pass"))) {
      has_dkim = true;
      result.dkim = verdict;
      const auto* domain = find(properties, "header.d");
      if (!domain) domain = find(properties, "header.i");
      result.dkim_domain = domain && !equals_ignoring_case(*domain, "none") ? host_in(*domain) : "";
    } else if (method == "dmarc" && result.dmarc.empty()) {
      result.dmarc = verdict;
    }
    if (const auto* compauth = find(properties, "compauth"); compauth && result.compauth.empty()) result.compauth = verdict_of(*compauth);
  }
  return out;
}

}  // namespace

AuthenticationReading read_authentication(const Headers& headers, const std::vector<std::string>& trusted) {
  bool topmost = true;
  for (const auto& field : headers) {
    if (!equals_ignoring_case(field.name, "Authentication-Results")) continue;
    const bool first = std::exchange(topmost, false);
    const auto clauses = split_outside_quotes(without_comments(std::string_view(field.value).substr(0, field_bytes_max)), ';');
    const auto head = trim(clauses.front());
    if (head.find('=') != head.npos) {  // no authserv-id: Microsoft's form
      if (!first || !std::ranges::contains(trusted, microsoft)) continue;
      auto out = read_clauses(clauses, 0);
      out.result.authserv_id = microsoft;
      return out;
    }
    const auto id = lower(head.substr(0, head.find_first_of(" \t\r\n")));  // a version may follow
    if (id.empty() || id == microsoft || !std::ranges::contains(trusted, id)) continue;
    auto out = read_clauses(clauses, 1);
    out.result.authserv_id = mend_utf8(id);
    return out;
  }
  return {};
}

}  // namespace letterlock::mail
