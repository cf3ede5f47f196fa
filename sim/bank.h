#pragma once

// Bank accounts with check digits that are right: IBAN (ISO 13616, mod 97), US routing number (ABA checksum). Pure; any thread.

#include <string>
#include <string_view>

#include "sim/random.h"

namespace letterlock::sim {

struct BankAccount {
  std::string iban;  // without spaces; empty in the US
  std::string bic;
  std::string routing;  // US alone
  std::string account;  // US alone

  // As an invoice shows it, one line each; spaced: the IBAN in groups of four.
  std::string lines(bool spaced) const;
  bool operator==(const BankAccount&) const = default;
};

// country: GB, US, DE, FR, ES, AT, or one where accounts are opened from a sofa: LT, IE.
BankAccount make_account(std::string_view country, Random& random);

}  // namespace letterlock::sim
