// Stories around vendors and their money.

#include <format>

#include "sim/attachments.h"
#include "sim/everyday_words.h"
#include "sim/ordinary_mail.h"
#include "sim/stories.h"

namespace letterlock::sim {
namespace {

Words small_talk(Telling& t, Language language, bool first) {
  return {.subject = first ? talk_subject(language, Talk::vendor, t.random) : "",
          .body = "{hello}\n\n" + talk_text(language, Talk::vendor, first, t.random) + "\n\n{bye}",
          .language = language};
}

Slots invoice_slots(Telling& t, const Correspondent& firm, const BankAccount& account) {
  auto slots = t.figures(*firm.locale);
  slots["vendor"] = firm.company;
  slots["trade"] = firm.trade;
  slots["account"] = account.lines(firm.spaced_account);
  return slots;
}

// An invoice with its PDF.
std::shared_ptr<Letter> invoice_letter(Telling& t, const Correspondent& firm, const Writer& from, const Writer& to, const Words& words,
                                       const Slots& slots, TimePoint when, std::shared_ptr<const Letter> parent = nullptr) {
  auto letter = write_letter(from, {to}, words, in_body(firm, slots), when, t.random, std::move(parent));
  letter->spec.attachments.push_back({.name = slots.find("invoice")->second + ".pdf",
                                      .type = "application/pdf",
                                      .bytes = text_pdf(invoice_lines(firm, t.world.company.name, slots, slots.find("account")->second))});
  return letter;
}

}  // namespace

// A real thread with a vendor. Fraud: a domain that is easily taken for the vendor's goes on with it. Twin: the vendor does.
void thread_lookalike(Telling& t) {
  const auto& vendor = t.vendor();
  const auto language = vendor.locale->language;
  const auto reader = employee(t.world, t.one_of({payables, purchasing, payables}));
  const auto genuine = sales_of(vendor);
  const auto first = write_letter(genuine, {reader}, small_talk(t, language, true), {}, t.before(3), t.random);
  const auto second = write_letter(reader, {genuine}, small_talk(t, language, false), {}, t.before(2), t.random, first);
  t.scene(first);
  t.scene(second);
  auto from = genuine;
  auto slots = invoice_slots(t, vendor, vendor.account);
  const auto words = t.words(Theme::thread_payment, language);
  if (t.fraud) {
    const auto domain = lookalike_of(vendor.domain, t.random);
    from.address.address = from.address.address.substr(0, from.address.address.find('@') + 1) + domain;
    from.hosting = Hosting::own_server;
    from.authentication = {.ip = std::format("198.51.100.{}", t.random.between(120, 250)), .host = "mail." + domain};
    slots["account"] = t.mule(*vendor.locale).lines(vendor.spaced_account);
  }
  auto letter = write_letter(from, {reader}, words, slots, t.at, t.random, second);
  if (t.fraud && t.random.chance(30)) {  // retyped from a stolen copy: the thread's ids are lost
    letter->spec.in_reply_to.clear();
    letter->spec.references.clear();
  }
  t.tell(letter);
}

// The vendor's own account, authenticated. Fraud: somebody else sits in it and names another bank account. Twin: the known one.
void vendor_bank_change(Telling& t) {
  const auto& vendor = t.vendor();
  const auto language = vendor.locale->language;
  const auto reader = employee(t.world, payables);
  const auto desk = accounts_of(vendor);
  const auto texts = wordings(Theme::vendor_invoice, language);
  const auto* earlier = texts[t.random.below(texts.size())];
  const auto past = invoice_letter(t, vendor, desk, reader, {earlier->subject, earlier->body, language},
                                   invoice_slots(t, vendor, vendor.account), t.before(12));
  const auto thanks = write_letter(
      reader, {desk}, {.subject = "", .body = "{hello}\n\n" + invoice_thanks(language, t.random) + "\n\n{bye}", .language = language}, {},
      t.before(11), t.random, past);
  t.scene(past);
  t.scene(thanks);
  const auto words = t.words(Theme::vendor_invoice, language);
  const bool in_thread = t.shared.chance(40);
  t.tell(invoice_letter(t, vendor, desk, reader, {.subject = in_thread ? "" : words.subject, .body = words.body, .language = language},
                        invoice_slots(t, vendor, t.fraud ? t.mule(*vendor.locale) : vendor.account), t.at, in_thread ? thanks : nullptr));
}

// Somebody refers to an exchange with a VIP and quotes it. Fraud: it never took place. Twin: it lies in the VIP's mailbox.
void fake_thread(Telling& t) {
  const auto vip = t.world.index(t.shared.chance(60) ? ceo : cfo);
  const auto payee = t.one_of({payables, controller}, vip);
  const auto firm = make_stranger(*t.world.locale, t.random);
  const auto stranger = sales_of(firm), boss = employee(t.world, vip), reader = employee(t.world, payee);
  auto words = t.words(Theme::handoff, t.home());
  auto first_words = small_talk(t, t.home(), true);
  first_words.subject = words.subject;
  const auto opening = write_letter(stranger, {boss}, first_words, {}, t.before(2), t.random);
  auto quote_slots = t.figures(*t.world.locale);
  quote_slots["payee_given"] = t.world.person(payee).given;
  quote_slots["payee"] = t.world.person(payee).address;
  auto quote = t.words(Theme::handoff_quote, t.home());
  const auto answer = write_letter(boss, {stranger}, quote, quote_slots, t.before(1), t.random, opening);
  if (!t.fraud) {
    t.scene(opening);
    t.scene(answer);
  }
  auto slots = invoice_slots(t, firm, firm.account);
  slots["vip"] = t.world.person(vip).name();
  words.subject = "";  // it goes on with the thread
  auto letter = write_letter(stranger, {reader}, words, slots, t.at, t.random, answer);
  if (t.shared.chance(50))
    letter->spec.attachments.push_back({.name = slots["invoice"] + ".pdf",
                                        .type = "application/pdf",
                                        .bytes = text_pdf(invoice_lines(firm, t.world.company.name, slots, slots["account"]))});
  t.tell(letter);
}

// A supplier's first invoice. Fraud: answers go to a free mailbox. Twin: to its own domain; or a colleague wrote to it before.
void first_contact_invoice(Telling& t) {
  const auto& where = t.shared.chance(60) ? *t.world.locale : locale(t.shared.below(locale_count));
  const auto firm = make_stranger(where, t.random);
  const auto reader = employee(t.world, payables);
  const auto desk = accounts_of(firm);
  const auto words = t.words(Theme::first_invoice, where.language);
  const auto slots = invoice_slots(t, firm, firm.account);
  const bool solicited = !t.fraud && t.random.chance(50);
  std::shared_ptr<const Letter> parent;
  if (solicited) {
    auto asked = slots;
    const auto buyer = employee(t.world, t.one_of({purchasing, office_manager}, t.world.index(payables)));
    const auto request = write_letter(buyer, {desk}, t.words(Theme::quote_request, where.language), asked, t.before(5), t.random);
    t.scene(request);
  }
  auto letter = invoice_letter(t, firm, desk, reader, words, slots, t.at);
  letter->spec.reply_to = t.fraud || solicited
                              ? Address{desk.address.name, std::format("{}.billing{}@gmail.com", ascii_name(firm.company).substr(0, 8),
                                                                       t.random.between(10, 9999))}
                              : Address{firm.company, "office@" + firm.domain};
  t.tell(letter);
}

// Innocent: the last vendor moved its account and said so in a thread weeks ago, confirmed in writing by an
// employee who rang. Ordinary mail names the old account before and the new one after.
void moved_account(Telling& t) {
  const auto& vendor = t.world.vendors.back();
  const auto language = vendor.locale->language;
  const auto desk = accounts_of(vendor), reader = employee(t.world, payables);
  if (t.at <= t.world.now) {  // what is told of later days needs no second announcement
    const auto move = t.world.account_moves_at;
    const auto earlier = t.words(Theme::vendor_invoice, language);
    auto slots = invoice_slots(t, vendor, vendor.account);
    slots["date"] = written_date(*vendor.locale, move);
    const auto old =
        invoice_letter(t, vendor, desk, reader, earlier, invoice_slots(t, vendor, t.world.account_before), move - std::chrono::hours(150));
    const auto news =
        write_letter(desk, {reader}, t.words(Theme::bank_move, language), slots, move - std::chrono::hours(101), t.random, old);
    const auto confirmed =
        write_letter(reader, {desk}, t.words(Theme::bank_move_answer, language), slots, move - std::chrono::hours(76), t.random, news);
    for (const auto& letter :
         {std::shared_ptr<const Letter>(old), std::shared_ptr<const Letter>(news), std::shared_ptr<const Letter>(confirmed)})
      t.scene(letter);
  }
  const auto words = t.words(Theme::vendor_invoice, language);
  t.tell(invoice_letter(t, vendor, desk, reader, words, invoice_slots(t, vendor, vendor.account), t.at));
}

// Innocent: a supplier that purchasing asked for a price sends its first invoice from its own domain.
void new_supplier(Telling& t) {
  const auto firm = make_stranger(*t.world.locale, t.random);
  const auto buyer = employee(t.world, t.one_of({purchasing, office_manager}));
  const auto seller = sales_of(firm);
  const auto request =
      write_letter(buyer, {seller}, t.words(Theme::quote_request, t.home()), invoice_slots(t, firm, firm.account), t.before(8), t.random);
  const auto offer = write_letter(seller, {buyer}, small_talk(t, t.home(), false), {}, t.before(7), t.random, request);
  t.scene(request);
  t.scene(offer);
  t.tell(invoice_letter(t, firm, accounts_of(firm), employee(t.world, payables), t.words(Theme::first_invoice, t.home()),
                        invoice_slots(t, firm, firm.account), t.at));
}

// Innocent: a vendor takes another domain, says so from the old one, and goes on with the account that is known.
void rebranded_domain(Telling& t) {
  const auto& vendor = t.vendor();
  auto renamed = vendor;
  const auto label = vendor.domain.substr(0, vendor.domain.find('.'));
  const auto hyphen = label.find('-');
  renamed.domain =
      (hyphen == std::string::npos ? label + (t.random.chance(50) ? "-group" : "s") : label.substr(0, hyphen) + label.substr(hyphen + 1)) +
      ".example";
  renamed.company = vendor.company.substr(0, vendor.company.rfind(' ')) + " Group";
  for (auto* address : {&renamed.sales, &renamed.accounts})
    address->address = address->address.substr(0, address->address.find('@') + 1) + renamed.domain;
  if (renamed.hosting == Hosting::own_server) renamed.host = "mail." + renamed.domain;
  const auto reader = employee(t.world, payables);
  auto slots = invoice_slots(t, vendor, vendor.account);
  slots["new_name"] = renamed.company;
  slots["new_domain"] = renamed.domain;
  const auto news =
      write_letter(sales_of(vendor), {reader}, t.words(Theme::rebrand, vendor.locale->language), slots, t.before(9), t.random);
  const auto thanks =
      write_letter(reader, {sales_of(vendor)}, small_talk(t, vendor.locale->language, false), {}, t.before(8), t.random, news);
  t.scene(news);
  t.scene(thanks);
  t.tell(invoice_letter(t, renamed, sales_of(renamed), reader, t.words(Theme::vendor_invoice, vendor.locale->language),
                        invoice_slots(t, renamed, vendor.account), t.at, t.shared.chance(50) ? thanks : nullptr));
}

}  // namespace letterlock::sim
