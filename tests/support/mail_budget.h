#pragma once

// One input through src/mail, held to what must be true of every input: clean text, and a CPU time that its size bounds, so that work that
// grows with the square of the input is a fault like a crash is. For the fuzzer and for the test that reads again what it found.

#include <cstdio>
#include <cstdlib>
#include <string_view>

#include "base/result.h"
#include "mail/domain.h"
#include "mail/message.h"
#include "mail/text.h"
#include "tests/support/cpu_seconds.h"

namespace letterlock::testing {

// Of an input of that size, with sanitizers; linear work takes a tenth of it.
inline double mail_cpu_seconds_max(std::size_t bytes) { return 0.5 + 10e-6 * static_cast<double>(bytes); }

// CPU seconds that the input took. A broken promise about its text ends the process.
inline double understand(std::string_view bytes) {
  const double begun = thread_cpu_seconds();
  const mail::ParseContext context{
      .trusted_authserv_ids = {"mx.google.com", "microsoft"}, .tenant_domains = {"example.com"}, .mailbox_address = "a@example.com"};
  for (const auto& email : {mail::parse_message(bytes, context), mail::parse_graph_message(bytes, context)})
    if (email) CHECK(mail::is_clean_utf8(email->body_text) && mail::is_clean_utf8(email->subject) && mail::is_clean_utf8(email->from_name));
  mail::address_in_url(mail::unwrap_url(bytes), "ann@example.com");
  mail::lookalike_reason(mail::host_of_url(bytes), "example.com");
  return thread_cpu_seconds() - begun;
}

}  // namespace letterlock::testing
