#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "adapters/http/server.h"

namespace letterlock::http {

// The text as one gzip member.
std::string gzip(std::string_view text);
// Whether an Accept-Encoding takes gzip.
bool accepts_gzip(std::string_view accept_encoding);
// Compress a response's body where the client takes it and it is worth it: text of at least 1 KiB that is not compressed yet.
void compress_for(const Request& request, Response& response);

}  // namespace letterlock::http
