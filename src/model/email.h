#pragma once

// A message as the rules see it. Field names are the column names of the tenant's file (migrations/tenant/).
// Text is valid UTF-8 without NUL: mail/ replaces what is not. Addresses and domains are lower-cased; domains are
// in Unicode (U-label) form, "registrable" means public suffix plus one label.

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/clock.h"
#include "model/ids.h"

namespace letterlock {

enum class Direction { inbound, internal, outbound };
std::string_view to_string(Direction direction);
std::optional<Direction> direction_from(std::string_view name);

struct Recipient {
  std::string kind;     // "to", "cc", "bcc", "reply_to"
  std::string address;  // lower-cased; may be something that is no SMTP address (X.500 DN, broken header)
  std::string name;     // display name, decoded
  std::string domain;   // registrable domain of the address, or empty

  friend bool operator==(const Recipient&, const Recipient&) = default;
};

struct Link {
  std::string url;             // as in the message, at most 8 KiB
  std::string host;            // of the url after unwrapping known rewriters (Safe Links, Proofpoint, Google)
  std::string domain;          // registrable domain of host
  std::string display_text;    // the anchor's text, white space folded, at most 1 KiB; empty for a bare URL in text
  std::string display_domain;  // registrable domain of a URL or host name that display_text shows, or empty
  std::string origin;          // "html", "text"

  friend bool operator==(const Link&, const Link&) = default;
};

struct Attachment {
  std::string part_id;  // "1.2": path in the MIME tree; Graph: attachment id
  std::string filename;
  std::string declared_type;    // as the header says, lower-cased
  std::string sniffed_type;     // from the first bytes, or empty
  std::int64_t size_bytes = 0;  // decoded
  std::string sha256;           // hex of the decoded bytes; empty where they were not fetched
  bool is_inline = false;

  friend bool operator==(const Attachment&, const Attachment&) = default;
};

// A bank account that the message names, its check digits verified (mail/payment.h).
struct PaymentInstrument {
  std::string kind;     // "iban", "us_routing", "bic", "sort_code"
  std::string value;    // upper case without blanks and hyphens
  std::string account;  // the account number beside a routing number or sort code, digits; or empty
  std::string country;  // ISO 3166-1 alpha-2
  std::string bank;     // the part of value that names the bank
  std::string origin;   // "body", "quoted", "attachment"

  friend bool operator==(const PaymentInstrument&, const PaymentInstrument&) = default;
};

// What the receiver said about authentication: the topmost Authentication-Results whose authserv-id is one that the
// connection trusts. Each verdict is the RFC 8601 result word ("pass", "fail", "none", …) or empty when not given.
struct Authentication {
  bool trusted = false;  // a header of the receiver's own was found
  std::string authserv_id;
  std::string spf;
  std::string dkim;
  std::string dkim_domain;  // header.d of the first passing signature, else of the first
  std::string dmarc;
  std::string compauth;  // Microsoft's composite verdict

  friend bool operator==(const Authentication&, const Authentication&) = default;
};

struct Email {
  MailboxId mailbox_id;
  ProviderMessageId provider_message_id;
  std::string thread_id;                // Gmail threadId, Graph conversationId, else empty
  FolderId folder_id;                   // Graph parentFolderId; empty where labels are used
  std::vector<std::string> labels;      // Gmail labelIds; Graph categories
  std::string message_id;               // Message-ID without angle brackets; empty when missing
  std::string in_reply_to;              // first id of In-Reply-To
  std::vector<std::string> references;  // ids of References, at most 100, the newest kept
  Direction direction = Direction::inbound;
  std::string from_address;
  std::string from_name;       // display name, decoded
  std::string from_domain;     // registrable domain of from_address
  std::string sender_address;  // Sender header, or empty
  std::string return_path;     // address of the topmost Return-Path, or empty
  std::string subject;         // decoded, at most 2 KiB
  std::string subject_base;    // without leading Re:/Fwd:/AW:… and [list] tags, white space folded
  bool is_reply = false;       // by In-Reply-To, References or subject prefix
  bool is_draft = false;
  bool is_list = false;                  // List-Id or List-Unsubscribe or Precedence: list/bulk
  bool is_auto = false;                  // Auto-Submitted other than "no", bounces, calendar replies
  std::optional<TimePoint> date_header;  // Date: (the sender's word)
  TimePoint received_at;                 // the receiver's time: internalDate, receivedDateTime, topmost Received
  std::string body_text;                 // current text, plain, at most 256 KiB
  std::string quoted_text;               // what is quoted below, at most 256 KiB
  bool has_html = false;
  std::string mailer;           // X-Mailer or User-Agent
  std::int64_t size_bytes = 0;  // of the raw message
  std::string raw_sha256;       // hex, of the raw bytes
  Authentication authentication;
  std::vector<Recipient> recipients;                   // at most 2,000 kept
  std::vector<Link> links;                             // at most 500 kept
  std::vector<Attachment> attachments;                 // at most 200 kept
  std::vector<PaymentInstrument> payment_instruments;  // at most 100 kept
  std::vector<std::string> parse_notes;                // what was cut or mended ("body_text cut at 262144 bytes", "5000 parts, 1000 read")

  friend bool operator==(const Email&, const Email&) = default;
};

}  // namespace letterlock
