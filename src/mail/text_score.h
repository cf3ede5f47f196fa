#pragma once

// How much a text argues like fraud: many weak words and structures in seven languages, weighed together, so that no single
// phrase decides. Pure; any thread. Also the SQL functions text_score(), text_reasons() and log_odds().

#include <string>
#include <string_view>

namespace letterlock::mail {

// Kinds, and what they look for:
//   "scam"  advance fee, inheritance, donation, investment, loan, lottery and compensation stories
//   "lure"  something is wrong with an account, a parcel, a payment, or something was won: verify, sign in, claim
//   "payment"  money is to move or an account to change, soon or in secret: an ask, not a lure; honest invoices score too
// Returns 0 to 1; unknown kinds are 0. Looks at the first 8 KiB of the text. The score is a logistic sum over concepts:
//   1 / (1 + exp(-(bias + Σ weight × min(3, sqrt(phrases × damp))))), damp = min(1, sqrt(250 / words)),
// where `phrases` counts the concept's distinct phrases that occur: a long text meets more words by chance.
double text_score(std::string_view kind, std::string_view text);

// ln(p / (1 - p)) of a probability that is first brought between `least` and `most` (within 0 to 1): points that add up with others.
double log_odds(double probability, double least, double most);

// Why: the concepts that raised the score most, each with what was found: "amount ($ ##, million dollars); stranger (dear friend)".
// At most four concepts and three phrases each; empty if there are none.
std::string text_reasons(std::string_view kind, std::string_view text);

}  // namespace letterlock::mail
