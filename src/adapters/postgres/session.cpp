#include "adapters/postgres/session.h"

#include <pqxx/pqxx>

#include "adapters/postgres/error_map.h"

namespace letterlock::postgres {

struct Session::Impl {
  explicit Impl(const std::string& url) : connection(url) {}
  pqxx::connection connection;
};

Session::Session(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
Session::~Session() = default;

Result<std::unique_ptr<Session>> Session::connect(const std::string& url) {
  try {
    return std::unique_ptr<Session>(new Session(std::make_unique<Impl>(url)));
  } catch (...) {
    return fail(error_of_current_exception().during("PostgreSQL session"));
  }
}

Result<bool> Session::try_lock(std::int64_t key) {
  try {
    pqxx::nontransaction work(impl_->connection);
    return work.exec("SELECT pg_try_advisory_lock($1)", pqxx::params{key}).one_row()[0].as<bool>();
  } catch (...) {
    return fail(error_of_current_exception().during("PostgreSQL session"));
  }
}

Result<void> Session::check() {
  try {
    pqxx::nontransaction work(impl_->connection);
    work.exec("SELECT 1");
    return {};
  } catch (...) {
    return fail(error_of_current_exception().during("PostgreSQL session"));
  }
}

Result<void> Session::listen(const std::string& channel) {
  try {
    impl_->connection.listen(channel, [](pqxx::notification) {});
    return {};
  } catch (...) {
    return fail(error_of_current_exception().during("PostgreSQL session"));
  }
}

Result<bool> Session::wait(std::chrono::milliseconds timeout) {
  try {
    const auto seconds = std::chrono::duration_cast<std::chrono::seconds>(timeout);
    const auto rest = std::chrono::duration_cast<std::chrono::microseconds>(timeout - seconds);
    return impl_->connection.await_notification(seconds.count(), static_cast<long>(rest.count())) > 0;
  } catch (...) {
    return fail(error_of_current_exception().during("PostgreSQL session"));
  }
}

}  // namespace letterlock::postgres
