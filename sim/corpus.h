#pragma once

// Real mail from a folder: .eml files anywhere below it, and .tar.zst/.tar.gz/.tar archives of them. Read once at start.

#include <string>
#include <vector>

#include "base/result.h"
#include "sim/content.h"

namespace letterlock::sim {

// All messages below the folder, oldest first by their own date (capped at now). invalid: no such folder, unreadable archive.
Result<std::vector<Delivery>> read_corpus(const std::string& folder, TimePoint now);

// Deal the messages out: every other one to each provider, then to the mailboxes in turn.
std::vector<Delivery> corpus_share(const std::vector<Delivery>& corpus, std::size_t provider, std::size_t mailboxes);

}  // namespace letterlock::sim
