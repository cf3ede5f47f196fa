#pragma once

// Files and parts that mail carries: PDFs with text that can be extracted, calendar invitations (RFC 5545, 5546), delivery
// status notifications (RFC 3464). Pure; any thread.

#include <string>
#include <vector>

#include "base/clock.h"
#include "sim/mime_reader.h"

namespace letterlock::sim {

// One page, Helvetica in WinAnsiEncoding; what that encoding lacks is shown as '?'.
std::string text_pdf(const std::vector<std::string>& lines);

struct Invitation {
  Address organiser;
  std::vector<Address> attendees;
  std::string summary, location, description, uid;
  TimePoint start;
  int minutes = 30;
};
std::string calendar_request(const Invitation& invitation);

struct Bounce {
  std::string reporter;  // host that reports
  Address original_from;
  std::string failed_recipient, original_subject, original_message_id, human_text;
  TimePoint original_date;
};
// The whole entity: Content-Type line, blank line, body.
std::string delivery_status(const Bounce& bounce, const std::string& boundary);

}  // namespace letterlock::sim
