#include "mail/assemble.h"

#include <algorithm>
#include <array>

#include "mail/authentication.h"
#include "mail/domain.h"
#include "mail/html.h"
#include "mail/links.h"
#include "mail/payment.h"
#include "mail/quoted.h"
#include "mail/subject.h"
#include "mail/text.h"

namespace letterlock::mail {
namespace {

constexpr std::size_t subject_bytes_max = 2 << 10;
constexpr std::size_t references_max = 100;
constexpr std::size_t mailer_bytes_max = 256;

constexpr std::array<std::pair<std::string_view, std::string_view>, 4> recipient_fields = {
    {{"to", "To"}, {"cc", "Cc"}, {"bcc", "Bcc"}, {"reply_to", "Reply-To"}}};

std::size_t limit(int value) { return value < 0 ? 0 : static_cast<std::size_t>(value); }

void add_recipients(Email& email, const Draft& draft, std::size_t recipients_max) {
  bool cut = false;
  const auto add = [&](std::string_view kind, std::vector<Address> addresses) {
    for (auto& address : addresses) {
      if (email.recipients.size() >= recipients_max) {
        cut = true;
        return;
      }
      std::string domain = registrable_domain(domain_of_address(address.address));
      email.recipients.push_back({std::string(kind), std::move(address.address), std::move(address.name), std::move(domain)});
    }
  };
  // Reply-To first into the budget: it is short, telling, and must not fall behind a list of 100,000.
  for (const auto index : {3, 0, 1, 2}) {
    const auto& [kind, name] = recipient_fields[static_cast<std::size_t>(index)];
    if (draft.recipients) {
      for (const auto& list : *draft.recipients)
        if (list.kind == kind) add(kind, list.addresses);
      continue;
    }
    for (const auto& field : draft.headers) {
      if (!equals_ignoring_case(field.name, name)) continue;
      const auto room = recipients_max - email.recipients.size();
      if (room == 0) {
        cut = true;
        break;
      }
      add(kind, parse_addresses(field.value, room, &cut));
    }
  }
  std::ranges::stable_partition(email.recipients, [](const Recipient& recipient) { return recipient.kind != "reply_to"; });
  if (cut) email.parse_notes.push_back("recipients cut at " + std::to_string(recipients_max));
}

void add_sender(Email& email, const Draft& draft) {
  std::optional<Address> from = draft.from;
  if (!from) {
    if (const auto* value = find_header(draft.headers, "From")) {
      auto addresses = parse_addresses(*value, 20);
      // Of several the first that is an address; words before it are a name with a comma that nobody quoted.
      const auto real =
          std::ranges::find_if(addresses, [](const Address& address) { return address.address.find('@') != std::string::npos; });
      if (real != addresses.end()) {
        from = *real;
        std::string words;
        for (auto before = addresses.begin(); before != real; ++before) words += before->name + ", ";
        if (from->name.empty() && words.ends_with(", ")) words.resize(words.size() - 2);
        from->name = words + from->name;
      } else if (!addresses.empty()) {
        from = addresses.front();
      }
      if (addresses.size() > 1) email.parse_notes.push_back("several addresses in From");
    }
    if (std::ranges::count_if(draft.headers, [](const HeaderField& field) { return equals_ignoring_case(field.name, "From"); }) > 1)
      email.parse_notes.push_back("several From fields, the first one read");
  }
  if (from) {
    email.from_address = from->address;
    email.from_name = from->name;
    email.from_domain = registrable_domain(domain_of_address(email.from_address));
  }
  if (draft.sender) {
    email.sender_address = draft.sender->address;
  } else if (const auto* value = find_header(draft.headers, "Sender")) {
    const auto addresses = parse_addresses(*value, 1);
    if (!addresses.empty()) email.sender_address = addresses.front().address;
  }
  if (const auto* value = find_header(draft.headers, "Return-Path")) {
    const auto addresses = parse_addresses(*value, 1);
    if (!addresses.empty()) email.return_path = addresses.front().address;
  }
}

void add_subject_and_thread(Email& email, const Draft& draft) {
  auto subject = draft.subject ? fold_space(*draft.subject) : decode_header(header_value(draft.headers, "Subject"));
  if (subject.size() > subject_bytes_max) {
    email.parse_notes.push_back("subject cut at " + std::to_string(subject_bytes_max) + " bytes");
    subject = std::string(cut_utf8(subject, subject_bytes_max));
  }
  email.subject = std::move(subject);
  auto reading = read_subject(email.subject);
  email.subject_base = std::move(reading.base);
  const auto first_id = [&](std::string_view name) {
    auto ids = parse_message_ids(header_value(draft.headers, name), 1000);
    return ids.empty() ? std::string() : std::move(ids.front());
  };
  email.message_id = first_id("Message-ID");
  email.in_reply_to = first_id("In-Reply-To");
  email.references = parse_message_ids(header_value(draft.headers, "References"), references_max);
  email.is_reply = !email.in_reply_to.empty() || !email.references.empty() || reading.is_reply;
}

void add_times(Email& email, const Draft& draft) {
  email.date_header = parse_date(header_value(draft.headers, "Date"));
  std::optional<TimePoint> received;
  for (const auto& field : draft.headers) {
    if (!equals_ignoring_case(field.name, "Received")) continue;
    const auto semicolon = field.value.rfind(';');
    if (semicolon != field.value.npos) received = parse_date(without_comments(std::string_view(field.value).substr(semicolon + 1)));
    if (received) break;  // the topmost that can be read
  }
  email.received_at = received ? *received : email.date_header.value_or(TimePoint{});
}

void add_kind(Email& email, const Draft& draft) {
  const auto precedence = lower(trim(header_value(draft.headers, "Precedence")));
  email.is_list = find_header(draft.headers, "List-Id") || find_header(draft.headers, "List-Unsubscribe") || precedence == "list" ||
                  precedence == "bulk";
  const auto submitted = lower(trim(without_comments(header_value(draft.headers, "Auto-Submitted"))));
  const auto* return_path = find_header(draft.headers, "Return-Path");
  const bool null_sender = return_path && trim(*return_path) == "<>";
  const auto local = std::string_view(email.from_address).substr(0, email.from_address.find('@'));
  email.is_auto = (!submitted.empty() && !submitted.starts_with("no")) || draft.is_report || null_sender || local == "mailer-daemon" ||
                  local == "postmaster" || precedence == "auto_reply" || find_header(draft.headers, "X-Autoreply") ||
                  find_header(draft.headers, "X-Autorespond");
  auto mailer = header_value(draft.headers, "X-Mailer");
  if (mailer.empty()) mailer = header_value(draft.headers, "User-Agent");
  email.mailer = std::string(cut_utf8(decode_header(mailer), mailer_bytes_max));
}

bool is_tenant_host(const std::string& host, const ParseContext& context) {
  if (host.empty()) return false;
  return std::ranges::any_of(context.tenant_domains, [&](const std::string& domain) {
    return host == domain || (host.size() > domain.size() && host.ends_with(domain) && host[host.size() - domain.size() - 1] == '.');
  });
}

// A tenant's own domain in From proves nothing: mail from outside may carry it. Where the receiver judged the message and
// nothing of the tenant's passed (DMARC, an aligned DKIM signature or an aligned SPF), it came from outside.
bool is_spoofed(const AuthenticationReading& reading, const ParseContext& context) {
  const auto& verdict = reading.result;
  if (!verdict.trusted) return false;
  const auto says = [](const std::string& word) { return !word.empty() && word != "none"; };
  if (verdict.spf.empty() && !says(verdict.dkim) && !says(verdict.dmarc)) return false;  // Exchange's form for mail that stayed inside
  if (verdict.dmarc == "pass") return false;
  if (verdict.dmarc == "fail") return true;
  if (verdict.dkim == "pass" && is_tenant_host(verdict.dkim_domain, context)) return false;
  return !(verdict.spf == "pass" && is_tenant_host(reading.mail_from_domain, context));
}

Direction direction_of(const Email& email, const AuthenticationReading& reading, const ParseContext& context) {
  const auto& sender = email.from_address.empty() ? context.mailbox_address : email.from_address;
  if (!is_tenant_host(domain_of_address(sender), context) || is_spoofed(reading, context)) return Direction::inbound;
  for (const auto& recipient : email.recipients) {
    if (recipient.kind == "reply_to") continue;
    const auto host = domain_of_address(recipient.address);
    if (!host.empty() && !is_tenant_host(host, context)) return Direction::outbound;
  }
  return Direction::internal;
}

void cut_text(Email& email, std::string& text, std::string_view name, std::size_t bytes_max) {
  if (text.size() <= bytes_max) return;
  email.parse_notes.push_back(std::string(name) + " cut at " + std::to_string(bytes_max) + " bytes");
  text = std::string(cut_utf8(text, bytes_max));
}

void add_bodies(Email& email, const Draft& draft, const ParseLimits& limits) {
  LinkCollector links(limits.links_max);
  const auto text_max = limits.body_text_bytes_max + 1;
  std::string current, quoted;
  for (const auto& body : draft.bodies) {
    if (!current.empty() && current.back() != '\n') current += '\n';
    if (body.is_html) {
      email.has_html = true;
      auto text = html_to_text(body.text, 2 * text_max, links);
      current += text.current;
      quoted += text.quoted;
      if (text.attributes_cut)
        email.parse_notes.push_back("a tag with more than " + std::to_string(attributes_max) + " attributes, the rest of it not read");
    } else {
      links.add_text(body.text, "text");
      current += cut_utf8(body.text, 2 * text_max);
    }
    if (current.size() > 4 * text_max) break;
  }
  current = tidy_text(current);
  auto split = split_quoted(current);
  email.body_text = tidy_text(split.current);
  email.quoted_text = tidy_text(quoted.empty() ? split.quoted : split.quoted.empty() ? quoted : split.quoted + '\n' + quoted);
  // "Quoted" only makes sense below something, or in an answer or a forward; else what looks quoted is all there is to judge.
  const auto forward = read_subject(email.subject).is_forward;
  if (email.body_text.empty() && !email.is_reply && !forward) email.body_text = std::exchange(email.quoted_text, {});
  cut_text(email, email.body_text, "body_text", limits.body_text_bytes_max);
  cut_text(email, email.quoted_text, "quoted_text", limits.body_text_bytes_max);
  if (links.cut()) email.parse_notes.push_back("links cut at " + std::to_string(limits.links_max));
  email.links = links.take();
}

}  // namespace

Email assemble(Draft draft, const ParseContext& context) {
  Email email;
  email.parse_notes = std::move(draft.notes);
  add_sender(email, draft);
  add_recipients(email, draft, limit(context.limits.recipients_max));
  add_subject_and_thread(email, draft);
  add_times(email, draft);
  add_kind(email, draft);
  const auto reading = read_authentication(draft.headers, context.trusted_authserv_ids);
  email.authentication = reading.result;
  email.direction = direction_of(email, reading, context);
  add_bodies(email, draft, context.limits);
  if (draft.attachments.size() > limit(context.limits.attachments_max)) {
    email.parse_notes.push_back("attachments cut at " + std::to_string(context.limits.attachments_max));
    draft.attachments.resize(limit(context.limits.attachments_max));
  }
  email.attachments = std::move(draft.attachments);
  PaymentCollector instruments(limit(context.limits.payment_instruments_max));
  instruments.add_text(email.body_text, "body");
  instruments.add_text(email.quoted_text, "quoted");
  for (const auto& text : draft.attachment_texts) instruments.add_text(text, "attachment");
  if (instruments.cut())
    email.parse_notes.push_back("payment instruments cut at " + std::to_string(context.limits.payment_instruments_max));
  email.payment_instruments = instruments.take();
  return email;
}

}  // namespace letterlock::mail
