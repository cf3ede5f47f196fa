#include "sim/notices.h"

#include <format>

#include "base/encoding.h"
#include "sim/attachments.h"
#include "sim/everyday_words.h"

namespace letterlock::sim {
namespace {

// A letter without greeting and signature, HTML as given.
std::shared_ptr<Letter> notice(const Writer& from, const Writer& to, const std::string& subject, const std::string& text,
                               const std::string& html, TimePoint when, Random& random) {
  auto letter = write_letter(from, {to}, {.subject = "", .body = "", .language = from.locale->language}, {}, when, random);
  letter->spec.subject = subject;
  letter->spec.text = text;
  letter->spec.html = html;
  return letter;
}

std::string page(const std::string& title, const std::string& inner, const std::string& footer) {
  return "<html><head><style>td{font-family:Arial}</style></head><body><table width=\"600\" align=\"center\">\n<tr><td><h2>" +
         html_escaped(title) + "</h2></td></tr>\n" + inner + "</table>\n<p style=\"font-size:11px;color:#888\">" + footer +
         "</p></body></html>\n";
}

std::string paragraph(const std::string& text) { return "<tr><td><p>" + html_escaped(text) + "</p></td></tr>\n"; }
std::string button(const std::string& link, const std::string& label) {
  return "<tr><td><a style=\"background:#2458c5;color:#fff;padding:8px 16px\" href=\"" + link + "\">" + html_escaped(label) +
         "</a></td></tr>\n";
}

const char* in(Language language, const char* english, const char* german, const char* french, const char* spanish) {
  const char* const all[] = {english, german, french, spanish};
  return all[static_cast<int>(language)];
}

}  // namespace

std::shared_ptr<Letter> newsletter(const World& world, const BulkSender& sender, std::size_t reader, TimePoint when, Random& random) {
  const auto language = world.locale->language;
  const auto to = employee(world, reader);
  std::string text, items;
  for (int i = 0; i < 4; ++i) {
    const auto title = headline(language, random);
    const auto link = std::format("https://{}/articles/{}", sender.link_domain, random.between(1000, 99999));
    text += title + "\n" + link + "\n\n";
    items += std::format("<tr><td><h3><a href=\"{}\">{}</a></h3></td></tr>\n", link, html_escaped(title));
  }
  // Some carry the reader's address in the link, plain or encoded, as real ones do.
  const auto who = random.chance(30)   ? "?email=" + url_encode(to.address.address)
                   : random.chance(30) ? "/" + to_base64url(to.address.address)
                                       : "/" + random.hex(20);
  const auto unsubscribe = "https://" + sender.link_domain + "/unsubscribe" + who;
  const auto leave = in(language, "Unsubscribe", "Abmelden", "Se désabonner", "Darse de baja");
  auto letter = notice(
      service(world, sender), to, sender.name + ": " + newsletter_subject(language, random), text + leave + ": " + unsubscribe + "\n",
      page(sender.name, items, html_escaped(to.address.address) + " - <a href=\"" + unsubscribe + "\">" + leave + "</a>"), when, random);
  letter->spec.list_id = sender.list_id;
  letter->spec.list_unsubscribe = unsubscribe;
  return letter;
}

std::shared_ptr<Letter> notification(const World& world, const BulkSender& sender, std::size_t reader, TimePoint when, Random& random) {
  const auto language = world.locale->language;
  const auto to = employee(world, reader);
  const auto colleague = world.person(random.below(world.company.people.size())).name();
  const auto link = std::format("https://{}/{}", sender.link_domain, random.hex(16));
  const auto number = random.between(1000, 9999);
  std::string subject, body, label = in(language, "Open", "Öffnen", "Ouvrir", "Abrir");
  switch (sender.kind) {
    case BulkKind::ticketing:
      subject = std::format("[#{}] {}", number,
                            in(language, "Printer on the second floor", "Drucker im zweiten Stock", "Imprimante du deuxième étage",
                               "Impresora de la segunda planta"));
      body = colleague + ": " + talk_text(language, Talk::inside, false, random);
      break;
    case BulkKind::tasks:
      subject = in(language, "You have 3 tasks due this week", "3 Aufgaben sind diese Woche fällig", "3 tâches à terminer cette semaine",
                   "3 tareas vencen esta semana");
      body = colleague + ": " + talk_text(language, Talk::inside, true, random);
      break;
    case BulkKind::signing:
      subject = std::format("{} - {} {}", in(language, "Please sign", "Bitte unterschreiben", "À signer", "Para firmar"),
                            in(language, "Agreement", "Vertrag", "Contrat", "Contrato"), number);
      body = colleague + " " +
             in(language, "sent you a document to sign.", "hat Ihnen ein Dokument zur Unterschrift gesandt.",
                "vous a envoyé un document à signer.", "le ha enviado un documento para firmar.");
      label = in(language, "Review document", "Dokument ansehen", "Voir le document", "Ver el documento");
      break;
    case BulkKind::voicemail:
      subject = std::format("{} ({}:{:02})",
                            in(language, "New voicemail", "Neue Sprachnachricht", "Nouveau message vocal", "Nuevo mensaje de voz"),
                            random.between(0, 2), random.between(5, 59));
      body = std::format("+44 20 7946 0{:03}", random.between(100, 999));
      label = in(language, "Play", "Abspielen", "Écouter", "Escuchar");
      break;
    case BulkKind::file_share:
      subject = colleague + " " +
                in(language, "shared a file with you", "hat eine Datei für Sie freigegeben", "a partagé un fichier avec vous",
                   "ha compartido un archivo contigo");
      body = std::format("{}-{}.xlsx", in(language, "figures", "zahlen", "chiffres", "cifras"), number);
      break;
    default:
      subject = in(language, "Your password was changed", "Ihr Passwort wurde geändert", "Votre mot de passe a été modifié",
                   "Se ha cambiado su contraseña");
      body = std::string(in(language, "The password of", "Das Passwort von", "Le mot de passe de", "La contraseña de")) + " " +
             to.address.address + " " +
             in(language, "was changed. If this was not you, review your account.",
                "wurde geändert. Falls Sie das nicht waren, prüfen Sie Ihr Konto.",
                "a été modifié. Si ce n'était pas vous, vérifiez votre compte.", "se ha cambiado. Si no ha sido usted, revise su cuenta.");
      label = in(language, "Review account", "Konto prüfen", "Vérifier le compte", "Revisar la cuenta");
  }
  auto letter = notice(service(world, sender), to, subject, body + "\n\n" + label + ": " + link + "\n",
                       page(sender.name, paragraph(body) + button(link, label), sender.name), when, random);
  letter->spec.automatic = true;
  return letter;
}

std::shared_ptr<Letter> invitation(const World& world, std::size_t organiser, std::size_t reader, TimePoint when, Random& random) {
  const auto language = world.locale->language;
  const auto from = employee(world, organiser), to = employee(world, reader);
  const auto topic = meeting_topic(language, random);
  const auto start = std::chrono::floor<std::chrono::days>(when) + std::chrono::days(random.between(1, 9)) +
                     std::chrono::minutes(30 * random.between(16, 32));
  const auto text = std::format("{}\n{} {}\nhttps://meet.{}/{}\n", topic, in(language, "When:", "Wann:", "Quand :", "Cuándo:"),
                                written_date(*world.locale, start), world.company.domain, random.hex(10));
  auto letter = notice(from, to, std::string(in(language, "Invitation: ", "Einladung: ", "Invitation : ", "Invitación: ")) + topic, text,
                       "", when, random);
  letter->with_html = false;
  letter->spec.calendar = calendar_request({.organiser = from.address,
                                            .attendees = {to.address},
                                            .summary = topic,
                                            .location = "",
                                            .description = text,
                                            .uid = random.hex(32) + "@" + world.company.domain,
                                            .start = start});
  letter->spec.attachments.push_back({.name = "invite.ics", .type = "application/ics", .bytes = letter->spec.calendar});
  return letter;
}

std::shared_ptr<Letter> list_mail(const World& world, const Correspondent& author, std::size_t reader, TimePoint when, Random& random) {
  const auto language = author.locale->language;
  const std::string list = "members@lists.trade-forum.example";
  const auto from = sales_of(author);
  auto letter = write_letter(from, {employee(world, reader)},
                             {.subject = "[members] " + talk_subject(language, Talk::customer, random),
                              .body = talk_text(language, Talk::customer, true, random) + "\n\n{bye}",
                              .language = language},
                             {}, when, random);
  auto& spec = letter->spec;
  spec.to = {{"members", list}};
  spec.text += "\n-- \nmembers@lists.trade-forum.example\nhttps://lists.trade-forum.example/options/members\n";
  spec.list_id = "Trade forum members <members.lists.trade-forum.example>";
  spec.list_unsubscribe = "https://lists.trade-forum.example/options/members";
  spec.relay = Relay{.domain = "lists.trade-forum.example",
                     .host = "mx.lists.trade-forum.example",
                     .ip = "198.51.100.222",
                     .address = list,
                     .forwards_for = ""};
  return letter;
}

std::shared_ptr<Letter> bounced(const World& world, const Letter& original, std::size_t reader, TimePoint when, Random& random) {
  const bool google = world.company.provider == ProviderKind::google;
  const auto to = employee(world, reader);
  Writer from{.address = google ? Address{"Mail Delivery Subsystem", "mailer-daemon@googlemail.com"}
                                : Address{"Microsoft Outlook", "postmaster@outlook.com"},
              .signature = "",
              .locale = world.locale,
              .mailbox = {},
              .hosting = Hosting::own_server,
              .authentication = {.ip = google ? "209.85.220.69" : "40.107.22.90",
                                 .host = google ? "mail-sor-f69.google.com" : "mail-db.outbound.protection.outlook.com"},
              .mailer = ""};
  const auto failed = original.spec.to.front().address;
  auto letter = notice(from, to, google ? "Delivery Status Notification (Failure)" : "Undeliverable: " + original.spec.subject, "-", "",
                       when, random);
  auto& spec = letter->spec;
  letter->with_html = false;
  spec.entity = delivery_status({.reporter = google ? "googlemail.com" : "outlook.com",
                                 .original_from = to.address,
                                 .failed_recipient = failed,
                                 .original_subject = original.spec.subject,
                                 .original_message_id = original.spec.message_id,
                                 .human_text = "Your message wasn't delivered to " + failed + " because the address couldn't be found.\n",
                                 .original_date = original.spec.date},
                                "=_dsn" + random.hex(20));
  spec.null_sender = spec.automatic = true;
  spec.in_reply_to = original.spec.message_id;
  spec.references = {original.spec.message_id};
  return letter;
}

}  // namespace letterlock::sim
