#pragma once

// Bodies that clients send, read strictly: an unknown, missing or over-long field is `invalid` and named.

#include <optional>
#include <string>
#include <string_view>

#include "base/result.h"

namespace letterlock::api {

struct SignInBody {
  std::string email;
  std::string password;
};

struct AlertChangeBody {
  std::optional<std::string> status;
  std::optional<std::string> note;
};

struct NewConnectionBody {
  std::string name;
  std::string provider;
  std::string settings_json;
  std::string secret_json;
};

Result<SignInBody> sign_in_body(std::string_view json);
Result<AlertChangeBody> alert_change_body(std::string_view json);
Result<NewConnectionBody> new_connection_body(std::string_view json);

}  // namespace letterlock::api
