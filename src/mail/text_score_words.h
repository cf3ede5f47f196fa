#pragma once

#include <string_view>

namespace letterlock::mail {

// The phrases of text_score.h and what each weighs, as text; its form is described where it is defined.
extern const std::string_view text_score_words;

}  // namespace letterlock::mail
