#include "sim/world.h"

#include <algorithm>
#include <format>
#include <unordered_set>
#include <utility>

namespace letterlock::sim {
namespace {

struct Job {
  const char* title;
  const char* department;
  std::size_t manager;
};
// In the order of Role; those after it are repeated until the company is large enough.
constexpr Job jobs[] = {{"Chief Executive Officer", "Executive", ceo},
                        {"Chief Financial Officer", "Finance", ceo},
                        {"Accounts Payable Specialist", "Finance", controller},
                        {"IT Administrator", "IT", operations},
                        {"HR Manager", "Human Resources", ceo},
                        {"Purchasing Manager", "Purchasing", ceo},
                        {"Sales Manager", "Sales", ceo},
                        {"Operations Manager", "Operations", ceo},
                        {"Office Manager", "Administration", ceo},
                        {"Controller", "Finance", cfo},
                        {"Warehouse Supervisor", "Operations", operations},
                        {"Account Manager", "Sales", sales_manager},
                        {"Payroll Specialist", "Human Resources", hr_manager},
                        {"Quality Engineer", "Quality", operations},
                        {"Buyer", "Purchasing", purchasing},
                        {"Customer Service Agent", "Sales", sales_manager},
                        {"Driver Coordinator", "Operations", operations},
                        {"Marketing Specialist", "Sales", sales_manager},
                        {"Maintenance Technician", "Operations", operations},
                        {"Accountant", "Finance", controller},
                        {"Recruiter", "Human Resources", hr_manager},
                        {"Data Analyst", "IT", it_admin}};

// What a firm does, and how that shows in its name and text, in each language.
struct Trade {
  const char* name_part[4];
  const char* goods[4];
};
constexpr Trade trades[] = {
    {{"Packaging", "Verpackungen", "Emballages", "Embalajes"},
     {"packaging film", "Verpackungsfolie", "film d'emballage", "film de embalaje"}},
    {{"Cold Storage", "Kühlhaus", "Entrepôts Frigorifiques", "Almacenes Frigoríficos"},
     {"cold storage", "Kühllagerung", "stockage frigorifique", "almacenamiento en frío"}},
    {{"Freight", "Spedition", "Transports", "Transportes"}, {"haulage", "Transporte", "transport routier", "portes"}},
    {{"Hygiene", "Reinigungstechnik", "Hygiène", "Limpiezas"},
     {"cleaning supplies", "Reinigungsmittel", "produits d'entretien", "productos de limpieza"}},
    {{"Tyres", "Reifendienst", "Pneus", "Neumáticos"}, {"tyres", "Reifen", "pneus", "neumáticos"}},
    {{"Electrical", "Elektrotechnik", "Électricité", "Electricidad"},
     {"electrical work", "Elektroarbeiten", "travaux électriques", "trabajos eléctricos"}},
    {{"Print", "Druckerei", "Imprimerie", "Imprenta"}, {"labels", "Etiketten", "étiquettes", "etiquetas"}},
    {{"Office Supplies", "Bürobedarf", "Fournitures", "Suministros"},
     {"office supplies", "Büromaterial", "fournitures de bureau", "material de oficina"}},
    {{"Metalworks", "Metallbau", "Métallerie", "Metalúrgica"}, {"brackets", "Halterungen", "supports métalliques", "soportes"}},
    {{"Oils", "Ölmühle", "Huiles", "Aceites"}, {"sunflower oil", "Sonnenblumenöl", "huile de tournesol", "aceite de girasol"}},
    {{"Racking", "Regalsysteme", "Rayonnages", "Estanterías"}, {"pallet racking", "Palettenregale", "rayonnages", "estanterías"}},
    {{"Software", "Software", "Logiciels", "Software"}, {"licences", "Lizenzen", "licences", "licencias"}},
    {{"Security", "Wachdienst", "Sécurité", "Seguridad"}, {"site security", "Objektschutz", "gardiennage", "vigilancia"}},
    {{"Catering", "Catering", "Traiteur", "Catering"}, {"catering", "Catering", "prestations traiteur", "catering"}}};
constexpr const char* english_stems[] = {"Pinehurst", "Calder",  "Tessaro",   "Glenmark",  "Ostler",   "Harlow",   "Denholm",  "Merrow",
                                         "Stackwell", "Ardent",  "Keel",      "Pollard",   "Vantage",  "Bramley",  "Orrin",    "Marlow",
                                         "Fenwick",   "Aurelia", "Quayside",  "Thornbury", "Wexcombe", "Larkhill", "Redmayne", "Sutcliffe",
                                         "Averill",   "Kestrel", "Coldbrook", "Halden",    "Pembury",  "Ridgeway"};
constexpr const char* german_stems[] = {"Ahlers",     "Brockmann",    "Dieckhoff",  "Eggers",     "Fährmann", "Gerling",
                                        "Hohenstein", "Isenberg",     "Jansen",     "Kaltenbach", "Lindauer", "Nordhoff",
                                        "Osterloh",   "Quandt-Weber", "Rothenburg", "Stolberg",   "Tannhof",  "Urbach"};
constexpr const char* french_stems[] = {"Arnaud",   "Bellerive",  "Charpentier", "Dufresne", "Estève",   "Ferrand",
                                        "Grandval", "Hauterive",  "Jourdan",     "Lavigne",  "Montclar", "Noirmont",
                                        "Picard",   "Rochebrune", "Sauvage",     "Tourneur", "Valmont",  "Verdier"};
constexpr const char* spanish_stems[] = {"Alcazar",  "Bermúdez", "Cortina", "Duero",     "Encina",    "Figueroa",
                                         "Galindo",  "Hidalgo",  "Iriarte", "Lozoya",    "Moncayo",   "Navarrete",
                                         "Orbaneja", "Pizarro",  "Quesada", "Riosalado", "Sotomayor", "Teruel"};
struct Industry {
  const char* word;
  const char* slug;
};
constexpr Industry industries[] = {{"Foods", "foods"},         {"Logistics", "logistics"},     {"Components", "components"},
                                   {"Interiors", "interiors"}, {"Engineering", "engineering"}, {"Dental Supply", "dental-supply"}};
constexpr const char* company_stems[] = {"Northgate",  "Brightwater", "Westmoor",  "Castlefield", "Elmstead", "Ravensbourne",
                                         "Silverdale", "Hartwood",    "Kingsmead", "Oakhurst",    "Linden",   "Marbeck"};

std::span<const char* const> stems(Language language) {
  switch (language) {
    case Language::german:
      return german_stems;
    case Language::french:
      return french_stems;
    case Language::spanish:
      return spanish_stems;
    default:
      return english_stems;
  }
}

Correspondent correspondent(const Locale& locale, const Trade& trade, const std::string& stem, Random& random) {
  const auto language = static_cast<std::size_t>(std::to_underlying(locale.language));
  Correspondent made{.locale = &locale, .trade = trade.goods[language]};
  const std::string part = trade.name_part[language];
  made.company = (locale.language == Language::french || locale.language == Language::spanish ? part + " " + stem : stem + " " + part) +
                 " " + locale.company_suffix;
  const auto slug = ascii_name(stem), word = ascii_name(part);
  made.domain = (random.chance(40) ? slug + "-" + word : random.chance(60) ? slug + word : slug + "-" + word.substr(0, 5)) + ".example";
  const std::string given = random.pick(locale.given_names), family = random.pick(locale.family_names);
  static constexpr const char* desks[4][3] = {{"accounts", "billing", "invoices"},
                                              {"buchhaltung", "rechnung", "faktura"},
                                              {"comptabilite", "facturation", "factures"},
                                              {"facturacion", "administracion", "cobros"}};
  static constexpr const char* desk_names[4] = {"Accounts", "Buchhaltung", "Comptabilité", "Facturación"};
  made.sales = {given + " " + family, ascii_name(given) + "." + ascii_name(family) + "@" + made.domain};
  made.accounts = {std::string(desk_names[language]) + " " + stem, std::string(random.pick(desks[language])) + "@" + made.domain};
  made.hosting = static_cast<Hosting>(random.below(3));
  static constexpr const char* own_mailers[] = {"Apple Mail (2.3774.600.62)", "Open-Xchange Mailer v8.12", "Roundcube Webmail/1.6.6",
                                                "SAPConnect 7.50"};
  made.ip = made.hosting == Hosting::google      ? std::format("209.85.{}.{}", random.between(128, 221), random.between(41, 182))
            : made.hosting == Hosting::microsoft ? std::format("40.107.{}.{}", random.between(2, 250), random.between(40, 140))
                                                 : std::format("203.0.113.{}", random.between(2, 250));
  made.host = made.hosting == Hosting::google      ? std::format("mail-wm1-f{}.google.com", random.between(41, 68))
              : made.hosting == Hosting::microsoft ? std::format("mail-{}.outbound.protection.outlook.com", random.hex(10))
                                                   : "mail." + made.domain;
  if (made.hosting == Hosting::own_server) made.mailer = random.pick(own_mailers);
  made.account = make_account(locale.country, random);
  made.spaced_account = random.chance(60);
  made.account_in_pdf_only = random.chance(20);
  return made;
}

std::vector<Correspondent> correspondents(const Locale& home, std::size_t count, std::unordered_set<std::string>& domains, Random& random) {
  std::vector<Correspondent> made;
  while (made.size() < count) {
    const auto& where = random.chance(55) ? home : locale(random.below(locale_count));
    const auto names = stems(where.language);
    auto one = correspondent(where, trades[random.below(std::size(trades))], names[random.below(names.size())], random);
    // No two that are easily taken for each other: that is what the stories are for.
    if (domains.insert(one.domain.substr(0, 6)).second || made.size() + domains.size() > 60) made.push_back(std::move(one));
    if (domains.size() > 80) domains.clear();
  }
  return made;
}

void hire(World& world, std::size_t count, Random& random) {
  std::unordered_set<std::string> taken;
  for (std::size_t i = 0; i < count; ++i) {
    const auto& job = i < std::size(jobs) ? jobs[i] : jobs[roles_count + (i % (std::size(jobs) - roles_count))];
    Person person{.job_title = job.title, .department = job.department, .manager = job.manager % count};
    std::string local;
    for (int tries = 0; tries < 8; ++tries) {
      const auto& where = random.chance(80) ? *world.locale : locale(random.below(locale_count));
      person.given = random.pick(where.given_names);
      person.family = random.pick(where.family_names);
      local = ascii_name(person.given) + "." + ascii_name(person.family);
      if (!taken.contains(local)) break;
    }
    if (!taken.insert(local).second) local += std::to_string(i);
    person.address = local + "@" + world.company.domain;
    world.company.people.push_back(std::move(person));
  }
}

BulkSender bulk(BulkKind kind, std::string name, const std::string& local, const std::string& domain, const std::string& link_host,
                Random& random) {
  BulkSender sender{
      .kind = kind, .name = name, .from = {name, local + "@" + domain}, .domain = domain, .link_domain = link_host + "." + domain};
  sender.ip = std::format("198.51.100.{}", random.between(4, 60));
  if (kind == BulkKind::newsletter) sender.list_id = name + " <news." + domain + ">";
  return sender;
}

void subscribe(World& world, Random& random) {
  struct Paper {
    const char* name;
    const char* domain;
  };
  static constexpr Paper papers[4][4] = {{{"Trade Weekly", "tradeweekly.example"},
                                          {"Regional Trade Chamber", "trade-chamber.example"},
                                          {"Supply Today", "supplytoday.example"},
                                          {"The Payroll Letter", "payroll-letter.example"}},
                                         {{"Branchenblick", "branchenblick.example"},
                                          {"Handelskammer Mitte", "handelskammer-mitte.example"},
                                          {"Logistik heute", "logistik-heute.example"},
                                          {"Einkauf aktuell", "einkauf-aktuell.example"}},
                                         {{"L'Hebdo des PME", "hebdo-pme.example"},
                                          {"Chambre du Commerce", "chambre-commerce.example"},
                                          {"Flux et Transport", "flux-transport.example"},
                                          {"La Lettre sociale", "lettre-sociale.example"}},
                                         {{"Semana Industrial", "semana-industrial.example"},
                                          {"Cámara de Comercio", "camara-comercio.example"},
                                          {"Logística Hoy", "logistica-hoy.example"},
                                          {"Boletín Laboral", "boletin-laboral.example"}}};
  for (const auto& paper : papers[std::to_underlying(world.locale->language)])
    world.newsletters.push_back(bulk(BulkKind::newsletter, paper.name, random.chance(50) ? "news" : "editor", paper.domain, "www", random));
  world.services = {bulk(BulkKind::ticketing, "Deskly", "notifications", "deskly.example", "app", random),
                    bulk(BulkKind::tasks, "Planboard", "no-reply", "planboard.example", "boards", random),
                    bulk(BulkKind::signing, "Signatura", "envelopes", "signatura.example", "sign", random),
                    bulk(BulkKind::voicemail, "Voxline", "voicemail", "voxline.example", "play", random),
                    bulk(BulkKind::file_share, "Filebay", "share", "filebay.example", "files", random),
                    bulk(BulkKind::password, "Onepass Directory", "security", "onepass-directory.example", "account", random)};
}

}  // namespace

const BulkSender& World::service(BulkKind kind) const { return *std::ranges::find(services, kind, &BulkSender::kind); }

World make_world(ProviderKind provider, std::uint64_t seed, std::size_t mailboxes, TimePoint now) {
  World world{.seed = hashed(provider == ProviderKind::google ? "google" : "microsoft", seed), .now = now};
  Random random(world.seed);
  static constexpr std::size_t homes[] = {0, 0, 0, 1, 2, 2, 3, 4, 5, 0};  // half of them speak English
  world.locale = &locale(random.pick(homes));
  auto& company = world.company;
  company.provider = provider;
  const std::string stem = random.pick(company_stems);
  const auto& industry = random.pick(industries);
  company.name = stem + " " + industry.word;
  company.domain = ascii_name(stem) + "-" + industry.slug + ".example";
  hire(world, std::max<std::size_t>(mailboxes, 1), random);
  std::unordered_set<std::string> domains = {company.domain.substr(0, 6)};
  world.vendors = correspondents(*world.locale, 12 + std::min<std::size_t>(mailboxes / 100, 200), domains, random);
  world.customers = correspondents(*world.locale, 8 + std::min<std::size_t>(mailboxes / 100, 200), domains, random);
  world.account_before = make_account(world.vendors.back().locale->country, random);
  world.account_moves_at = std::chrono::floor<std::chrono::days>(now) - std::chrono::days(34) + std::chrono::hours(9);
  subscribe(world, random);
  return world;
}

std::string lookalike_of(std::string_view domain, Random& random) {
  const auto label = std::string(domain.substr(0, domain.find('.')));
  const std::string rest(domain.substr(domain.find('.')));
  std::string made = label;
  for (int tries = 0; made == label && tries < 20; ++tries) {
    switch (random.below(6)) {
      case 0: {  // letters that look alike
        static constexpr std::pair<std::string_view, std::string_view> alike[] = {{"m", "rn"}, {"l", "1"},  {"o", "0"},
                                                                                  {"i", "l"},  {"w", "vv"}, {"n", "m"}};
        const auto& [from, to] = random.pick(alike);
        if (const auto at = made.find(from); at != std::string::npos) made.replace(at, from.size(), to);
        break;
      }
      case 1:  // a letter less
        made.erase(2 + random.below(made.size() - 3), 1);
        break;
      case 2: {  // a letter twice
        const auto at = 1 + random.below(made.size() - 2);
        if (made[at] != '-') made.insert(at, 1, made[at]);
        break;
      }
      case 3: {  // two letters change places
        const auto at = 1 + random.below(made.size() - 3);
        std::swap(made[at], made[at + 1]);
        break;
      }
      case 4: {  // a hyphen more, or less
        if (const auto at = made.find('-'); at != std::string::npos)
          made.erase(at, 1);
        else
          made.insert(made.size() / 2, 1, '-');
        break;
      }
      default:  // an s more
        made += 's';
    }
  }
  return made + rest;
}

Correspondent make_stranger(const Locale& locale, Random& random) {
  static constexpr const char* more[] = {"Tresco", "Ulvert", "Yarrow",  "Zenner", "Wendell", "Carrow",
                                         "Dalby",  "Ormond", "Lyneham", "Sable",  "Hexton",  "Vyner"};
  const auto stem = std::string(random.pick(more)) + (random.chance(50) ? "" : std::string(1, static_cast<char>('a' + random.below(26))));
  return correspondent(locale, trades[random.below(std::size(trades))], stem, random);
}

}  // namespace letterlock::sim
