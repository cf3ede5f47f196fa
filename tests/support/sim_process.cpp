#include "tests/support/sim_process.h"

#include <fcntl.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <glaze/json.hpp>
#include <thread>

namespace letterlock::testing {
namespace {

constexpr std::chrono::milliseconds poll_interval{20};

// Wait for the child's end; true once it is gone.
bool wait_for_end(pid_t pid, std::chrono::milliseconds limit) {
  const auto deadline = std::chrono::steady_clock::now() + limit;
  for (;;) {
    if (waitpid(pid, nullptr, WNOHANG) != 0) return true;
    if (std::chrono::steady_clock::now() > deadline) return false;
    std::this_thread::sleep_for(poll_interval);
  }
}

std::string text_of(const glz::generic& object, const char* key) {
  return object.contains(key) && object[key].is_string() ? object[key].get<std::string>() : std::string();
}

std::string dumped(const glz::generic& value) { return value.dump().value_or("{}"); }

}  // namespace

Result<std::unique_ptr<SimProcess>> SimProcess::start(std::vector<std::string> arguments, std::chrono::seconds deadline) {
  std::unique_ptr<SimProcess> sim(new SimProcess());
  std::string folder = (std::filesystem::temp_directory_path() / "letterlock-sim-XXXXXX").string();
  if (!mkdtemp(folder.data())) return fail(ErrorKind::unavailable, "making a folder for letterlock-sim failed");
  sim->folder_ = folder;
  sim->ready_file_ = folder + "/ready.json";
  sim->truth_file_ = folder + "/truth.json";
  const std::string log = folder + "/log";
  const std::string program = LETTERLOCK_BUILD_DIR "/letterlock-sim";
  if (!std::filesystem::exists(program)) return fail(ErrorKind::not_found, program + " is not built: build the target letterlock-sim");
  arguments.insert(arguments.begin(), {program, "--ready-file", sim->ready_file_, "--truth-file", sim->truth_file_});
  std::vector<char*> argv;
  for (auto& argument : arguments) argv.push_back(argument.data());
  argv.push_back(nullptr);

  const pid_t parent = getpid();
  const pid_t child = fork();
  if (child < 0) return fail(ErrorKind::unavailable, "fork failed");
  if (child == 0) {  // only async-signal-safe calls from here on
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    if (getppid() != parent) _exit(127);
    const int file = open(log.c_str(), O_WRONLY | O_CREAT | O_TRUNC, 0600);
    if (file >= 0) {
      dup2(file, 1);
      dup2(file, 2);
    }
    execv(argv[0], argv.data());
    _exit(127);
  }
  sim->pid_ = child;
  sim->client_ = TRY(http::make_client({}));
  const auto end = std::chrono::steady_clock::now() + deadline;
  while (!std::filesystem::exists(sim->ready_file_)) {
    if (waitpid(child, nullptr, WNOHANG) == child) {
      sim->pid_ = -1;
      std::ifstream in(log);
      return fail(ErrorKind::unavailable,
                  "letterlock-sim ended before it was ready: " + std::string(std::istreambuf_iterator<char>(in), {}));
    }
    if (std::chrono::steady_clock::now() > end) return fail(ErrorKind::unavailable, "letterlock-sim was not ready in time");
    std::this_thread::sleep_for(poll_interval);
  }
  TRY(sim->read_ready_file());
  return sim;
}

Result<void> SimProcess::read_ready_file() {
  std::ifstream in(ready_file_);
  const std::string text(std::istreambuf_iterator<char>(in), {});
  glz::generic ready;
  if (glz::read_json(ready, text) || !ready.contains("google") || !ready.contains("microsoft"))
    return fail(ErrorKind::invalid, "letterlock-sim's ready file is not what it should be");
  const auto& google = ready["google"];
  const auto& microsoft = ready["microsoft"];
  google_url_ = text_of(google, "url");
  microsoft_url_ = text_of(microsoft, "url");
  control_url_ = text_of(ready, "control_url");

  glz::generic settings;
  settings["customer"] = "my_customer";
  settings["admin_email"] = text_of(google, "admin_email");
  settings["directory_root"] = google_url_;
  settings["gmail_root"] = google_url_;
  settings["token_url"] = google_url_ + "/token";
  google_ = {.settings_json = dumped(settings), .secret_json = dumped(google["service_account_key"]), .domain = text_of(google, "domain")};

  glz::generic graph;
  graph["tenant"] = text_of(microsoft, "tenant");
  graph["client_id"] = text_of(microsoft, "client_id");
  graph["login_root"] = microsoft_url_;
  graph["graph_root"] = microsoft_url_;
  glz::generic secret;
  secret["client_secret"] = text_of(microsoft, "client_secret");
  microsoft_ = {.settings_json = dumped(graph), .secret_json = dumped(secret), .domain = text_of(microsoft, "domain")};
  glz::generic certificate;
  certificate["certificate_pem"] = text_of(microsoft, "certificate_pem");
  certificate["private_key_pem"] = text_of(microsoft, "private_key_pem");
  microsoft_by_certificate_ = {.settings_json = dumped(graph), .secret_json = dumped(certificate), .domain = text_of(microsoft, "domain")};
  return {};
}

Result<std::string> SimProcess::control(const std::string& path, const std::string& json) {
  http::ClientRequest request{.method = json.empty() ? "GET" : "POST", .url = control_url_ + path, .body = json};
  if (!json.empty()) request.headers.emplace_back("Content-Type", "application/json");
  request.body_bytes_max = 512 << 20;
  auto response = TRY(client_->send(request, {}));
  if (response.status != 200) return fail(ErrorKind::invalid, path + " answered " + std::to_string(response.status) + ": " + response.body);
  return std::move(response.body);
}

SimProcess::~SimProcess() {
  if (pid_ > 0) {
    kill(pid_, SIGTERM);
    if (!wait_for_end(pid_, std::chrono::seconds(10))) {
      kill(pid_, SIGKILL);
      waitpid(pid_, nullptr, 0);
    }
  }
  std::error_code error;
  if (!folder_.empty()) std::filesystem::remove_all(folder_, error);
}

}  // namespace letterlock::testing
