// Stories around accounts: phishing, what follows from it, and campaigns.

#include <algorithm>
#include <format>

#include "base/encoding.h"
#include "sim/notices.h"
#include "sim/stories.h"

namespace letterlock::sim {
namespace {

// A notice whose one link stands behind words, or behind an address that it shows.
std::shared_ptr<Letter> linked_notice(Telling& t, const Writer& from, const Writer& to, const Words& words, Slots slots,
                                      const std::string& link, const std::string& shown, TimePoint when) {
  slots["recipient"] = to.address.address;
  slots["recipient_given"] = to.given();
  slots["link"] = link;
  auto letter = write_letter(from, {to}, words, slots, when, t.random);
  slots["link"] = "@@link@@";
  auto html = html_from_text(filled(words.body, slots));
  const std::string place = "@@link@@";
  html.replace(html.find(place), place.size(), "<a href=\"" + html_escaped(link) + "\">" + html_escaped(shown) + "</a>");
  letter->spec.html = html;
  if (!to.mailbox) letter->spec.html.clear();
  return letter;
}

const char* here(Language language) {
  static constexpr const char* words[] = {"Continue", "Weiter", "Continuer", "Continuar"};
  return words[static_cast<std::size_t>(language)];
}

// What hides a hijacker's doings from the mailbox's owner.
MailRule hiding_rule(Telling& t) {
  static constexpr const char* names[] = {".", "..", "rss", "a", "-"};
  MailRule rule{.name = t.random.pick(names), .marks_read = true, .stops = true};
  switch (t.random.below(3)) {
    case 0:
      rule.subject_contains = {"invoice", "payment", "iban"};
      rule.move_to = t.random.chance(50) ? "rssfeeds" : "conversationhistory";
      break;
    case 1:
      rule.body_contains = {"phish", "hacked", "suspicious", "fraud"};
      rule.deletes = true;
      break;
    default:
      rule.subject_contains = {"invoice", "wire", "statement"};
      rule.forward_to = std::format("records.{}@gmail.com", t.random.between(1000, 99'999));
  }
  if (t.world.company.provider == ProviderKind::google && rule.move_to) rule.move_to = "archive";
  return rule;
}

}  // namespace

// Fraud: a phish, a rule that hides, then the victim's own mailbox asks for a payment. Twin: IT's notice, a rule that tidies,
// and the colleague asks for a payment to the vendor's known account.
void phish_then_payment(Telling& t) {
  const auto it = t.world.index(it_admin);
  const auto victim = t.one_of({controller, purchasing, cfo, operations}, it);
  const auto payee = t.one_of({payables, payables, controller}, victim);
  const auto& vendor = t.vendor();
  const auto target = employee(t.world, victim);
  const auto notice = t.words(Theme::account_notice, t.home());
  const auto request = t.words(Theme::inside_payment, t.home());
  auto slots = t.figures(*t.world.locale);
  if (t.fraud) {
    static constexpr const char* names[] = {"IT Service Desk", "Mail Administrator", "Support", "Helpdesk"};
    const auto link = t.hostile_link("s/" + t.random.hex(12));
    t.tell(linked_notice(t, t.throwaway(t.random.pick(names), "no-reply"), target, notice, slots, link, here(t.home()), t.before(1)));
    t.change_rules(victim, t.at - std::chrono::hours(18), hiding_rule(t));
  } else {
    const auto link = "https://id." + t.world.company.domain + "/s/" + t.random.hex(12);
    t.tell(linked_notice(t, employee(t.world, it), target, notice, slots, link, here(t.home()), t.before(1)));
    const auto& paper = t.world.newsletters[t.random.below(t.world.newsletters.size())];
    t.change_rules(victim, t.at - std::chrono::hours(18),
                   {.name = paper.name, .from_contains = {paper.from.address}, .move_to = "Newsletters"});
  }
  slots["vendor"] = vendor.company;
  slots["account"] = t.fraud ? t.account(t.mule(*t.world.locale)) : t.account(vendor.account);
  t.tell(write_letter(target, {employee(t.world, payee)}, request, slots, t.at, t.random));
}

// Fraud: a notice from nowhere, its link dressed up or carrying the address. Twin: the directory service that the company uses.
void credential_phish(Telling& t) {
  const auto target = employee(t.world, t.anybody(SIZE_MAX));
  const auto words = t.words(Theme::account_notice, t.home());
  const auto shape = t.shared.below(3);
  const auto path = "account/" + t.random.hex(10);
  const auto& genuine = t.world.service(BulkKind::password);
  auto link = t.fraud ? t.hostile_link(path) : "https://" + genuine.link_domain + "/" + path;
  if (shape == 1) link += "?user=" + url_encode(target.address.address);
  if (shape == 2) link += "#" + to_base64url(target.address.address);
  const auto shown = shape == 0 ? "https://" + genuine.link_domain + "/" : std::string(here(t.home()));
  if (!t.fraud) t.scene(notification(t.world, genuine, *target.mailbox, t.before(13), t.random));
  static constexpr const char* names[] = {"Onepass Directory", "Account Team", "Mail Administrator", "Security Centre"};
  const auto from = t.fraud ? t.throwaway(t.random.pick(names), t.random.chance(50) ? "no-reply" : "security") : service(t.world, genuine);
  t.tell(linked_notice(t, from, target, words, t.figures(*t.world.locale), link, shown, t.at));
}

// One notice to many within minutes. Fraud: from nowhere. Twin: from a service that they all know.
void mass_campaign(Telling& t) {
  const auto words = t.words(Theme::campaign, t.home());
  static constexpr BulkKind kinds[] = {BulkKind::file_share, BulkKind::voicemail, BulkKind::signing};
  const auto& genuine = t.world.service(kinds[t.shared.below(3)]);
  const auto size = std::min<std::size_t>(t.world.company.people.size(), 10 + t.random.below(11));
  const auto from = t.fraud ? t.throwaway(genuine.name, "no-reply") : service(t.world, genuine);
  const auto host = t.fraud ? t.hostile_link("") : "https://" + genuine.link_domain + "/";
  const auto first = t.random.below(t.world.company.people.size());
  for (std::size_t i = 0; i < size; ++i) {
    const auto target = employee(t.world, first + i);
    if (!t.fraud && i < 3) t.scene(notification(t.world, genuine, *target.mailbox, t.before(10 + static_cast<std::int64_t>(i)), t.random));
    auto letter = linked_notice(t, from, target, words, t.figures(*t.world.locale), host + t.random.hex(14), here(t.home()),
                                t.at + std::chrono::seconds(20 * i + t.random.below(15)));
    letter->spec.automatic = true;
    t.tell(letter);
  }
}

}  // namespace letterlock::sim
