#include <glaze/glaze.hpp>
#include <set>

#include "domain/evaluation/corpus.h"

namespace letterlock::evaluation {

struct ManifestMessage {
  std::string id, label, subtype, source, path;
};
struct Manifest {
  std::string format, set;
  std::vector<ManifestMessage> messages;
};

Result<Corpus> read_manifest(std::string_view json) {
  Manifest manifest;
  constexpr glz::opts lenient{.error_on_unknown_keys = false, .error_on_missing_keys = false};
  const std::string text(json);  // glaze reads up to a NUL
  if (const auto error = glz::read<lenient>(manifest, text))
    return fail(ErrorKind::invalid, "the manifest is no JSON of a corpus: " + glz::format_error(error, text).substr(0, 200));
  if (manifest.format != "letterlock-corpus-1")
    return fail(ErrorKind::invalid, "the manifest's format is \"" + manifest.format + "\", not \"letterlock-corpus-1\"");
  Corpus corpus{.set = manifest.set};
  std::set<std::string_view> ids;
  for (const auto& message : manifest.messages) {
    if (message.id.empty() || message.source.empty() || message.path.empty())
      return fail(ErrorKind::invalid, "a message of the manifest lacks id, source or path: \"" + message.id + "\"");
    if (message.label != "fraud" && message.label != "ham" && message.label != "spam")
      return fail(ErrorKind::invalid, "message " + message.id + " has the label \"" + message.label + "\", not fraud, ham or spam");
    if (!ids.insert(message.id).second) return fail(ErrorKind::invalid, "the manifest names message " + message.id + " twice");
    corpus.messages.push_back({message.id, message.label, message.subtype, message.source, message.path});
  }
  return corpus;
}

}  // namespace letterlock::evaluation
