#pragma once

// Where money would go: the bank accounts that a text names. Pure; any thread.

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "model/email.h"

namespace letterlock::mail {

// Collects what each text of a message names, each instrument once per origin, in the order of the texts.
class PaymentCollector {
 public:
  explicit PaymentCollector(std::size_t instruments_max) : instruments_max_(instruments_max) {}

  // Finds in `text` (UTF-8; at most 1 MiB of it is looked at), printed with blanks, hyphens or neither:
  // - IBAN: country and structure of ISO 13616's registry, check digits by mod 97;
  // - US routing number: 9 digits with their checksum and a Federal Reserve prefix, near "routing" or "ABA"; with the account number
  //   of 4 to 17 digits beside it where one stands there;
  // - BIC: ISO 9362 in capitals with a country code of ISO 3166, right beside "BIC" or "SWIFT", or near either with an IBAN of
  //   the same country in the text;
  // - UK sort code: 6 digits near "sort code", with an account number of 8 digits beside it.
  // origin: "body", "quoted" or "attachment".
  void add_text(std::string_view text, std::string_view origin);

  bool cut() const { return cut_; }
  std::vector<PaymentInstrument> take() { return std::move(found_); }

 private:
  void add(PaymentInstrument instrument);

  std::size_t instruments_max_;
  std::vector<PaymentInstrument> found_;
  bool cut_ = false;
};

// The IBAN's parts if `compact` (no blanks; any case) is one; nullopt otherwise.
std::optional<PaymentInstrument> read_iban(std::string_view compact);
// Nine digits with the checksum of the American Bankers Association and a prefix that is given out.
bool is_us_routing(std::string_view digits);
// 8 or 11 capitals and digits in ISO 9362's form with a known country.
bool is_bic(std::string_view text);

}  // namespace letterlock::mail
