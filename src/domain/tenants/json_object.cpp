#include "domain/tenants/json_object.h"

#include <glaze/glaze.hpp>
#include <string>

namespace letterlock {

bool is_json_object(std::string_view text) {
  const auto first = text.find_first_not_of(" \t\r\n");
  if (first == std::string_view::npos || text[first] != '{') return false;
  return !glz::validate_json(std::string(text));
}

}  // namespace letterlock
