// Stories in which somebody passes for a colleague.

#include <format>

#include "sim/everyday_words.h"
#include "sim/ordinary_mail.h"
#include "sim/stories.h"

namespace letterlock::sim {

// Fraud: a VIP's name on a stranger's address. Twin: the VIP.
void vip_impersonation(Telling& t) {
  const auto vip = t.world.index(t.shared.chance(60) ? ceo : cfo);
  const auto target = t.one_of({payables, office_manager, controller, hr_manager, payables}, vip);
  const auto words = t.words(Theme::vip_request, t.home());
  const bool from_phone = t.shared.chance(50);
  auto from = employee(t.world, vip);
  if (t.fraud) {
    const auto signature = from.signature;
    static constexpr const char* locals[] = {"office.{}", "ceo.desk{}", "exec.mail.{}", "private{}", "director.{}"};
    const auto number = t.random.between(100, 9'999'999);
    from = t.random.chance(75) ? free_mail(t.world.person(vip).name(), std::vformat(t.random.pick(locals), std::make_format_args(number)),
                                           *t.world.locale, t.random)
                               : t.throwaway(t.world.person(vip).name(), ascii_name(t.world.person(vip).family));
    from.signature = signature;
  }
  if (from_phone) from.signature = t.home() == Language::german ? "Von meinem iPhone gesendet" : "Sent from my iPhone";
  t.tell(write_letter(from, {employee(t.world, target)}, words, t.figures(*t.world.locale), t.at, t.random));
}

// Fraud: an employee's name on a stranger's address asks for another salary account. Twin: the employee's own mailbox, or the
// private one to which HR has written before.
void payroll_change(Telling& t) {
  const auto reader = t.world.index(t.shared.chance(50) ? hr_manager : payroll);
  const auto who = t.anybody(reader);
  const auto words = t.words(Theme::payroll, t.home());
  auto slots = t.figures(*t.world.locale);
  slots["account"] = t.account(make_account(t.world.locale->country, t.random));
  auto from = employee(t.world, who);
  std::shared_ptr<const Letter> parent;
  if (t.fraud) {
    const auto signature = from.signature;
    from = free_mail(t.world.person(who).name(), ascii_name(t.world.person(who).given) + std::to_string(t.random.between(100, 99'999)),
                     *t.world.locale, t.random);
    from.signature = t.random.chance(40) ? signature : "";
    slots["account"] = t.account(t.mule(*t.world.locale));
  } else if (t.random.chance(50)) {
    from = private_mailbox(t.world, who);
    const auto hr = employee(t.world, reader);
    const Words talk{.subject = talk_subject(t.home(), Talk::inside, t.random),
                     .body = "{hello}\n\n" + talk_text(t.home(), Talk::inside, true, t.random) + "\n\n{bye}",
                     .language = t.home()};
    const auto first = write_letter(hr, {from}, talk, {}, t.before(9), t.random);
    t.scene(first);
    t.scene(write_letter(
        from, {hr},
        {.subject = "", .body = "{hello}\n\n" + talk_text(t.home(), Talk::inside, false, t.random) + "\n\n{bye}", .language = t.home()}, {},
        t.before(8), t.random, first));
  }
  t.tell(write_letter(from, {employee(t.world, reader)}, words, slots, t.at, t.random));
}

// Fraud: our own domain in From, from outside. Twin: the colleague.
void own_domain_spoof(Telling& t) {
  const auto sender = t.world.index(t.shared.chance(60) ? hr_manager : ceo);
  const auto target = t.anybody(sender);
  auto from = employee(t.world, sender);
  auto slots = t.figures(*t.world.locale);
  slots["link"] = "https://intranet." + t.world.company.domain + "/forms/" + t.random.hex(8);
  const auto words = t.words(Theme::staff_form, t.home());
  if (t.fraud) {
    from.mailbox.reset();
    from.hosting = Hosting::own_server;
    from.authentication = {.spf = t.random.chance(60) ? "fail" : "softfail",
                           .dkim = "none",
                           .dmarc = "fail",
                           .ip = std::format("198.51.100.{}", t.random.between(120, 250)),
                           .host = std::format("vps{}.hosting-{}.example", t.random.between(10, 999), t.random.letters(3))};
    slots["link"] = t.hostile_link("forms/" + t.random.hex(8));
  }
  auto letter = write_letter(from, {employee(t.world, target)}, words, slots, t.at, t.random);
  const auto& domain = t.world.company.domain;
  if (t.fraud && t.random.chance(50))
    letter->spec.forged_headers = {
        {"Authentication-Results",
         std::format("mail.{0}; dkim=pass header.d={0}; spf=pass smtp.mailfrom={0}; dmarc=pass header.from={0}", domain)}};
  t.tell(letter);
}

// Fraud: a domain that is easily taken for ours. Twin: the colleague.
void own_domain_lookalike(Telling& t) {
  const auto sender = t.world.index(t.shared.chance(60) ? cfo : ceo);
  const auto target = t.one_of({payables, controller, payables}, sender);
  const auto& vendor = t.vendor();
  auto from = employee(t.world, sender);
  auto slots = t.figures(*t.world.locale);
  slots["vendor"] = vendor.company;
  slots["account"] = t.account(vendor.account);
  const auto words = t.words(Theme::payment_release, t.home());
  if (t.fraud) {
    const auto local = from.address.address.substr(0, from.address.address.find('@'));
    const auto domain = lookalike_of(t.world.company.domain, t.random);
    from.mailbox.reset();
    from.hosting = Hosting::own_server;
    from.address.address = local + "@" + domain;
    from.authentication = {.ip = std::format("198.51.100.{}", t.random.between(120, 250)), .host = "mail." + domain};
    slots["account"] = t.account(t.mule(*t.world.locale));
  }
  t.tell(write_letter(from, {employee(t.world, target)}, words, slots, t.at, t.random));
}

// Innocent: a VIP writes from the private mailbox that the office manager has written to before.
void vip_from_home(Telling& t) {
  const auto vip = t.world.index(t.shared.chance(50) ? ceo : cfo);
  const auto reader = t.one_of({office_manager, controller}, vip);
  const auto home = private_mailbox(t.world, vip);
  const auto office = employee(t.world, reader);
  const Words talk{.subject = talk_subject(t.home(), Talk::inside, t.random),
                   .body = "{hello}\n\n" + talk_text(t.home(), Talk::inside, true, t.random) + "\n\n{bye}",
                   .language = t.home()};
  t.scene(write_letter(office, {home}, talk, {}, t.before(6), t.random));
  t.tell(write_letter(home, {office}, t.words(Theme::from_home, t.home()), {}, t.at, t.random));
}

// Innocent: a customer's new contact is called like a VIP, and the sales manager wrote first.
void namesake(Telling& t) {
  const auto& customer = t.world.customers[t.shared.below(t.world.customers.size())];
  const auto reader = t.one_of({sales_manager, account_manager}, t.world.index(ceo));
  const auto& vip = t.world.person(t.world.index(ceo));
  auto contact = sales_of(customer);
  contact.address = {vip.name(), ascii_name(vip.given).substr(0, 1) + "." + ascii_name(vip.family) + "@" + customer.domain};
  const auto language = customer.locale->language;
  const auto ours = employee(t.world, reader);
  const auto first = write_letter(ours, {contact},
                                  {.subject = talk_subject(language, Talk::customer, t.random),
                                   .body = "{hello}\n\n" + talk_text(language, Talk::customer, true, t.random) + "\n\n{bye}",
                                   .language = language},
                                  {}, t.before(2), t.random);
  t.scene(first);
  t.tell(write_letter(
      contact, {ours},
      {.subject = "", .body = "{hello}\n\n" + talk_text(language, Talk::customer, false, t.random) + "\n\n{bye}", .language = language}, {},
      t.at, t.random, first));
}

}  // namespace letterlock::sim
