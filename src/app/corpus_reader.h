#pragma once

// The files of a corpus: its manifest, and messages by their path "ARCHIVE!MEMBER" or file name, beside the manifest.

#include <filesystem>
#include <functional>
#include <string>
#include <vector>

#include "base/result.h"
#include "domain/evaluation/corpus.h"

namespace letterlock {

// invalid: no manifest.json there, or not of the format.
Result<evaluation::Corpus> read_corpus_manifest(const std::filesystem::path& folder);

// Give each wanted message with its bytes to the sink, archive by archive; a path that is not there is passed over.
// invalid: a path that leads out of the folder, a damaged archive, a message over 150 MiB.
Result<void> read_corpus_messages(const std::filesystem::path& folder, const std::vector<const evaluation::CorpusMessage*>& wanted,
                                  const std::function<void(const evaluation::CorpusMessage&, std::string)>& sink);

// Every member of an archive with its bytes. Limits as above.
Result<void> read_archive(const std::filesystem::path& file, const std::function<void(std::string path, std::string bytes)>& sink);

}  // namespace letterlock
