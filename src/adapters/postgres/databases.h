#pragma once

// Whole databases of a cluster: what cannot run inside a transaction.

#include <string>

#include "base/result.h"

namespace letterlock::postgres {

// The URL of another database of the same cluster.
std::string url_of_database(const std::string& url, const std::string& name);
// As a role that may (CREATEDB), through any database of the cluster. conflict: it exists.
Result<void> create_database(const std::string& url, const std::string& name);
// Ends the sessions that use it; no error where it does not exist.
Result<void> drop_database(const std::string& url, const std::string& name);

}  // namespace letterlock::postgres
