#include "sim/bank.h"

#include <cctype>
#include <format>

namespace letterlock::sim {
namespace {

std::string digits(Random& random, int count) {
  std::string out;
  for (int i = 0; i < count; ++i) out += static_cast<char>('0' + random.below(10));
  return out;
}

std::string iban(std::string_view country, const std::string& rest) {
  std::string numbers;
  for (const char c : rest + std::string(country) + "00")
    numbers += std::isdigit(static_cast<unsigned char>(c)) ? std::string(1, c) : std::to_string(c - 'A' + 10);
  int remainder = 0;
  for (const char c : numbers) remainder = (remainder * 10 + (c - '0')) % 97;
  return std::format("{}{:02}{}", country, 98 - remainder, rest);
}

std::string routing_number(Random& random) {
  std::string first = std::format("0{}{}", random.between(1, 9), digits(random, 6));  // one of the twelve districts
  static constexpr int weights[] = {3, 7, 1, 3, 7, 1, 3, 7};
  int sum = 0;
  for (std::size_t i = 0; i < 8; ++i) sum += weights[i] * (first[i] - '0');
  return first + static_cast<char>('0' + (10 - sum % 10) % 10);
}

}  // namespace

std::string BankAccount::lines(bool spaced) const {
  if (iban.empty()) return std::format("Routing number (ABA): {}\nAccount number: {}", routing, account);
  std::string shown;
  for (std::size_t i = 0; i < iban.size(); ++i) {
    if (spaced && i > 0 && i % 4 == 0) shown += ' ';
    shown += iban[i];
  }
  return std::format("IBAN: {}\nBIC: {}", shown, bic);
}

BankAccount make_account(std::string_view country, Random& random) {
  static constexpr const char* british[] = {"NWXB", "LLOD", "BRCK", "STRX"};
  static constexpr const char* codes[] = {"NOVB", "KREX", "BQPA", "CRDX", "UNIV"};
  const std::string code = country == "GB" || country == "IE" ? random.pick(british) : random.pick(codes);
  if (country == "US") return {.bic = code + "US33", .routing = routing_number(random), .account = digits(random, 10)};
  std::string rest;
  if (country == "GB" || country == "IE")
    rest = code + digits(random, 14);
  else if (country == "DE")
    rest = digits(random, 18);
  else if (country == "FR")
    rest = digits(random, 23);
  else if (country == "ES")
    rest = digits(random, 20);
  else
    rest = digits(random, 16);  // AT, LT
  const auto place = std::string(country) == "GB" ? "2L" : std::string(country) == "DE" ? "FF" : std::string(country) == "FR" ? "PP" : "22";
  return {.iban = iban(country, rest), .bic = code + std::string(country) + place};
}

}  // namespace letterlock::sim
