#pragma once

// A letterlock-sim of a test's own: started by create(), stopped by the destructor, never outliving the test. Owned by the
// test; create it on the thread that lives as long as it does (the kernel ends the child with the thread that made it).

#include <sys/types.h>

#include <chrono>
#include <memory>
#include <string>
#include <vector>

#include "adapters/http/client.h"
#include "base/result.h"

namespace letterlock::testing {

class SimProcess {
 public:
  struct Connection {
    std::string settings_json;  // as a connection row holds it
    std::string secret_json;
    std::string domain;
  };

  // arguments: of letterlock-sim beyond --ready-file and --truth-file, such as {"--page-size", "7"}.
  static Result<std::unique_ptr<SimProcess>> start(std::vector<std::string> arguments = {},
                                                   std::chrono::seconds deadline = std::chrono::seconds(60));
  ~SimProcess();
  SimProcess(const SimProcess&) = delete;
  SimProcess& operator=(const SimProcess&) = delete;

  const Connection& google() const { return google_; }
  const Connection& microsoft() const { return microsoft_; }  // by secret
  const Connection& microsoft_by_certificate() const { return microsoft_by_certificate_; }
  const std::string& google_url() const { return google_url_; }
  const std::string& microsoft_url() const { return microsoft_url_; }
  const std::string& control_url() const { return control_url_; }
  const std::string& ready_file() const { return ready_file_; }
  const std::string& truth_file() const { return truth_file_; }  // the woven stories

  // Ask a control endpoint, such as control("/control/faults", R"({…})"); an empty body means GET. Any status but 200 is an error.
  Result<std::string> control(const std::string& path, const std::string& json = "");

 private:
  SimProcess() = default;
  Result<void> read_ready_file();

  pid_t pid_ = -1;
  std::string folder_, ready_file_, truth_file_, google_url_, microsoft_url_, control_url_;
  Connection google_, microsoft_, microsoft_by_certificate_;
  std::unique_ptr<http::Client> client_;
};

}  // namespace letterlock::testing
