#pragma once

// What people write to each other on an ordinary day, in four languages. Tables; any thread.

#include <string>

#include "sim/locale.h"

namespace letterlock::sim {

enum class Talk { vendor, customer, inside };

std::string talk_subject(Language language, Talk talk, Random& random);
// The middle of a letter: the first of a thread, or an answer.
std::string talk_text(Language language, Talk talk, bool first, Random& random);
std::string headline(Language language, Random& random);
std::string newsletter_subject(Language language, Random& random);
std::string private_note(Language language, Random& random);
std::string meeting_topic(Language language, Random& random);
std::string out_of_office(Language language, Random& random);
std::string invoice_thanks(Language language, Random& random);

}  // namespace letterlock::sim
