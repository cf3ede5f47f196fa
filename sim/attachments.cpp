#include "sim/attachments.h"

#include <format>

#include "sim/composer.h"

namespace letterlock::sim {
namespace {

// UTF-8 to WinAnsiEncoding: Latin-1, and the euro sign.
std::string win_ansi(std::string_view text) {
  std::string out;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const auto c = static_cast<unsigned char>(text[i]);
    if (c < 0x80) {
      if (c == '(' || c == ')' || c == '\\') out += '\\';
      out += static_cast<char>(c);
    } else if ((c == 0xC2 || c == 0xC3) && i + 1 < text.size()) {
      out += std::format("\\{:03o}", (c == 0xC3 ? 0x40 : 0) + static_cast<unsigned char>(text[++i]));
    } else {
      out += text.substr(i).starts_with("€") ? "\\200" : "?";
      while (i + 1 < text.size() && (static_cast<unsigned char>(text[i + 1]) & 0xC0) == 0x80) ++i;
    }
  }
  return out;
}

std::string ical_time(TimePoint time) {
  const auto whole = std::chrono::floor<std::chrono::seconds>(time);
  return std::format("{:%Y%m%dT%H%M%SZ}", whole);
}

std::string ical_text(std::string_view text) {
  std::string out;
  for (const char c : text) {
    if (c == ',' || c == ';' || c == '\\') out += '\\';
    if (c == '\n')
      out += "\\n";
    else
      out += c;
  }
  return out;
}

// Content lines are folded at 75 octets, never within a UTF-8 sequence (RFC 5545, 3.1).
std::string folded(std::string line) {
  std::string out;
  while (line.size() > 74) {
    std::size_t cut = 74;
    while ((static_cast<unsigned char>(line[cut]) & 0xC0) == 0x80) --cut;
    out += line.substr(0, cut) + "\r\n ";
    line.erase(0, cut);
  }
  return out + line + "\r\n";
}

}  // namespace

std::string text_pdf(const std::vector<std::string>& lines) {
  std::string stream = "BT /F1 11 Tf 60 780 Td 16 TL\n";
  for (const auto& line : lines) stream += "(" + win_ansi(line) + ") Tj T*\n";
  stream += "ET";
  const std::string objects[] = {
      "<< /Type /Catalog /Pages 2 0 R >>", "<< /Type /Pages /Kids [3 0 R] /Count 1 >>",
      "<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Contents 4 0 R /Resources << /Font << /F1 5 0 R >> >> >>",
      std::format("<< /Length {} >>\nstream\n{}\nendstream", stream.size(), stream),
      "<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica /Encoding /WinAnsiEncoding >>"};
  std::string out = "%PDF-1.4\n%\xE2\xE3\xCF\xD3\n";
  std::string table = "xref\n0 6\n0000000000 65535 f \n";
  for (int i = 0; i < 5; ++i) {
    table += std::format("{:010} 00000 n \n", out.size());
    out += std::format("{} 0 obj\n{}\nendobj\n", i + 1, objects[i]);
  }
  const auto start = out.size();
  return out + table + std::format("trailer\n<< /Size 6 /Root 1 0 R >>\nstartxref\n{}\n%%EOF\n", start);
}

std::string calendar_request(const Invitation& invitation) {
  std::string out =
      "BEGIN:VCALENDAR\r\nPRODID:-//Office calendar//EN\r\nVERSION:2.0\r\nCALSCALE:GREGORIAN\r\nMETHOD:REQUEST\r\nBEGIN:VEVENT\r\n";
  out += "DTSTART:" + ical_time(invitation.start) + "\r\nDTEND:" + ical_time(invitation.start + std::chrono::minutes(invitation.minutes)) +
         "\r\n";
  out += "DTSTAMP:" + ical_time(invitation.start - std::chrono::days(1)) + "\r\n";
  out += folded(std::format("ORGANIZER;CN={}:mailto:{}", invitation.organiser.name, invitation.organiser.address));
  out += folded("UID:" + invitation.uid);
  for (const auto& attendee : invitation.attendees)
    out += folded(std::format("ATTENDEE;CUTYPE=INDIVIDUAL;ROLE=REQ-PARTICIPANT;PARTSTAT=NEEDS-ACTION;RSVP=TRUE;CN={}:mailto:{}",
                              attendee.name, attendee.address));
  out += folded("SUMMARY:" + ical_text(invitation.summary));
  out += folded("LOCATION:" + ical_text(invitation.location));
  out += folded("DESCRIPTION:" + ical_text(invitation.description));
  return out + "SEQUENCE:0\r\nSTATUS:CONFIRMED\r\nTRANSP:OPAQUE\r\nEND:VEVENT\r\nEND:VCALENDAR\r\n";
}

std::string delivery_status(const Bounce& bounce, const std::string& boundary) {
  std::string out = "Content-Type: multipart/report; report-type=delivery-status;\r\n boundary=\"" + boundary + "\"\r\n\r\n";
  out += "--" + boundary + "\r\nContent-Type: text/plain; charset=\"UTF-8\"\r\nContent-Transfer-Encoding: 8bit\r\n\r\n";
  for (const char c : bounce.human_text) out += c == '\n' ? std::string("\r\n") : std::string(1, c);
  out += "\r\n--" + boundary + "\r\nContent-Type: message/delivery-status\r\n\r\nReporting-MTA: dns; " + bounce.reporter +
         "\r\nArrival-Date: " + rfc5322_date(bounce.original_date, 0) + "\r\n\r\nFinal-Recipient: rfc822; " + bounce.failed_recipient +
         "\r\nAction: failed\r\nStatus: 5.1.1\r\nDiagnostic-Code: smtp; 550 5.1.1 The email account that you tried to reach does not "
         "exist\r\n";
  out += "\r\n--" + boundary + "\r\nContent-Type: text/rfc822-headers\r\n\r\nFrom: " + bounce.original_from.address +
         "\r\nTo: " + bounce.failed_recipient + "\r\nSubject: " + encoded_header(bounce.original_subject) +
         "\r\nMessage-ID: " + bounce.original_message_id + "\r\nDate: " + rfc5322_date(bounce.original_date, 0) + "\r\n";
  return out + "\r\n--" + boundary + "--\r\n";
}

}  // namespace letterlock::sim
