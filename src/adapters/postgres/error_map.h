#pragma once

#include "base/result.h"

namespace letterlock::postgres {

// Call inside catch (...): what libpqxx threw, as an Error. Codes: "unique", "serialization". Never holds parameters.
Error error_of_current_exception();

}  // namespace letterlock::postgres
