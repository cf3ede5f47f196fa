// How fast a tenant's file takes appends of 100 ordinary messages and gives a message back, and whether that stays so as it grows.
// storage_bench [rows…]: at each number of stored rows (0, 100000 and 300000 unless told), 50 appends and 200 readings are timed.

#include <time.h>
#include <unistd.h>

#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <map>

#include "adapters/duckdb/duckdb_repository.h"
#include "base/encoding.h"
#include "targets/api/alert_message.h"

namespace letterlock {
namespace {

constexpr int append_messages = 100;
constexpr int timed_appends = 50;
constexpr int timed_readings = 200;
const TenantId tenant("11111111-1111-4111-8111-111111111111");

std::uint64_t random_state = 42;
std::uint64_t next_random() {
  random_state = random_state * 6364136223846793005u + 1442695040888963407u;
  return random_state >> 33;
}

std::string words(std::size_t bytes) {
  static constexpr const char* vocabulary[] = {"invoice",  "payment", "regards",  "meeting", "project", "attached", "please", "transfer",
                                               "question", "monday",  "delivery", "account", "kindly",  "approve",  "budget", "team"};
  std::string text;
  while (text.size() < bytes) {
    text += vocabulary[next_random() % 16];
    text += next_random() % 8 == 0 ? std::to_string(next_random() % 100'000) + ' ' : " ";
  }
  text.resize(bytes);
  return text;
}

MailboxId mailbox_of(std::int64_t number) { return MailboxId("user-" + std::to_string(number / append_messages % 50)); }
ProviderMessageId message_id_of(std::int64_t number) { return ProviderMessageId(to_hex(sha256(std::to_string(number)).substr(0, 8))); }

EmailRecord message(std::int64_t number) {
  EmailRecord record;
  Email& email = record.email;
  email.mailbox_id = mailbox_of(number);
  email.provider_message_id = message_id_of(number);
  email.thread_id = email.provider_message_id.str();
  email.labels = {"INBOX", "UNREAD"};
  email.message_id = "CA" + std::to_string(number) + "@mail.partner.example";
  email.from_address = "person" + std::to_string(next_random() % 3'000) + "@partner.example";
  email.from_name = "Person Name";
  email.from_domain = "partner.example";
  email.subject = words(50);
  email.subject_base = email.subject;
  email.received_at = from_unix_micros(1'700'000'000'000'000 + number * 1'000'000);
  email.date_header = email.received_at;
  email.body_text = words(2'000);
  email.quoted_text = words(1'000);
  email.raw_sha256 = sha256_hex(email.message_id);
  email.authentication = {
      .trusted = true, .authserv_id = "mx.example", .spf = "pass", .dkim = "pass", .dkim_domain = "partner.example", .dmarc = "pass"};
  for (int i = 0; i < 3; ++i) {
    const std::string name = "colleague" + std::to_string(next_random() % 500);
    email.recipients.push_back({.kind = "to", .address = name + "@firma.example", .name = name, .domain = "firma.example"});
    const std::string host = "www" + std::to_string(next_random() % 1'000) + ".shop.example";
    email.links.push_back({.url = "https://" + host + "/path?id=" + std::to_string(next_random()),
                           .host = host,
                           .domain = "shop.example",
                           .display_text = "Click here",
                           .origin = "html"});
  }
  record.raw = {.format = "rfc5322", .bytes = words(5'000)};
  email.size_bytes = static_cast<std::int64_t>(record.raw.bytes.size());
  return record;
}

// Of all threads of this process: the machine may be busy with something else.
double processor_ms() {
  timespec time{};
  clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &time);
  return static_cast<double>(time.tv_sec) * 1e3 + static_cast<double>(time.tv_nsec) / 1e6;
}

std::int64_t resident_mib() {
  std::int64_t total = 0, resident = 0;
  std::ifstream("/proc/self/statm") >> total >> resident;
  return resident * sysconf(_SC_PAGESIZE) / (1 << 20);
}

class Bench {
 public:
  explicit Bench(Storage& storage) : storage_(storage) {}

  // Store until there are that many rows.
  bool fill(std::int64_t rows) {
    while (rows_ < rows)
      if (!append(make())) return false;
    return true;
  }

  bool time_appends() {
    std::vector<Append> steps;
    for (int i = 0; i < timed_appends; ++i) steps.push_back(make());
    std::chrono::duration<double, std::milli> sum{0}, worst{0};
    const double processor_start = processor_ms();
    for (const Append& step : steps) {
      const auto start = std::chrono::steady_clock::now();
      if (!append(step)) return false;
      const std::chrono::duration<double, std::milli> took = std::chrono::steady_clock::now() - start;
      sum += took;
      worst = std::max(worst, took);
    }
    std::printf("%9lld rows: %8.0f messages/s, %6.2f ms/append (worst %7.2f; processor %6.2f), RSS %lld MiB\n",
                static_cast<long long>(rows_ - timed_appends * append_messages), timed_appends * append_messages / (sum.count() / 1000),
                sum.count() / timed_appends, worst.count(), (processor_ms() - processor_start) / timed_appends,
                static_cast<long long>(resident_mib()));
    std::fflush(stdout);
    return true;
  }

  // As an alert's page shows them: from anywhere among the stored ones.
  bool time_readings() {
    const auto start = std::chrono::steady_clock::now();
    const double processor_start = processor_ms();
    for (int i = 0; i < timed_readings; ++i) {
      const std::int64_t number = static_cast<std::int64_t>(next_random()) % rows_;
      const auto read = api::read_alert_message(storage_, tenant, {mailbox_of(number), message_id_of(number)});
      if (!read || read->recipients.size() != 3 || read->links.size() != 3) {
        std::fprintf(stderr, "reading: %s\n", read ? "a message came back without what hangs on it" : read.error().message.c_str());
        return false;
      }
    }
    const std::chrono::duration<double, std::milli> took = std::chrono::steady_clock::now() - start;
    std::printf("%9lld rows: %6.2f ms/reading of a message (processor %6.2f)\n", static_cast<long long>(rows_),
                took.count() / timed_readings, (processor_ms() - processor_start) / timed_readings);
    std::fflush(stdout);
    return true;
  }

 private:
  // The next append, of one mailbox; its cursor is its own.
  Append make() {
    Append step;
    for (int i = 0; i < append_messages; ++i) step.emails.push_back(message(made_++));
    step.cursor = {step.emails[0].email.mailbox_id, "gmail", {}};
    step.seen_version = versions_[step.cursor.mailbox_id]++;
    step.next_value = "{\"history_id\":\"" + std::to_string(made_) + "\"}";
    step.at = step.emails[0].email.received_at;
    return step;
  }

  bool append(const Append& step) {
    const auto result = storage_.append(tenant, step);
    if (!result) std::fprintf(stderr, "append: %s\n", result.error().message.c_str());
    if (!result) return false;
    rows_ += result->inserted;
    return true;
  }

  Storage& storage_;
  std::map<MailboxId, std::int64_t> versions_;
  std::int64_t made_ = 0;
  std::int64_t rows_ = 0;
};

int run(std::vector<std::int64_t> sizes) {
  if (sizes.empty()) sizes = {0, 100'000, 300'000};
  const auto folder = std::filesystem::temp_directory_path() / ("letterlock-bench-" + new_uuid());
  SystemClock clock;
  Metrics metrics;
  auto repository = DuckDBRepository::open({.folder = folder.string(),
                                            .migrations_folder = LETTERLOCK_SOURCE_DIR "/migrations/tenant",
                                            .data_key = [](const TenantId&) -> Result<DataKey> { return DataKey{std::string(32, 'k')}; }},
                                           clock, metrics);
  if (!repository) {
    std::fprintf(stderr, "%s\n", repository.error().message.c_str());
    return 1;
  }
  Bench bench(**repository);
  bool good = true;
  for (const std::int64_t size : sizes) good = good && bench.fill(size) && bench.time_appends() && bench.time_readings();
  repository->reset();
  std::error_code error;
  for (const auto& entry : std::filesystem::directory_iterator(folder, error))
    std::printf("%s: %lld MiB\n", entry.path().extension().c_str(), static_cast<long long>(entry.file_size() >> 20));
  std::filesystem::remove_all(folder, error);
  return good ? 0 : 1;
}

}  // namespace
}  // namespace letterlock

int main(int count, char** arguments) {
  std::vector<std::int64_t> sizes;
  for (int i = 1; i < count; ++i) sizes.push_back(std::strtoll(arguments[i], nullptr, 10));
  return letterlock::run(sizes);
}
