#include "sim/telling.h"

#include <format>

namespace letterlock::sim {
namespace {

std::string throwaway_domain(Random& random) {
  static constexpr const char* first[] = {"mail",   "secure", "doc", "cloud", "portal", "account",
                                          "office", "quick",  "net", "inbox", "data",   "client"};
  static constexpr const char* second[] = {"-desk", "hub", "-notice", "flow", "-center", "point", "-relay", "view", "-support", "line"};
  return std::string(random.pick(first)) + random.pick(second) + (random.chance(30) ? std::to_string(random.between(2, 99)) : "") +
         ".example";
}

}  // namespace

void Telling::change_rules(std::size_t mailbox, TimePoint when, MailRule rule) {
  if (rule.id.empty())
    rule.id = world.company.provider == ProviderKind::google ? "ANe1Bm" + random.letters(34) : "AQAAA" + random.letters(9) + "=";
  rules.push_back({.mailbox = mailbox, .at = when, .rule = std::move(rule)});
}

Words Telling::words(Theme theme, Language language) {
  const auto texts = wordings(theme, language);
  const auto* chosen = texts[shared.below(texts.size())];
  return {.subject = chosen->subject, .body = chosen->body, .language = chosen->language};
}

const Correspondent& Telling::vendor() {
  const auto& first = world.vendors[shared.below(world.vendors.size() - 1)];  // the last one moves its account
  std::vector<const Correspondent*> alike;
  for (std::size_t i = 0; i + 1 < world.vendors.size(); ++i)
    if (world.vendors[i].locale->language == first.locale->language) alike.push_back(&world.vendors[i]);
  return *alike[(shared.below(alike.size()) + (fraud ? 0 : 1)) % alike.size()];
}

std::size_t Telling::one_of(std::initializer_list<std::size_t> roles, std::size_t except) {
  const auto chosen = world.index(roles.begin()[random.below(roles.size())]);
  return chosen == except ? world.index(chosen + 1) : chosen;
}
std::size_t Telling::anybody(std::size_t except) {
  const auto chosen = static_cast<std::size_t>(random.below(world.company.people.size()));
  return chosen == except ? world.index(chosen + 1) : chosen;
}

Slots Telling::figures(const Locale& locale) {
  static constexpr const char* forms[] = {"INV-{}", "2026-{}", "{}", "R{}"};
  const auto number = random.between(10'000, 99'999);
  return {{"invoice", std::vformat(random.pick(forms), std::make_format_args(number))},
          {"amount", written_amount(locale, random.between(180'000, 6'400'000))},
          {"date", written_date(locale, at + std::chrono::days(random.between(2, 14)))},
          {"company", world.company.name}};
}

BankAccount Telling::mule(const Locale& locale) {
  static constexpr const char* elsewhere[] = {"LT", "IE", "ES", "DE", "GB"};
  return make_account(random.chance(50) ? locale.country : random.pick(elsewhere), random);
}

Writer Telling::throwaway(const std::string& name, const std::string& local) {
  const auto domain = throwaway_domain(random);
  Writer writer{.address = {name, local + "@" + domain},
                .signature = "",
                .locale = world.locale,
                .mailbox = {},
                .hosting = Hosting::own_server,
                .authentication = {},
                .mailer = ""};
  writer.authentication.ip = std::format("198.51.100.{}", random.between(120, 250));
  writer.authentication.host = (random.chance(50) ? "mail." : "smtp.") + domain;
  if (random.chance(25)) writer.authentication.dkim = "none";
  return writer;
}

std::string Telling::hostile_link(const std::string& path) {
  return "https://" + std::string(random.chance(50) ? "login." : "app.") + throwaway_domain(random) + "/" + path;
}

}  // namespace letterlock::sim
