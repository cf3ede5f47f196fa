#include "domain/alerts/fingerprint.h"

#include <format>

#include "base/encoding.h"

namespace letterlock {

std::string fingerprint_of(const Finding& finding) {
  std::string text;
  for (const auto& part : {finding.rule_id.str(), finding.entity, finding.dedup_key}) text += std::format("{}:{}", part.size(), part);
  return sha256_hex(text);
}

}  // namespace letterlock
