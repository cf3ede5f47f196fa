// A libFuzzer target, outside the normal build: clang++ -fsanitize=fuzzer,address with this folder's sources.

#include <cstdint>

#include "base/result.h"
#include "mail/domain.h"
#include "mail/message.h"
#include "mail/text.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace letterlock;
  const std::string_view bytes(reinterpret_cast<const char*>(data), size);
  const mail::ParseContext context{
      .trusted_authserv_ids = {"mx.google.com", "microsoft"}, .tenant_domains = {"example.com"}, .mailbox_address = "a@example.com"};
  for (const auto& email : {mail::parse_message(bytes, context), mail::parse_graph_message(bytes, context)})
    if (email) CHECK(mail::is_clean_utf8(email->body_text) && mail::is_clean_utf8(email->subject) && mail::is_clean_utf8(email->from_name));
  mail::address_in_url(mail::unwrap_url(bytes), "ann@example.com");
  mail::lookalike_reason(mail::host_of_url(bytes), "example.com");
  return 0;
}
