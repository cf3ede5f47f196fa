#pragma once

// The header block of a message as bytes: what evaluation must read or drop before the real parser sees the message. Pure.

#include <string>
#include <string_view>
#include <vector>

namespace letterlock::evaluation {

struct RawField {
  std::string name;        // lower-cased
  std::string_view value;  // raw, still folded; may end in a line break
  std::string_view whole;  // name, value and line break
};

// The fields above the first empty line, at most 5,000; lines that are no field are passed over.
std::vector<RawField> raw_fields(std::string_view message);

// Whether a header field says what the receiver's own spam filter thought: X-Spam-* (SpamAssassin, rspamd and others),
// X-MS-Exchange-Organization-SCL, -PCL, -AntiSpam-*, X-Forefront-Antispam-Report, X-Microsoft-Antispam*, X-Rspamd-*, X-Gm-Spam,
// X-Gm-Phishy, X-Bogosity, X-DSPAM-*, X-Proofpoint-Spam-*, X-Barracuda-Spam-*, X-IronPort-Anti-Spam*, X-Ovh-Spam*, X-SID-*,
// X-CMAE-*, X-VR-Spam*, X-Mailscanner-Spam*. Authentication-Results is no verdict on spam and is not among them, although
// Microsoft writes "compauth" and "action" there.
bool is_spam_verdict(std::string_view lower_name);

// The message without its spam verdicts; all other bytes stay as they are.
std::string without_spam_verdicts(std::string_view message);

}  // namespace letterlock::evaluation
