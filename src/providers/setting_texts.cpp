#include "providers/setting_texts.h"

#include <algorithm>
#include <glaze/glaze.hpp>

#include "mail/text.h"

namespace letterlock::providers {

std::vector<std::string> tidy_texts(const std::vector<std::string>& texts) {
  std::vector<std::string> out;
  for (const auto& text : texts)
    if (auto tidy = mail::lower_unicode(mail::fold_space(mail::mend_utf8(text))); !tidy.empty()) out.push_back(std::move(tidy));
  std::ranges::sort(out);
  const auto same = std::ranges::unique(out);
  out.erase(same.begin(), same.end());
  return out;
}

std::string tidy_definition(std::string_view json, const std::vector<std::string_view>& dropped) {
  glz::generic_sorted_i64 value;
  if (glz::read_json(value, json) || !value.is_object()) return mail::mend_utf8(json);
  auto& members = value.get_object();
  for (auto member = members.begin(); member != members.end();) {
    const std::string_view name = member->first;
    if (name.starts_with("@odata.") || std::ranges::contains(dropped, name))
      member = members.erase(member);
    else
      ++member;
  }
  const auto text = glz::write_json(value);
  return text ? mail::mend_utf8(*text) : mail::mend_utf8(json);
}

}  // namespace letterlock::providers
