#include "adapters/crypto/key_file.h"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <format>

#include "adapters/crypto/crypto.h"
#include "base/encoding.h"

namespace letterlock::crypto {
namespace {

// Closes the descriptor at the end of its scope.
class Descriptor {
 public:
  explicit Descriptor(int value) : value_(value) {}
  ~Descriptor() {
    if (value_ >= 0) ::close(value_);
  }
  Descriptor(const Descriptor&) = delete;
  Descriptor& operator=(const Descriptor&) = delete;
  int get() const { return value_; }

 private:
  int value_;
};

}  // namespace

Result<std::string> read_key_file(const std::string& file, std::size_t bytes) {
  const Descriptor in(::open(file.c_str(), O_RDONLY | O_CLOEXEC));
  if (in.get() < 0) return fail(ErrorKind::invalid, std::format("key file {}: {}", file, std::strerror(errno)));
  std::string text(bytes * 2 + 64, '\0');  // more than 64 characters too many is wrong anyway
  const auto count = ::read(in.get(), text.data(), text.size());
  if (count < 0) return fail(ErrorKind::invalid, std::format("key file {}: {}", file, std::strerror(errno)));
  text.resize(static_cast<std::size_t>(count));
  while (!text.empty() && std::strchr(" \r\n\t", text.back()) != nullptr) text.pop_back();
  if (text.size() != bytes * 2) {
    const auto found = text.size();
    wipe(text);
    return fail(ErrorKind::invalid, std::format("key file {}: expected {} hex digits, found {} characters", file, bytes * 2, found));
  }
  auto key = from_hex(text);
  wipe(text);
  if (!key) return fail(ErrorKind::invalid, std::format("key file {}: holds something else than hex digits", file));
  return *key;
}

Result<void> create_key_file(const std::string& file, std::string_view key, int mode) {
  const Descriptor out(::open(file.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, mode));
  if (out.get() < 0) {
    const auto kind = errno == EEXIST ? ErrorKind::conflict : ErrorKind::invalid;
    return fail(kind, std::format("creating key file {}: {}", file, std::strerror(errno)));
  }
  auto text = to_hex(key) + "\n";
  const auto written = ::write(out.get(), text.data(), text.size());
  const bool whole = written == static_cast<ssize_t>(text.size()) && ::fsync(out.get()) == 0;
  wipe(text);
  if (!whole) {
    ::unlink(file.c_str());
    return fail(ErrorKind::unavailable, std::format("writing key file {}: {}", file, std::strerror(errno)));
  }
  return {};
}

}  // namespace letterlock::crypto
