#include <glaze/glaze.hpp>
#include <optional>

#include "domain/detection/evidence.h"

namespace letterlock::detection {

// Outside the anonymous namespace: glaze reflects on names.
struct EvidenceSignal {
  std::string name;
  std::optional<std::string> value;
};
struct EvidenceRow {
  std::string table;
  glz::raw_json key;
};
struct Evidence {
  std::vector<EvidenceSignal> signals;
  std::vector<EvidenceRow> rows;
};

namespace {

Result<Evidence> read_evidence(std::string_view json) {
  Evidence evidence;
  const std::string text(json);
  if (const auto error = glz::read_json(evidence, text))
    return fail(ErrorKind::invalid,
                "evidence is not {\"signals\":[{\"name\",\"value\"}],\"rows\":[{\"table\",\"key\"}]}: " + glz::format_error(error));
  return evidence;
}

}  // namespace

Result<std::string> tidy_evidence(std::string_view json) {
  auto evidence = TRY(read_evidence(json));
  std::erase_if(evidence.signals, [](const auto& signal) { return !signal.value; });
  if (evidence.signals.empty() || evidence.rows.empty()) return fail(ErrorKind::invalid, "evidence names no signal or no row");
  for (const auto& row : evidence.rows)
    if (row.table.empty() || !row.key.str.starts_with('{')) return fail(ErrorKind::invalid, "evidence has a row without table or key");
  auto out = glz::write_json(evidence);
  if (!out) return fail(ErrorKind::internal, "writing evidence as JSON");
  return std::move(*out);
}

Result<std::vector<std::string>> signal_names(std::string_view json) {
  const auto evidence = TRY(read_evidence(json));
  std::vector<std::string> names;
  for (const auto& signal : evidence.signals) names.push_back(signal.name);
  return names;
}

}  // namespace letterlock::detection
