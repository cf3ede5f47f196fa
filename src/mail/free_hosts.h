#pragma once

#include <string_view>

namespace letterlock::mail {

// Whether the host belongs to a service where anybody can put up a page, form or file at once and for nothing. From general
// knowledge and kept short on purpose, as the lists of mail/domain.h. Pure; any thread. Also an SQL function.
bool is_free_host(std::string_view host);

}  // namespace letterlock::mail
