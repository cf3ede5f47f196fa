#include "adapters/http/client.h"

#include <curl/curl.h>

#include <algorithm>
#include <cctype>
#include <condition_variable>
#include <fstream>
#include <mutex>
#include <sstream>
#include <thread>
#include <unordered_map>

#include "adapters/http/public_client.h"
#include "base/public_address.h"
#include "base/result.h"

namespace letterlock::http {
namespace {

constexpr long connections_total_max = 256;
constexpr std::chrono::milliseconds poll_max{1000};  // the loop wakes up at least this often

std::optional<std::string> read_file(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  if (!file) return std::nullopt;
  std::ostringstream text;
  text << file.rdbuf();
  return std::move(text).str();
}

// The requests of one send_all; lives on its caller's stack until it is over. The loop starts each as another ends: waking the caller
// for it would cost two changes of thread a request.
struct Batch {
  std::uint64_t id = 0;
  std::vector<ClientRequest> requests;
  std::size_t in_flight_max = 1;
  std::vector<std::optional<Result<ClientResponse>>> answers;  // the loop's until over
  std::size_t next = 0, in_flight = 0;                         // the loop's
  std::mutex mutex;                                            // of the next two
  std::condition_variable_any changed;
  bool over = false;  // the loop touches it no more
};

// One exchange of a batch; the loop's alone.
struct Transfer {
  ClientRequest request;
  ClientResponse response;
  Batch* batch = nullptr;
  std::size_t index = 0;  // in the batch
  curl_slist* header_list = nullptr;
  CURL* handle = nullptr;
  bool too_large = false;
  bool private_address = false;
  char error_text[CURL_ERROR_SIZE] = {};

  ~Transfer() { curl_slist_free_all(header_list); }
};

std::size_t on_body(char* bytes, std::size_t, std::size_t count, void* user) {
  auto& transfer = *static_cast<Transfer*>(user);
  if (transfer.response.body.size() + count > transfer.request.body_bytes_max) {
    transfer.too_large = true;
    return CURL_WRITEFUNC_ERROR;
  }
  transfer.response.body.append(bytes, count);
  return count;
}

std::size_t on_header(char* bytes, std::size_t, std::size_t count, void* user) {
  auto& transfer = *static_cast<Transfer*>(user);
  std::string_view line(bytes, count);
  while (!line.empty() && (line.back() == '\r' || line.back() == '\n')) line.remove_suffix(1);
  if (line.starts_with("HTTP/")) {
    transfer.response.headers.clear();  // of an interim answer
    return count;
  }
  const auto colon = line.find(':');
  if (colon == std::string_view::npos) return count;
  std::string name(line.substr(0, colon));
  std::ranges::transform(name, name.begin(), [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
  auto value = line.substr(colon + 1);
  while (!value.empty() && (value.front() == ' ' || value.front() == '\t')) value.remove_prefix(1);
  while (!value.empty() && (value.back() == ' ' || value.back() == '\t')) value.remove_suffix(1);
  transfer.response.headers.emplace_back(std::move(name), std::string(value));
  return count;
}

// Looked at after names are resolved, when the address is what will be connected to.
curl_socket_t on_open_socket(void* user, curlsocktype, curl_sockaddr* address) {
  if (is_public_address(&address->addr)) return socket(address->family, address->socktype, address->protocol);
  static_cast<Transfer*>(user)->private_address = true;
  return CURL_SOCKET_BAD;
}

Error error_of(CURLcode code, const Transfer& transfer) {
  const std::string where = transfer.request.method + " " + origin_of(transfer.request.url) + ": ";
  if (transfer.private_address)
    return {.kind = ErrorKind::invalid, .message = where + "its address is not on the public internet", .code = "private_address"};
  if (transfer.too_large)
    return {.kind = ErrorKind::invalid,
            .message = where + "the answer is longer than " + std::to_string(transfer.request.body_bytes_max) + " bytes",
            .code = "body_too_large"};
  const std::string what = transfer.error_text[0] ? transfer.error_text : curl_easy_strerror(code);
  switch (code) {
    case CURLE_URL_MALFORMAT:
    case CURLE_UNSUPPORTED_PROTOCOL:
      return {.kind = ErrorKind::invalid, .message = where + what, .code = "bad_url"};
    case CURLE_OPERATION_TIMEDOUT:
      return {.kind = ErrorKind::unavailable, .message = where + what, .code = "timeout"};
    default:
      return {.kind = ErrorKind::unavailable, .message = where + what};
  }
}

class CurlClient final : public Client {
 public:
  CurlClient(ClientOptions options, std::string ca_bundle, bool public_addresses_only)
      : options_(std::move(options)), ca_bundle_(std::move(ca_bundle)), public_addresses_only_(public_addresses_only) {
    multi_ = curl_multi_init();
    CHECK(multi_ != nullptr);
    curl_multi_setopt(multi_, CURLMOPT_PIPELINING, CURLPIPE_MULTIPLEX);
    curl_multi_setopt(multi_, CURLMOPT_MAX_HOST_CONNECTIONS, static_cast<long>(options_.connections_per_host_max));
    curl_multi_setopt(multi_, CURLMOPT_MAX_TOTAL_CONNECTIONS, connections_total_max);
    loop_ = std::thread([this] { run(); });
  }

  ~CurlClient() override {
    {
      const std::lock_guard lock(mutex_);
      stopping_ = true;
    }
    curl_multi_wakeup(multi_);
    loop_.join();
    curl_multi_cleanup(multi_);
  }

  Result<ClientResponse> send(const ClientRequest& request, std::stop_token stop) override {
    auto results = send_all({request}, 1, std::move(stop));
    return std::move(results.front());
  }

  std::vector<Result<ClientResponse>> send_all(std::vector<ClientRequest> requests, int concurrency, std::stop_token stop) override {
    if (requests.empty()) return {};
    Batch batch;
    batch.in_flight_max = static_cast<std::size_t>(std::max(1, concurrency));
    batch.answers.resize(requests.size());
    batch.requests = std::move(requests);
    if (!stop.stop_requested()) {
      submit(batch);
      std::unique_lock lock(batch.mutex);
      if (!batch.changed.wait(lock, stop, [&] { return batch.over; })) {
        lock.unlock();
        cancel(batch.id);
        lock.lock();
        batch.changed.wait(lock, [&] { return batch.over; });
      }
    }
    std::vector<Result<ClientResponse>> results;
    for (auto& answer : batch.answers) {
      if (answer)
        results.push_back(std::move(*answer));
      else
        results.push_back(fail(cancelled_error()));
    }
    return results;
  }

 private:
  static Error cancelled_error() { return {.kind = ErrorKind::unavailable, .message = "the request was cancelled", .code = "cancelled"}; }

  void submit(Batch& batch) {
    {
      const std::lock_guard lock(mutex_);
      batch.id = ++last_id_;
      submitted_.push_back(&batch);
    }
    curl_multi_wakeup(multi_);
  }

  // By its number: a batch may be over, and gone, before the loop hears of it.
  void cancel(std::uint64_t batch_id) {
    {
      const std::lock_guard lock(mutex_);
      cancelled_.push_back(batch_id);
    }
    curl_multi_wakeup(multi_);
  }

  // From here on: the loop's thread alone.

  void run() {
    while (true) {
      std::vector<Batch*> submitted;
      std::vector<std::uint64_t> cancelled;
      bool stopping = false;
      {
        const std::lock_guard lock(mutex_);
        submitted.swap(submitted_);
        cancelled.swap(cancelled_);
        stopping = stopping_;
      }
      for (auto* batch : submitted) start_next(*batch);
      for (const auto id : cancelled) end_early(id);
      if (stopping) break;
      int running = 0;
      curl_multi_perform(multi_, &running);
      int left = 0;
      while (const CURLMsg* message = curl_multi_info_read(multi_, &left))
        if (message->msg == CURLMSG_DONE) complete(message->easy_handle, message->data.result);
      curl_multi_poll(multi_, nullptr, 0, static_cast<int>(poll_max.count()), nullptr);
    }
    while (!active_.empty()) end_early(active_.begin()->second->batch->id);
  }

  // As many more of the batch as may be in flight; where none is left, it is over.
  void start_next(Batch& batch) {
    while (batch.next < batch.requests.size() && batch.in_flight < batch.in_flight_max) {
      auto owned = std::make_unique<Transfer>();
      Transfer& transfer = *owned;
      transfer.batch = &batch;
      transfer.index = batch.next++;
      transfer.request = std::move(batch.requests[transfer.index]);
      transfer.handle = curl_easy_init();
      CHECK(transfer.handle != nullptr);
      configure(transfer);
      active_.emplace(transfer.handle, std::move(owned));
      ++batch.in_flight;
      if (curl_multi_add_handle(multi_, transfer.handle) != CURLM_OK)
        record(transfer.handle, fail(ErrorKind::internal, "the HTTP client refused a request"));
    }
    if (batch.in_flight > 0) return;
    const std::lock_guard lock(batch.mutex);
    batch.over = true;
    batch.changed.notify_all();  // under the lock: the batch is gone once its owner has seen it
  }

  // What is in flight and what was not started yet ends as cancelled.
  void end_early(std::uint64_t batch_id) {
    std::vector<CURL*> handles;
    for (const auto& [handle, transfer] : active_)
      if (transfer->batch->id == batch_id) handles.push_back(handle);
    if (handles.empty()) return;  // it is over
    Batch& batch = *active_.at(handles.front())->batch;
    batch.next = batch.requests.size();
    for (auto* handle : handles) record(handle, fail(cancelled_error()));
    start_next(batch);
  }

  void configure(Transfer& transfer) {
    CURL* const handle = transfer.handle;
    const auto& request = transfer.request;
    curl_easy_setopt(handle, CURLOPT_URL, request.url.c_str());
    curl_easy_setopt(handle, CURLOPT_PROTOCOLS_STR, "http,https");
    curl_easy_setopt(handle, CURLOPT_FOLLOWLOCATION, 0L);
    curl_easy_setopt(handle, CURLOPT_NOSIGNAL, 1L);
    curl_easy_setopt(handle, CURLOPT_HTTP_VERSION, static_cast<long>(CURL_HTTP_VERSION_2TLS));
    // Wait for a shared connection only where its kind is known after the handshake: over plain HTTP libcurl would wait for an answer.
    curl_easy_setopt(handle, CURLOPT_PIPEWAIT, origin_of(request.url).starts_with("https:") ? 1L : 0L);
    curl_easy_setopt(handle, CURLOPT_ACCEPT_ENCODING, "");  // whatever this libcurl can decode
    curl_easy_setopt(handle, CURLOPT_CONNECTTIMEOUT_MS, static_cast<long>(request.connect_timeout.count()));
    curl_easy_setopt(handle, CURLOPT_TIMEOUT_MS, static_cast<long>(request.timeout.count()));
    curl_easy_setopt(handle, CURLOPT_LOW_SPEED_LIMIT, 1L);
    curl_easy_setopt(handle, CURLOPT_LOW_SPEED_TIME,
                     static_cast<long>(std::chrono::ceil<std::chrono::seconds>(request.stall_timeout).count()));
    if (!ca_bundle_.empty()) {
      curl_blob blob{.data = const_cast<char*>(ca_bundle_.data()), .len = ca_bundle_.size(), .flags = CURL_BLOB_NOCOPY};
      curl_easy_setopt(handle, CURLOPT_CAINFO_BLOB, &blob);
    }
    if (public_addresses_only_) {
      curl_easy_setopt(handle, CURLOPT_PROXY, "");
      curl_easy_setopt(handle, CURLOPT_OPENSOCKETFUNCTION, on_open_socket);
      curl_easy_setopt(handle, CURLOPT_OPENSOCKETDATA, &transfer);
    }
    curl_easy_setopt(handle, CURLOPT_ERRORBUFFER, transfer.error_text);
    curl_easy_setopt(handle, CURLOPT_WRITEFUNCTION, on_body);
    curl_easy_setopt(handle, CURLOPT_WRITEDATA, &transfer);
    curl_easy_setopt(handle, CURLOPT_HEADERFUNCTION, on_header);
    curl_easy_setopt(handle, CURLOPT_HEADERDATA, &transfer);
    if (request.method == "HEAD") {
      curl_easy_setopt(handle, CURLOPT_NOBODY, 1L);
    } else if (request.method != "GET" || !request.body.empty()) {
      if (!request.body.empty() || request.method != "DELETE") {
        curl_easy_setopt(handle, CURLOPT_POSTFIELDSIZE_LARGE, static_cast<curl_off_t>(request.body.size()));
        curl_easy_setopt(handle, CURLOPT_POSTFIELDS, request.body.data());
      }
      curl_easy_setopt(handle, CURLOPT_CUSTOMREQUEST, request.method.c_str());
      // libcurl would call a body a form; the caller says what it is.
      transfer.header_list = curl_slist_append(transfer.header_list, "Content-Type:");
    }
    for (const auto& [name, value] : request.headers)
      transfer.header_list = curl_slist_append(transfer.header_list, value.empty() ? (name + ";").c_str() : (name + ": " + value).c_str());
    curl_easy_setopt(handle, CURLOPT_HTTPHEADER, transfer.header_list);
  }

  void complete(CURL* handle, CURLcode code) {
    auto& transfer = *active_.at(handle);
    Batch& batch = *transfer.batch;
    if (code == CURLE_OK) {
      long status = 0;
      curl_easy_getinfo(handle, CURLINFO_RESPONSE_CODE, &status);
      transfer.response.status = static_cast<int>(status);
      record(handle, std::move(transfer.response));
    } else {
      record(handle, fail(error_of(code, transfer)));
    }
    start_next(batch);
  }

  void record(CURL* handle, Result<ClientResponse> answer) {
    const auto node = active_.extract(handle);
    auto& transfer = *node.mapped();
    curl_multi_remove_handle(multi_, handle);
    curl_easy_cleanup(handle);
    transfer.batch->answers[transfer.index] = std::move(answer);
    --transfer.batch->in_flight;
  }

  const ClientOptions options_;
  const std::string ca_bundle_;
  const bool public_addresses_only_;
  CURLM* multi_ = nullptr;
  std::mutex mutex_;  // of the next four
  std::vector<Batch*> submitted_;
  std::vector<std::uint64_t> cancelled_;
  std::uint64_t last_id_ = 0;
  bool stopping_ = false;
  std::unordered_map<CURL*, std::unique_ptr<Transfer>> active_;
  std::thread loop_;
};

Result<std::unique_ptr<Client>> make(ClientOptions options, bool public_addresses_only) {
  static const CURLcode global = curl_global_init(CURL_GLOBAL_DEFAULT);
  if (global != CURLE_OK) return fail(ErrorKind::internal, "libcurl does not start");
  std::string bundle;
  if (!options.ca_file.empty()) {
    const auto own = read_file(options.ca_file);
    if (!own) return fail(ErrorKind::invalid, "the CA file " + options.ca_file + " cannot be read");
    const auto* info = curl_version_info(CURLVERSION_NOW);
    if (info->cainfo) bundle = read_file(info->cainfo).value_or("") + "\n";
    bundle += *own;
  }
  return std::make_unique<CurlClient>(std::move(options), std::move(bundle), public_addresses_only);
}

}  // namespace

Result<std::unique_ptr<Client>> make_client(ClientOptions options) { return make(std::move(options), false); }
Result<std::unique_ptr<Client>> make_public_client(ClientOptions options) { return make(std::move(options), true); }

}  // namespace letterlock::http
