#pragma once

#include <string>

namespace letterlock {

// A JSON value as text, passed through as it is.
struct JsonText {
  std::string text;
};

}  // namespace letterlock
