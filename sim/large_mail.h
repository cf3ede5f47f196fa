#pragma once

// A mail with one attachment as large as is asked for, made whenever it is read and held by nobody. Immutable; any thread.

#include <cstdint>
#include <string>

#include "sim/content.h"

namespace letterlock::sim {

constexpr std::int64_t large_attachment_bytes_max = 256 << 20;

class LargeMail final : public RawSource {
 public:
  LargeMail(std::string address, std::size_t attachment_bytes) : address_(std::move(address)), attachment_bytes_(attachment_bytes) {}
  std::string read() const override;

 private:
  const std::string address_;
  const std::size_t attachment_bytes_;
};

}  // namespace letterlock::sim
