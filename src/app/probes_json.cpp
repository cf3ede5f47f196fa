#include <glaze/glaze.hpp>

#include "app/probes.h"

namespace letterlock {

std::string to_json(const Readiness& readiness) { return glz::write_json(readiness).value_or("{}"); }

Result<Readiness> readiness_from(std::string_view json) {
  Readiness readiness;
  if (const auto error = glz::read<glz::opts{.error_on_unknown_keys = false, .error_on_missing_keys = true}>(readiness, json); error)
    return fail(ErrorKind::invalid, "this is no answer of /readyz");
  return readiness;
}

}  // namespace letterlock
