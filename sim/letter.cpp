#include "sim/letter.h"

#include <algorithm>
#include <format>
#include <utility>

namespace letterlock::sim {
namespace {

std::string message_id(const Writer& from, Random& random) {
  switch (from.hosting) {
    case Hosting::google:
      return "<CA" + random.letters(10) + "+" + random.letters(34) + "@mail.gmail.com>";
    case Hosting::microsoft:
      return std::format("<{}{}{}A@{}PR04MB{}.eurprd04.prod.outlook.com>", random.letters(8), random.letters(12), random.letters(12), "AM9",
                         random.between(1000, 9999));
    case Hosting::own_server:
      break;
  }
  return "<" + random.letters(24) + "@" + (from.mailbox ? "" : "mail.") + domain_of(from.address.address) + ">";
}

std::string with_reply_prefix(Language language, const std::string& subject) {
  for (const auto prefix : {"Re: ", "RE: ", "AW: "})
    if (subject.starts_with(prefix)) return subject;
  return std::string(reply_prefix(language)) + subject;
}

std::string quoted(const std::string& text) {
  std::string out = "> ";
  for (std::size_t i = 0; i < text.size(); ++i) {
    out += text[i];
    if (text[i] == '\n' && i + 1 < text.size()) out += text[i + 1] == '>' ? ">" : "> ";
  }
  return out;
}

std::string outlook_header(const Locale& locale, const MailSpec& parent) {
  static constexpr const char* names[4][4] = {{"From", "Sent", "To", "Subject"},
                                              {"Von", "Gesendet", "An", "Betreff"},
                                              {"De", "Envoyé", "À", "Objet"},
                                              {"De", "Enviado", "Para", "Asunto"}};
  const auto& words = names[std::to_underlying(locale.language)];
  const auto shown = parent.date + std::chrono::minutes(locale.utc_offset_minutes);
  const std::chrono::hh_mm_ss clock(std::chrono::floor<std::chrono::minutes>(shown - std::chrono::floor<std::chrono::days>(shown)));
  std::string to;
  for (const auto& address : parent.to) to += (to.empty() ? "" : "; ") + address.name + " <" + address.address + ">";
  return std::format("________________________________\n{}: {} <{}>\n{}: {} {:02}:{:02}\n{}: {}\n{}: {}\n", words[0], parent.from.name,
                     parent.from.address, words[1], written_date(locale, parent.date), clock.hours().count(), clock.minutes().count(),
                     words[2], to, words[3], parent.subject);
}

std::string_view language_code(Language language) {
  static constexpr std::string_view codes[] = {"en", "de", "fr", "es"};
  return codes[std::to_underlying(language)];
}

}  // namespace

Writer employee(const World& world, std::size_t index) {
  const auto& person = world.person(index);
  const bool google = world.company.provider == ProviderKind::google;
  return {.address = world.address(index),
          .signature = person.job_title + "\n" + world.company.name,
          .locale = world.locale,
          .mailbox = world.index(index),
          .hosting = google ? Hosting::google : Hosting::microsoft,
          .authentication = {.host = google ? "mail-sor-f41.google.com" : "mail-internal.outbound.protection.outlook.com"}};
}
Writer sales_of(const Correspondent& firm) {
  return {.address = firm.sales,
          .signature = firm.company,
          .locale = firm.locale,
          .mailbox = {},
          .hosting = firm.hosting,
          .authentication = {.ip = firm.ip, .host = firm.host},
          .mailer = firm.mailer};
}
Writer accounts_of(const Correspondent& firm) {
  auto writer = sales_of(firm);
  writer.address = firm.accounts;
  return writer;
}
Writer service(const World& world, const BulkSender& sender) {
  return {.address = sender.from,
          .signature = sender.name,
          .locale = world.locale,
          .mailbox = {},
          .hosting = Hosting::own_server,
          .authentication = {.envelope_domain = "bounce." + sender.domain, .ip = sender.ip, .host = "out1.bounce." + sender.domain},
          .mailer = sender.name + " mailer"};
}
Writer free_mail(const std::string& name, const std::string& local, const Locale& locale, Random& random) {
  const bool google = random.chance(70);
  Writer writer{.address = {name, local + (google ? "@gmail.com" : "@outlook.com")},
                .signature = "",
                .locale = &locale,
                .mailbox = {},
                .hosting = google ? Hosting::google : Hosting::microsoft,
                .authentication = {},
                .mailer = ""};
  writer.authentication = google ? Authentication{.ip = std::format("209.85.{}.{}", random.between(128, 221), random.between(41, 182)),
                                                  .host = std::format("mail-wm1-f{}.google.com", random.between(41, 68))}
                                 : Authentication{.ip = std::format("40.92.{}.{}", random.between(2, 90), random.between(20, 99)),
                                                  .host = std::format("mail-{}.outbound.protection.outlook.com", random.hex(10))};
  return writer;
}

std::shared_ptr<Letter> write_letter(const Writer& from, const std::vector<Writer>& to, const Words& words, Slots slots, TimePoint date,
                                     Random& random, std::shared_ptr<const Letter> parent) {
  auto letter = std::make_shared<Letter>();
  auto& spec = letter->spec;
  spec.from = from.address;
  for (const auto& reader : to) {
    spec.to.push_back(reader.address);
    if (reader.mailbox && std::ranges::find(letter->mailboxes, *reader.mailbox) == letter->mailboxes.end())
      letter->mailboxes.push_back(*reader.mailbox);
  }
  letter->sender_mailbox = from.mailbox;
  letter->locale = from.locale;
  letter->outlook_quoting = from.hosting == Hosting::microsoft;
  letter->with_html = from.hosting != Hosting::own_server || random.chance(60);
  slots["hello"] = to.empty() ? "" : greeting(words.language, to.front().given(), to.front().family(), random);
  slots["bye"] = sign_off(words.language, random) + "\n" + from.address.name + (from.signature.empty() ? "" : "\n" + from.signature) + "\n";
  spec.text = filled(words.body, slots);
  spec.subject = filled(words.subject, slots);
  if (parent) {
    if (spec.subject.empty()) spec.subject = with_reply_prefix(words.language, parent->spec.subject);
    spec.in_reply_to = parent->spec.message_id;
    spec.references = parent->spec.references;
    spec.references.push_back(parent->spec.message_id);
    letter->parent = std::move(parent);
  }
  spec.message_id = message_id(from, random);
  spec.date = date;
  spec.utc_offset_minutes = from.locale->utc_offset_minutes;
  spec.language = language_code(words.language);
  spec.mailer = from.mailer;
  spec.authentication = from.authentication;
  return letter;
}

MailSpec rendered(const Letter& letter, const LiveClock& clock) {
  auto spec = letter.spec;
  spec.date = clock.shown(spec.date);
  const bool make_html = letter.with_html && spec.html.empty();
  if (make_html) spec.html = html_from_text(spec.text);
  if (!letter.parent) return spec;
  const auto parent = rendered(*letter.parent, clock);
  if (letter.outlook_quoting) {
    spec.text += "\n" + outlook_header(*letter.locale, parent) + "\n" + parent.text;
    if (make_html) spec.html = html_from_text(spec.text);
    return spec;
  }
  const auto heading = attribution(*letter.locale, parent.from.name, parent.from.address, parent.date);
  spec.text += "\n" + heading + "\n" + quoted(parent.text) + "\n";
  if (make_html) {
    const auto inner = parent.html.empty() ? html_from_text(parent.text) : parent.html;
    const auto begin = inner.find("<body>"), end = inner.rfind("</body>");
    const auto place = spec.html.rfind("</body>");
    spec.html.insert(place, "<br><div class=\"gmail_quote\"><div dir=\"ltr\" class=\"gmail_attr\">" + html_escaped(heading) +
                                "</div><blockquote class=\"gmail_quote\" style=\"margin:0px 0px 0px 0.8ex;border-left:1px solid "
                                "rgb(204,204,204);padding-left:1ex\">" +
                                (begin == std::string::npos ? inner : inner.substr(begin + 6, end - begin - 6)) + "</blockquote></div>\n");
  }
  return spec;
}

std::string LetterRaw::copy_for(const World& world, const Letter& letter, std::size_t mailbox) {
  return compose(rendered(letter, *world.live), {.provider = world.company.provider,
                                                 .address = world.person(mailbox).address,
                                                 .outgoing = letter.sender_mailbox == mailbox,
                                                 .internal = letter.sender_mailbox.has_value()});
}

}  // namespace letterlock::sim
