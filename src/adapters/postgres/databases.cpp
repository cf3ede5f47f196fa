#include "adapters/postgres/databases.h"

#include <algorithm>
#include <pqxx/pqxx>

#include "adapters/postgres/error_map.h"

namespace letterlock::postgres {
namespace {

Result<void> run_alone(const std::string& url, const std::string& before, const std::string& name, const std::string& after) {
  try {
    pqxx::connection connection(url);
    pqxx::nontransaction work(connection);
    work.exec(before + connection.quote_name(name) + after);
    return {};
  } catch (...) {
    return fail(error_of_current_exception());
  }
}

}  // namespace

// postgresql://user:password@host:port/NAME?parameters
std::string url_of_database(const std::string& url, const std::string& name) {
  const auto scheme = url.find("://");
  const auto query = std::min(url.find('?'), url.size());
  const auto slash = url.find('/', scheme == std::string::npos ? 0 : scheme + 3);
  return url.substr(0, std::min(slash, query)) + "/" + name + url.substr(query);
}

Result<void> create_database(const std::string& url, const std::string& name) {
  auto created = run_alone(url, "CREATE DATABASE ", name, " TEMPLATE template0 ENCODING 'UTF8'");
  if (!created) return fail(std::move(created).error().during("create database " + name));
  return {};
}

Result<void> drop_database(const std::string& url, const std::string& name) {
  auto dropped = run_alone(url, "DROP DATABASE IF EXISTS ", name, " WITH (FORCE)");
  if (!dropped) return fail(std::move(dropped).error().during("drop database " + name));
  return {};
}

}  // namespace letterlock::postgres
