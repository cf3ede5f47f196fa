#include "sim/locale.h"

#include <array>
#include <format>
#include <utility>

namespace letterlock::sim {
namespace {

constexpr const char* english_given[] = {"Claire", "Martin", "Sophie", "Daniel",  "Hannah", "Thomas", "Priya", "Owen",   "Isabel",
                                         "Marcus", "Imogen", "Samuel", "Leila",   "Victor", "Nadia",  "Peter", "Amelia", "Ralph",
                                         "Judith", "Kwame",  "Helena", "Stuart",  "Miriam", "Andrew", "Beth",  "Colin",  "Yara",
                                         "Felix",  "Gemma",  "Hugo",   "Rebecca", "Simon",  "Tamsin"};
constexpr const char* english_family[] = {
    "Dunmore", "Whitfield", "Kowalski", "Okafor",   "Lindley",   "Marchant",  "Prescott",  "Raman",   "Hollis",   "Bergstrom", "Castellan",
    "Donovan", "Eastwood",  "Fairburn", "Grantham", "Haverford", "Ibsen",     "Jarvis",    "Kimura",  "Lockhart", "Mbeki",     "Northcott",
    "Oakley",  "Pellegrin", "Quimby",   "Rothwell", "Sandoval",  "Thackeray", "Underhill", "Vasquez", "Wetherby", "Yardley",   "Ashdown"};
constexpr const char* american_given[] = {"Tyler",  "Megan",  "Brandon", "Kayla",  "Jason", "Ashley",  "Derek",  "Lauren",
                                          "Carlos", "Denise", "Trevor",  "Monica", "Kyle",  "Heather", "Darnell"};
constexpr const char* american_family[] = {"Carver",   "Mendez",    "Tolliver", "Pruitt",  "Nakamura", "Hutchins", "Delgado", "Brenner",
                                           "Whitaker", "Pemberton", "Skinner",  "Okonkwo", "Ramsey",   "Lindgren", "Castillo"};
constexpr const char* german_given[] = {"Jürgen", "Anke",  "Matthias", "Sabine", "Björn",  "Katrin", "Florian", "Ulrike", "Dirk",
                                        "Heike",  "Lukas", "Annette",  "Stefan", "Birgit", "Tobias", "Jana",    "Holger", "Petra"};
constexpr const char* german_family[] = {"Müller-Hain", "Brandt",   "Vogelsang", "Krämer",   "Lehmann", "Straub",
                                         "Ottersbach",  "Böhme",    "Hartwig",   "Seidel",   "Kübler",  "Reinhold",
                                         "Wiegand",     "Thormann", "Pfeffer",   "Eickhoff", "Dörfler", "Zimmer"};
constexpr const char* french_given[] = {"Étienne",  "Camille", "Benoît", "Hélène",    "Julien", "Aurélie", "Mathieu", "Sandrine", "Olivier",
                                        "Nathalie", "Rémi",    "Élodie", "Guillaume", "Solène", "Thierry", "Margaux", "Pascal",   "Inès"};
constexpr const char* french_family[] = {"Delacroix", "Fontaine", "Mercier", "Garnier",  "Lefèvre", "Chevalier",
                                         "Rousselle", "Perrault", "Barbier", "Marchand", "Giraud",  "Besson",
                                         "Vasseur",   "Poulain",  "Lacombe", "Tessier",  "Aubert",  "Béranger"};
constexpr const char* spanish_given[] = {"Beatriz", "Álvaro", "Lucía", "Rafael", "Marta", "Íñigo",  "Carmen", "Sergio", "Nuria",
                                         "Andrés",  "Pilar",  "Hugo",  "Elena",  "Jorge", "Raquel", "Tomás",  "Silvia", "Gonzalo"};
constexpr const char* spanish_family[] = {"Ibáñez",     "Carrasco",  "Ortega",   "Montoya",  "Peñalver", "Salgado",
                                          "Villanueva", "Castaño",   "Robledo",  "Quintana", "Aguirre",  "Lozano",
                                          "Herrero",    "Escribano", "Manrique", "Bermejo",  "Olmedo",   "Sandoval"};

const std::array<Locale, locale_count> locales = {{
    {Language::english, "GB", "GBP", 0, "Ltd", english_given, english_family},
    {Language::english, "US", "USD", -300, "Inc.", american_given, american_family},
    {Language::german, "DE", "EUR", 60, "GmbH", german_given, german_family},
    {Language::french, "FR", "EUR", 60, "SARL", french_given, french_family},
    {Language::spanish, "ES", "EUR", 60, "S.L.", spanish_given, spanish_family},
    {Language::german, "AT", "EUR", 60, "GmbH", german_given, german_family},
}};

std::chrono::year_month_day local_day(const Locale& locale, TimePoint time) {
  return std::chrono::year_month_day(std::chrono::floor<std::chrono::days>(time + std::chrono::minutes(locale.utc_offset_minutes)));
}

}  // namespace

const Locale& locale(std::size_t index) { return locales[index % locale_count]; }
const Locale& locale_of(Language language) {
  for (const auto& item : locales)
    if (item.language == language) return item;
  return locales[0];
}

std::string day_name(Language language, Random& random) {
  static constexpr const char* names[4][5] = {{"Monday", "Tuesday", "Wednesday", "Thursday", "Friday"},
                                              {"Montag", "Dienstag", "Mittwoch", "Donnerstag", "Freitag"},
                                              {"lundi", "mardi", "mercredi", "jeudi", "vendredi"},
                                              {"lunes", "martes", "miércoles", "jueves", "viernes"}};
  return names[std::to_underlying(language)][random.below(5)];
}

std::string written_date(const Locale& locale, TimePoint time) {
  const auto date = local_day(locale, time);
  const auto day = static_cast<unsigned>(date.day()), month = static_cast<unsigned>(date.month());
  const auto year = static_cast<int>(date.year());
  if (std::string_view(locale.country) == "US") return std::format("{:02}/{:02}/{}", month, day, year);
  if (locale.language == Language::german) return std::format("{:02}.{:02}.{}", day, month, year);
  return std::format("{:02}/{:02}/{}", day, month, year);
}

std::string written_amount(const Locale& locale, std::int64_t cents) {
  const auto group = locale.language == Language::english ? "," : locale.language == Language::french ? " " : ".";
  auto whole = std::to_string(cents / 100);
  for (auto place = static_cast<int>(whole.size()) - 3; place > 0; place -= 3) whole.insert(static_cast<std::size_t>(place), group);
  if (locale.language == Language::english) return std::format("{} {}.{:02}", locale.currency, whole, cents % 100);
  return std::format("{},{:02} {}", whole, cents % 100, locale.currency);
}

std::string greeting(Language language, std::string_view given, std::string_view family, Random& random) {
  switch (language) {
    case Language::english: {
      static constexpr const char* forms[] = {"Hi {0},", "Hello {0},", "Dear {0},", "Good morning {0},", "{0},", "Dear {0} {1},"};
      return std::vformat(random.pick(forms), std::make_format_args(given, family));
    }
    case Language::german: {
      static constexpr const char* forms[] = {"Hallo {0},", "Guten Tag {0} {1},", "Hallo zusammen,", "Liebe Kollegen,",
                                              "Guten Morgen {0},"};
      return std::vformat(random.pick(forms), std::make_format_args(given, family));
    }
    case Language::french: {
      static constexpr const char* forms[] = {"Bonjour {0},", "Bonjour,", "Chère collègue, cher collègue,", "Bonjour {0} {1},"};
      return std::vformat(random.pick(forms), std::make_format_args(given, family));
    }
    case Language::spanish: {
      static constexpr const char* forms[] = {"Hola {0}:", "Buenos días, {0}:", "Estimado/a {0} {1}:", "Hola:"};
      return std::vformat(random.pick(forms), std::make_format_args(given, family));
    }
  }
  return {};
}

std::string sign_off(Language language, Random& random) {
  static constexpr const char* lines[4][5] = {
      {"Best regards", "Kind regards", "Many thanks", "Thanks", "Regards"},
      {"Mit freundlichen Grüßen", "Viele Grüße", "Beste Grüße", "Danke und Gruß", "Freundliche Grüße"},
      {"Cordialement", "Bien à vous", "Bien cordialement", "Merci d'avance", "Salutations distinguées"},
      {"Un saludo", "Saludos cordiales", "Gracias y un saludo", "Atentamente", "Saludos"}};
  return lines[std::to_underlying(language)][random.below(5)];
}

std::string attribution(const Locale& locale, std::string_view name, std::string_view address, TimePoint time) {
  const auto shown = time + std::chrono::minutes(locale.utc_offset_minutes);
  const std::chrono::hh_mm_ss clock(std::chrono::floor<std::chrono::minutes>(shown - std::chrono::floor<std::chrono::days>(shown)));
  const auto hour = clock.hours().count(), minute = clock.minutes().count();
  const auto date = written_date(locale, time);
  switch (locale.language) {
    case Language::english:
      return std::format("On {} at {:02}:{:02}, {} <{}> wrote:", date, hour, minute, name, address);
    case Language::german:
      return std::format("Am {} um {:02}:{:02} schrieb {} <{}>:", date, hour, minute, name, address);
    case Language::french:
      return std::format("Le {} à {:02}:{:02}, {} <{}> a écrit :", date, hour, minute, name, address);
    case Language::spanish:
      return std::format("El {} a las {:02}:{:02}, {} <{}> escribió:", date, hour, minute, name, address);
  }
  return {};
}

std::string_view reply_prefix(Language language) {
  return language == Language::german ? "AW: " : language == Language::spanish ? "RE: " : "Re: ";
}

std::string ascii_name(std::string_view name) {
  static constexpr std::pair<std::string_view, std::string_view> folded[] = {
      {"ä", "ae"}, {"ö", "oe"}, {"ü", "ue"}, {"ß", "ss"}, {"é", "e"}, {"è", "e"}, {"ê", "e"}, {"ë", "e"}, {"É", "e"}, {"î", "i"},
      {"ï", "i"},  {"í", "i"},  {"Í", "i"},  {"á", "a"},  {"Á", "a"}, {"â", "a"}, {"ñ", "n"}, {"ó", "o"}, {"ô", "o"}, {"ú", "u"}};
  std::string out;
  for (std::size_t i = 0; i < name.size(); ++i) {
    const auto c = static_cast<unsigned char>(name[i]);
    if (c < 0x80) {
      if (c >= 'A' && c <= 'Z')
        out += static_cast<char>(c + 32);
      else if ((c >= 'a' && c <= 'z') || (c >= '0' && c <= '9'))
        out += static_cast<char>(c);
      continue;
    }
    for (const auto& [from, to] : folded)
      if (name.substr(i).starts_with(from)) {
        out += to;
        i += from.size() - 1;
        break;
      }
  }
  return out;
}

}  // namespace letterlock::sim
