#pragma once

// Subjects without what mail programs and lists put in front. Pure; any thread.

#include <string>
#include <string_view>

namespace letterlock::mail {

struct SubjectReading {
  std::string base;         // without prefixes and tags
  bool is_reply = false;    // a reply prefix stood there (Re, AW, SV, …)
  bool is_forward = false;  // a forward prefix stood there (Fwd, WG, TR, …)
};

SubjectReading read_subject(std::string_view decoded);

}  // namespace letterlock::mail
