#pragma once

// Understanding a message: bytes or Graph JSON fields in, model::Email out. Pure: no I/O, no clock, any thread.
// Never throws and never fails on bad input short of "this is no message at all": what was cut or mended is in parse_notes.

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "mail/pdf_text.h"
#include "model/email.h"

namespace letterlock::mail {

struct ParseLimits {
  std::size_t body_text_bytes_max = 256 << 10;
  std::size_t html_bytes_max = 4 << 20;  // of one part; the rest is not looked at
  int parts_max = 1000;
  int depth_max = 32;
  int links_max = 500;
  int recipients_max = 2000;
  int attachments_max = 200;
  int payment_instruments_max = 100;
  PdfLimits pdf;                                    // of one PDF attachment
  int attachments_read_max = 5;                     // whose text is looked at: PDF, plain text, HTML
  std::size_t attachment_text_bytes_max = 1 << 20;  // of a plain text or HTML attachment; larger ones are not read
};

struct ParseContext {
  std::vector<std::string> trusted_authserv_ids;  // lower-cased
  std::vector<std::string> tenant_domains;        // for direction
  std::string mailbox_address;                    // for direction when From is missing
  ParseLimits limits;
};

// Parse RFC 5322 bytes. The caller sets mailbox_id, provider_message_id, thread_id, folder_id, labels and, where the
// provider says them, received_at and is_draft. received_at falls back to the topmost Received, then Date, then 1970-01-01.
// invalid: empty input, or input without one readable header field.
Result<Email> parse_message(std::string_view bytes, const ParseContext& context);

// The same from Microsoft Graph's message resource (JSON): internetMessageHeaders, from, body, … and, where fetched,
// "attachments" (with contentBytes where those were fetched). Sets provider ids, folder, times and draft flag too.
Result<Email> parse_graph_message(std::string_view json, const ParseContext& context);

}  // namespace letterlock::mail
