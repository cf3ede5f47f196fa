#pragma once

// What the companies' connections sign in with: made at random, or kept in a file, so that a simulator that starts again takes the
// connections of before.

#include <string>

#include "base/result.h"

namespace letterlock::sim {

struct Keys {
  std::string google_key_id;
  std::string google_private_key_pem, google_public_key_pem;  // of the service account
  std::string microsoft_private_key_pem;                      // of the application's certificate
  std::string client_secret;
};

Result<Keys> make_keys();
// Those of the file; where there is none, new ones, which are written to it. invalid: the file holds something else, or cannot be written.
Result<Keys> keep_keys(const std::string& file);

}  // namespace letterlock::sim
