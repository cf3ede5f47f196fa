#include "sim/ordinary_mail.h"

#include <format>

#include "sim/attachments.h"
#include "sim/everyday_words.h"
#include "sim/notices.h"

namespace letterlock::sim {
namespace {

using Kind = ConversationKind;

Random random_of(const Conversation& conversation, std::uint64_t purpose) { return Random(mixed(conversation.seed + 7919 * purpose)); }

const Correspondent& partner_firm(const World& world, const Conversation& conversation) {
  const bool vendor = conversation.kind == Kind::vendor_invoice || conversation.kind == Kind::vendor_talk;
  const auto& firms = vendor ? world.vendors : world.customers;
  return firms[conversation.partner % firms.size()];
}

bool written_by_owner(const Conversation& conversation, std::uint32_t index) {
  switch (conversation.kind) {
    case Kind::vendor_invoice:
      return index % 2 == 1;
    case Kind::draft:
    case Kind::bounce:
    case Kind::private_note:
      return (index + (conversation.kind == Kind::private_note ? conversation.seed : 0)) % 2 == 0;
    case Kind::internal_talk:
    case Kind::vendor_talk:
    case Kind::customer_talk:
      return (index + conversation.seed) % 2 == 0;
    default:
      return false;
  }
}

Writer partner_of(const World& world, const Conversation& conversation) {
  switch (conversation.kind) {
    case Kind::vendor_invoice:
      return accounts_of(partner_firm(world, conversation));
    case Kind::internal_talk:
    case Kind::invitation:
      return employee(world, conversation.partner);
    case Kind::private_note:
      return private_mailbox(world, conversation.owner);
    default:
      return sales_of(partner_firm(world, conversation));
  }
}

std::shared_ptr<Letter> invoice(const World& world, const Conversation& conversation, const Writer& vendor, const Writer& owner,
                                Random& random) {
  const auto& firm = partner_firm(world, conversation);
  const auto language = firm.locale->language;
  const bool moved_later = &firm == &world.vendors.back() && conversation.start < world.account_moves_at;
  const auto& account = moved_later ? world.account_before : firm.account;
  const auto texts = wordings(Theme::vendor_invoice, language);
  const auto* wording = texts[random.below(texts.size())];
  Slots slots{{"vendor", firm.company},
              {"trade", firm.trade},
              {"invoice", std::format("{}-{}", 2026, 20000 + conversation.seed % 70000)},
              {"amount", written_amount(*firm.locale, random.between(40'000, 2'400'000))},
              {"date", written_date(*firm.locale, conversation.start + std::chrono::days(30))},
              {"account", account.lines(firm.spaced_account)}};
  auto letter =
      write_letter(vendor, {owner}, {wording->subject, wording->body, language}, in_body(firm, slots), conversation.start, random);
  letter->spec.attachments.push_back({.name = std::format("{}.pdf", slots["invoice"]),
                                      .type = "application/pdf",
                                      .bytes = text_pdf(invoice_lines(firm, world.company.name, slots, slots["account"]))});
  return letter;
}

std::shared_ptr<Letter> talk(const World& world, const Conversation& conversation, std::uint32_t index, const Writer& from,
                             const Writer& to, Random& random, std::shared_ptr<const Letter> parent) {
  const bool inside = conversation.kind == Kind::internal_talk;
  const auto language = inside ? world.locale->language : partner_firm(world, conversation).locale->language;
  const auto kind = inside ? Talk::inside : conversation.kind == Kind::vendor_talk ? Talk::vendor : Talk::customer;
  std::string middle =
      conversation.kind == Kind::vendor_invoice ? invoice_thanks(language, random) : talk_text(language, kind, index == 0, random);
  if (language == Language::english || language == Language::french)
    middle[0] = static_cast<char>(std::toupper(static_cast<unsigned char>(middle[0])));
  const Words words{
      .subject = parent ? "" : talk_subject(language, kind, random), .body = "{hello}\n\n" + middle + "\n\n{bye}", .language = language};
  auto letter = write_letter(from, {to}, words, {}, conversation_time(world, conversation, index), random, std::move(parent));
  if (inside && index == 0 && random.chance(20))
    letter->spec.attachments.push_back(
        {.name = "figures.csv",
         .type = "text/csv",
         .bytes = std::format("site,week,units\nA,{},120\nB,{},96\n", random.between(1, 52), random.between(1, 52))});
  return letter;
}

std::shared_ptr<Letter> private_note_letter(const World& world, const Conversation& conversation, const Writer& from, const Writer& to,
                                            std::uint32_t index, Random& random) {
  const auto language = world.locale->language;
  auto letter = write_letter(
      from, {to},
      {.subject = private_note(language, random).substr(0, 12), .body = private_note(language, random) + "\n", .language = language}, {},
      conversation_time(world, conversation, index), random);
  while (!letter->spec.subject.empty() &&
         (static_cast<unsigned char>(letter->spec.subject.back()) >= 0x80 || letter->spec.subject.back() == ' '))
    letter->spec.subject.pop_back();
  return letter;
}

}  // namespace

std::optional<std::size_t> author(const World& world, const Conversation& conversation, std::uint32_t index) {
  if (written_by_owner(conversation, index)) return conversation.owner;
  const bool colleague = conversation.kind == Kind::internal_talk || conversation.kind == Kind::invitation;
  return colleague ? std::optional(world.index(conversation.partner)) : std::nullopt;
}

TimePoint conversation_time(const World& world, const Conversation& conversation, std::uint32_t index) {
  auto random = random_of(conversation, 1);
  auto time = conversation.start;
  for (std::uint32_t i = 0; i < index; ++i) {
    time +=
        std::chrono::minutes(conversation.kind == Kind::bounce ? 1 : random.between(12, 900)) + std::chrono::seconds(random.between(0, 59));
    const auto local = time + std::chrono::minutes(world.locale->utc_offset_minutes);
    const auto hour = std::chrono::floor<std::chrono::hours>(local - std::chrono::floor<std::chrono::days>(local)).count();
    if (conversation.kind != Kind::bounce && (hour < 7 || hour > 19)) time += std::chrono::hours(12);  // answered in the morning
  }
  return time;
}

std::string thread_key(const Conversation& conversation) { return std::format("{:015x}", mixed(conversation.seed + 5) >> 4); }

Writer private_mailbox(const World& world, std::size_t index) {
  const auto& person = world.person(index);
  Random random(hashed(person.address, 77));
  return free_mail(person.name(),
                   std::format("{}{}{}", ascii_name(person.given), random.chance(50) ? "." : "", ascii_name(person.family).substr(0, 4)) +
                       std::to_string(random.between(2, 99)),
                   *world.locale, random);
}

Slots in_body(const Correspondent& firm, Slots slots) {
  static constexpr const char* elsewhere[] = {"(as on the attached invoice)", "(siehe Rechnung im Anhang)", "(voir la facture jointe)",
                                              "(ver factura adjunta)"};
  if (firm.account_in_pdf_only) slots["account"] = elsewhere[static_cast<std::size_t>(firm.locale->language)];
  return slots;
}

std::vector<std::string> invoice_lines(const Correspondent& vendor, const std::string& company, const Slots& slots,
                                       const std::string& account_lines) {
  std::vector<std::string> lines = {
      vendor.company, vendor.accounts.address,      "", company, "", slots.find("invoice")->second, slots.find("date")->second, "",
      vendor.trade,   slots.find("amount")->second, ""};
  for (std::size_t begin = 0; begin <= account_lines.size();) {
    const auto end = std::min(account_lines.find('\n', begin), account_lines.size());
    lines.push_back(account_lines.substr(begin, end - begin));
    begin = end + 1;
  }
  return lines;
}

std::shared_ptr<const Letter> ordinary_letter(const World& world, const Conversation& conversation, std::uint32_t index) {
  const bool by_owner = written_by_owner(conversation, index);
  auto random = random_of(conversation, 100 + index);
  const auto owner = employee(world, conversation.owner);
  const auto when = conversation_time(world, conversation, index);
  switch (conversation.kind) {
    case Kind::newsletter:
      return newsletter(world, world.newsletters[conversation.partner % world.newsletters.size()], conversation.owner, when, random);
    case Kind::notification:
      return notification(world, world.services[conversation.partner % world.services.size()], conversation.owner, when, random);
    case Kind::invitation:
      return invitation(world, conversation.partner, conversation.owner, when, random);
    case Kind::list_mail:
      return list_mail(world, partner_firm(world, conversation), conversation.owner, when, random);
    case Kind::bounce:
      if (index == 1) {
        const auto parent = ordinary_letter(world, conversation, 0);
        return bounced(world, *parent, conversation.owner, when, random);
      }
      break;
    default:
      break;
  }
  auto partner = partner_of(world, conversation);
  if (conversation.kind == Kind::bounce) {  // one letter of the address is wrong
    auto& address = partner.address.address;
    address.erase(1 + random.below(3), 1);
  }
  const auto& from = by_owner ? owner : partner;
  const auto& to = by_owner ? partner : owner;
  if (conversation.kind == Kind::private_note) return private_note_letter(world, conversation, from, to, index, random);
  if (conversation.kind == Kind::vendor_invoice && index == 0) return invoice(world, conversation, from, to, random);
  return talk(world, conversation, index, from, to, random, index > 0 ? ordinary_letter(world, conversation, index - 1) : nullptr);
}

}  // namespace letterlock::sim
