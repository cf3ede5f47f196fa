#pragma once

// From the description of a mail to its RFC 5322 bytes as one mailbox holds them: the receiving provider's own trace and
// authentication headers in front. Pure; any thread.

#include <optional>
#include <string>
#include <vector>

#include "base/clock.h"
#include "sim/content.h"
#include "sim/mime_reader.h"

namespace letterlock::sim {

struct Attachment {
  std::string name;
  std::string type;
  std::string bytes;
};

// How the sending domain fared at the receiver.
struct Authentication {
  std::string spf = "pass";
  std::string dkim = "pass";
  std::string dmarc = "pass";
  std::string dkim_domain;      // empty: the From domain
  std::string envelope_domain;  // empty: the From domain
  std::string ip = "203.0.113.25";
  std::string host;  // empty: mail.<envelope domain>
};

// A mailing list or a forwarder between sender and mailbox: it changes the envelope and seals what it saw (ARC).
struct Relay {
  std::string domain;  // of its envelope sender and of its seal
  std::string host, ip;
  std::string address;       // at which it received the mail
  std::string forwards_for;  // a forwarder: where to; empty for a list
};

struct MailSpec {
  Address from;
  std::vector<Address> to, cc;
  std::optional<Address> reply_to, sender;
  std::string subject;
  std::string text;  // paragraphs with \n; empty: HTML alone
  std::string html;
  std::string message_id;  // with angle brackets
  std::string in_reply_to;
  std::vector<std::string> references;
  TimePoint date;
  int utc_offset_minutes = 0;  // of the sender's clock
  std::string language = "en";
  std::string list_id, list_unsubscribe;
  std::string mailer;
  std::vector<Attachment> attachments;
  std::string calendar;      // a METHOD:REQUEST object
  std::string entity;        // a whole Content-Type line, blank line and body, instead of text, HTML and attachments
  bool null_sender = false;  // envelope sender <>: bounces
  bool automatic = false;    // Auto-Submitted
  Authentication authentication;
  std::optional<Relay> relay;
  std::vector<std::pair<std::string, std::string>> forged_headers;  // written by the sender, below the receiver's own
};

struct Viewpoint {
  ProviderKind provider = ProviderKind::google;
  std::string address;    // of the mailbox
  bool outgoing = false;  // the sender's own copy: no transport headers
  bool internal = false;  // sender and mailbox belong to the same company
};

std::string compose(const MailSpec& spec, const Viewpoint& viewpoint);
std::string domain_of(std::string_view address);
std::string rfc5322_date(TimePoint time, int utc_offset_minutes);
std::string encoded_header(std::string_view text);  // RFC 2047 where needed
std::string html_escaped(std::string_view text);
std::string html_from_text(std::string_view text);

}  // namespace letterlock::sim
