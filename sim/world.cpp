#include "sim/world.h"

#include <format>

#include "sim/random.h"

namespace letterlock::sim {
namespace {

constexpr const char* given_names[] = {"Claire", "Martin",   "Sofia",  "Daniel", "Hannah", "Tomasz", "Priya",   "Owen",   "Isabel",
                                       "Marcus", "Ingrid",   "Samuel", "Leila",  "Victor", "Nadia",  "Peter",   "Amelia", "Rafael",
                                       "Judith", "Kwame",    "Helena", "Stefan", "Miriam", "Anders", "Beatriz", "Colin",  "Yara",
                                       "Felix",  "Gabriela", "Hugo",   "Renata", "Simon",  "Tamsin", "Ulrich",  "Wendy",  "Xavier",
                                       "Zoë",    "Étienne",  "Björn",  "Dorota", "Farid"};
constexpr const char* family_names[] = {
    "Dunmore",   "Whitfield", "Kowalski", "Okafor",    "Lindqvist", "Marchetti", "Prescott",  "Raman",     "Hollis",
    "Bergstrom", "Castellan", "Donovan",  "Eastwood",  "Fairburn",  "Grantham",  "Haverford", "Ibsen",     "Jarvis",
    "Kimura",    "Lockhart",  "Mbeki",    "Northcott", "Oakley",    "Pellegrin", "Quimby",    "Rothwell",  "Sandoval",
    "Thackeray", "Underhill", "Vasquez",  "Wetherby",  "Yardley",   "Zeller",    "Ashdown",   "Blackwood", "Carmody",
    "Delacroix", "Ellery",    "Fontaine", "Garrick",   "Hartnell",  "Inglis",    "Jessop",    "Kendrick",  "Lovell",
    "Montrose",  "Nakamura",  "Orchard",  "Pemberton", "Redfern",   "Sinclair",  "Tolliver",  "Upton",     "Verhoeven",
    "Winslow",   "Yeats",     "Zimmer",   "Aldridge",  "Birch",     "Corwin",    "Drummond"};
struct Job {
  const char* title;
  const char* department;
};
constexpr Job jobs[] = {{"Chief Executive Officer", "Executive"},
                        {"Chief Financial Officer", "Finance"},
                        {"Accounts Payable Specialist", "Finance"},
                        {"IT Administrator", "IT"},
                        {"HR Manager", "Human Resources"},
                        {"Purchasing Manager", "Purchasing"},
                        {"Sales Manager", "Sales"},
                        {"Operations Manager", "Operations"},
                        {"Office Manager", "Administration"},
                        {"Controller", "Finance"},
                        {"Warehouse Supervisor", "Operations"},
                        {"Account Manager", "Sales"},
                        {"Payroll Specialist", "Human Resources"},
                        {"Quality Engineer", "Quality"},
                        {"Buyer", "Purchasing"},
                        {"Customer Service Agent", "Sales"}};

std::string ascii_local_part(std::string_view name) {
  std::string out;
  for (std::size_t i = 0; i < name.size(); ++i) {
    const auto c = static_cast<unsigned char>(name[i]);
    if (c < 0x80)
      out += static_cast<char>(std::tolower(c));
    else if (c == 0xC3 && i + 1 < name.size()) {
      const auto d = static_cast<unsigned char>(name[++i]);
      out += d == 0xAB || d == 0xA9 || d == 0x89 ? 'e' : d == 0xB6 ? 'o' : 'a';
    }
  }
  return out;
}

std::string iban_for(Random& random) {
  // GB: four letters of a bank, fourteen digits, and check digits that are right (ISO 13616).
  std::string bank = "NWXB";
  std::string account;
  for (int i = 0; i < 14; ++i) account += static_cast<char>('0' + random.below(10));
  std::string digits;
  for (const char c : bank + account + "GB00")
    digits += std::isdigit(static_cast<unsigned char>(c)) ? std::string(1, c) : std::to_string(c - 'A' + 10);
  int rest = 0;
  for (const char c : digits) rest = (rest * 10 + (c - '0')) % 97;
  return std::format("GB{:02}{}{}", 98 - rest, bank, account);
}

Correspondent correspondent(const char* company, const char* domain, const char* trade, Random& random) {
  const auto person = [&](const char* team) {
    const std::string given = random.pick(given_names), family = random.pick(family_names);
    (void)team;
    return Address{.name = given + " " + family, .address = ascii_local_part(given) + "." + ascii_local_part(family) + "@" + domain};
  };
  static constexpr const char* mailers[] = {"", "Microsoft Outlook 16.0", "Apple Mail (2.3774.600.62)", ""};
  return {.company = company,
          .domain = domain,
          .sales = person("sales"),
          .accounts = {.name = std::string(company) + " Accounts", .address = std::string("accounts@") + domain},
          .ip = std::format("203.0.113.{}", random.between(2, 250)),
          .iban = iban_for(random),
          .trade = trade,
          .mailer = random.pick(mailers)};
}

}  // namespace

World make_world(ProviderKind provider, std::uint64_t seed, std::size_t mailboxes, TimePoint now) {
  const bool google = provider == ProviderKind::google;
  World world{.seed = hashed(google ? "google" : "microsoft", seed), .now = now};
  Random random(world.seed);
  auto& company = world.company;
  company.provider = provider;
  company.name = google ? "Northgate Foods" : "Brightwater Logistics";
  company.domain = google ? "northgate-foods.example" : "brightwater-logistics.example";
  world.lookalike_domain = google ? "northgate-f0ods.example" : "brightwater-logistcs.example";
  world.near_domain = google ? "southgate-foods.example" : "lightwater-logistics.example";

  const auto given_offset = random.below(std::size(given_names)), family_offset = random.below(std::size(family_names));
  for (std::size_t i = 0; i < std::max<std::size_t>(mailboxes, 1); ++i) {
    const auto given_index = (i + given_offset) % std::size(given_names);
    const auto family_index = (i * 3 + i / std::size(given_names) + family_offset) % std::size(family_names);
    const auto& job = i < 8 ? jobs[i] : jobs[8 + (i % 8)];
    Person person{
        .given = given_names[given_index], .family = family_names[family_index], .job_title = job.title, .department = job.department};
    person.address = ascii_local_part(person.given) + "." + ascii_local_part(person.family) +
                     (i >= std::size(given_names) * std::size(family_names) ? std::to_string(i) : "") + "@" + company.domain;
    company.people.push_back(std::move(person));
  }

  if (google) {
    world.vendors = {correspondent("Pinehurst Packaging", "pinehurst-packaging.example", "packaging film", random),
                     correspondent("Calder Cold Storage", "caldercold.example", "cold storage", random),
                     correspondent("Tessaro Oils", "tessaro-oils.example", "sunflower oil", random),
                     correspondent("Glenmark Hygiene", "glenmark-hygiene.example", "cleaning supplies", random),
                     correspondent("Ostler Freight", "ostlerfreight.example", "haulage", random)};
    world.customers = {correspondent("Marlow Grocers", "marlowgrocers.example", "ready meals", random),
                       correspondent("Fen & Field Delis", "fenandfield.example", "soups", random),
                       correspondent("Hotel Aurelia Group", "hotel-aurelia.example", "sauces", random),
                       correspondent("Quayside Canteens", "quaysidecanteens.example", "ready meals", random)};
    world.sites = {"the Thornbury plant", "Line 2", "the Avonmouth depot", "the test kitchen", "the Leeds warehouse"};
    world.goods = {"tomato base", "vegetable stock", "lids for the 500 g tubs", "butternut soup",
                   "film reels",  "pallet wrap",     "chilled sauces"};
  } else {
    world.vendors = {correspondent("Hollin Fleet Services", "hollinfleet.example", "truck maintenance", random),
                     correspondent("Merrow Fuel Cards", "merrowfuel.example", "diesel", random),
                     correspondent("Stackwell Racking", "stackwell.example", "pallet racking", random),
                     correspondent("Ardent Tyres", "ardent-tyres.example", "tyres", random),
                     correspondent("Keel Customs Brokers", "keelcustoms.example", "customs clearance", random)};
    world.customers = {correspondent("Pollard Furniture", "pollardfurniture.example", "line haul", random),
                       correspondent("Vantage Medical Supply", "vantagemedical.example", "refrigerated transport", random),
                       correspondent("Bramble & Rye", "brambleandrye.example", "parcel distribution", random),
                       correspondent("Orrin Ceramics", "orrinceramics.example", "groupage", random)};
    world.sites = {"the Felixstowe depot", "dock 4", "the Daventry hub", "the Rotterdam office", "the night shift"};
    world.goods = {"two trailers",       "the reefer units",      "forty-eight pallets",     "the returns cages",
                   "the customs papers", "the Thursday groupage", "the spare curtain-siders"};
  }
  world.bulk = {
      {.name = google ? "Food Manufacture Weekly" : "Haulage Today",
       .from = {google ? "Food Manufacture Weekly" : "Haulage Today",
                google ? "editor@foodmanufactureweekly.example" : "news@haulagetoday.example"},
       .domain = google ? "foodmanufactureweekly.example" : "haulagetoday.example",
       .link_domain = google ? "www.foodmanufactureweekly.example" : "www.haulagetoday.example",
       .list_id = google ? "Food Manufacture Weekly <weekly.foodmanufactureweekly.example>" : "Haulage Today <daily.haulagetoday.example>"},
      {.name = "Trade Chamber Bulletin",
       .from = {"Regional Trade Chamber", "bulletin@trade-chamber.example"},
       .domain = "trade-chamber.example",
       .link_domain = "news.trade-chamber.example",
       .list_id = "Members <members.trade-chamber.example>"},
      {.name = "Deskly",
       .from = {"Deskly", "notifications@deskly.example"},
       .domain = "deskly.example",
       .link_domain = "app.deskly.example",
       .list_id = "",
       .notification = true},
      {.name = "Planboard",
       .from = {"Planboard", "no-reply@planboard.example"},
       .domain = "planboard.example",
       .link_domain = "planboard.example",
       .list_id = "",
       .notification = true},
  };
  return world;
}

}  // namespace letterlock::sim
