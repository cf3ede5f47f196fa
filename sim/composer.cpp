#include "sim/composer.h"

#include <algorithm>
#include <format>

#include "base/encoding.h"
#include "sim/random.h"
#include "sim/transport.h"

namespace letterlock::sim {
namespace {

bool is_ascii(std::string_view text) {
  return std::ranges::all_of(text, [](char c) { return static_cast<unsigned char>(c) < 0x80; });
}

std::string quoted_printable(std::string_view text) {
  static constexpr char hex[] = "0123456789ABCDEF";
  std::string out;
  std::size_t column = 0;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const auto c = static_cast<unsigned char>(text[i]);
    if (c == '\n') {
      out += "\r\n";
      column = 0;
      continue;
    }
    const bool last_blank = c == ' ' && (i + 1 == text.size() || text[i + 1] == '\n');
    const bool plain = c >= 32 && c < 127 && c != '=' && !last_blank;
    if (column + (plain ? 1 : 3) > 75) {
      out += "=\r\n";
      column = 0;
    }
    if (plain) {
      out += static_cast<char>(c);
      ++column;
    } else {
      out += '=';
      out += hex[c >> 4];
      out += hex[c & 15];
      column += 3;
    }
  }
  return out;
}

std::string base64_lines(std::string_view bytes) {
  const auto encoded = to_base64(bytes);
  std::string out;
  for (std::size_t i = 0; i < encoded.size(); i += 76) out += encoded.substr(i, 76) + "\r\n";
  return out;
}

std::string text_entity(std::string_view type, std::string_view text) {
  std::string out = "Content-Type: " + std::string(type) + "; charset=\"UTF-8\"\r\n";
  bool short_lines = true;
  for (std::size_t begin = 0; begin < text.size();) {
    const auto end = std::min(text.find('\n', begin), text.size());
    short_lines = short_lines && end - begin < 900;
    begin = end + 1;
  }
  if (is_ascii(text) && short_lines && type == "text/plain") {
    out += "Content-Transfer-Encoding: 7bit\r\n\r\n";
    for (const char c : text) out += c == '\n' ? std::string("\r\n") : std::string(1, c);
  } else {
    out += "Content-Transfer-Encoding: quoted-printable\r\n\r\n" + quoted_printable(text);
  }
  return out + "\r\n";
}

std::string multipart(std::string_view subtype, const std::string& boundary, const std::vector<std::string>& parts) {
  std::string out = "Content-Type: multipart/" + std::string(subtype) + "; boundary=\"" + boundary + "\"\r\n\r\n";
  for (const auto& part : parts) out += "--" + boundary + "\r\n" + part + (part.ends_with("\r\n") ? "" : "\r\n");
  return out + "--" + boundary + "--\r\n";
}

std::string formatted(const Address& address) {
  if (address.name.empty()) return address.address;
  const bool special = address.name.find_first_of("()<>[]:;@\\,.\"") != std::string::npos;
  const auto name = !is_ascii(address.name) ? encoded_header(address.name) : special ? "\"" + address.name + "\"" : address.name;
  return name + " <" + address.address + ">";
}

std::string formatted(const std::vector<Address>& addresses) {
  std::string out;
  for (const auto& address : addresses) out += (out.empty() ? "" : ",\r\n ") + formatted(address);
  return out;
}

}  // namespace

std::string domain_of(std::string_view address) {
  const auto at = address.rfind('@');
  return at == std::string_view::npos ? std::string() : lower_case(address.substr(at + 1));
}

std::string rfc5322_date(TimePoint time, int utc_offset_minutes) {
  const auto whole = std::chrono::floor<std::chrono::seconds>(time + std::chrono::minutes(utc_offset_minutes));
  const auto day = std::chrono::floor<std::chrono::days>(whole);
  const std::chrono::year_month_day date(day);
  const std::chrono::hh_mm_ss clock(whole - day);
  static constexpr const char* weekdays[] = {"Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"};
  static constexpr const char* months[] = {"Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
  return std::format("{}, {:02} {} {} {:02}:{:02}:{:02} {}{:02}{:02}", weekdays[std::chrono::weekday(day).c_encoding()],
                     static_cast<unsigned>(date.day()), months[static_cast<unsigned>(date.month()) - 1], static_cast<int>(date.year()),
                     clock.hours().count(), clock.minutes().count(), clock.seconds().count(), utc_offset_minutes < 0 ? "-" : "+",
                     std::abs(utc_offset_minutes) / 60, std::abs(utc_offset_minutes) % 60);
}

std::string encoded_header(std::string_view text) {
  if (is_ascii(text)) return std::string(text);
  std::string out;
  while (!text.empty()) {
    auto length = std::min<std::size_t>(text.size(), 42);
    while (length < text.size() && length > 36 && (static_cast<unsigned char>(text[length]) & 0xC0) == 0x80) --length;
    out += (out.empty() ? "=?UTF-8?B?" : "\r\n =?UTF-8?B?") + to_base64(text.substr(0, length)) + "?=";
    text.remove_prefix(length);
  }
  return out;
}

std::string html_escaped(std::string_view text) {
  std::string out;
  for (const char c : text) {
    switch (c) {
      case '<':
        out += "&lt;";
        break;
      case '>':
        out += "&gt;";
        break;
      case '&':
        out += "&amp;";
        break;
      case '\n':
        out += "<br>\n";
        break;
      default:
        out += c;
    }
  }
  return out;
}

// What looks like a link becomes one, as mail programs do.
std::string html_from_text(std::string_view text) {
  std::string out = "<html><head><meta http-equiv=\"Content-Type\" content=\"text/html; charset=utf-8\"></head><body>\n<div>";
  while (!text.empty()) {
    const auto link = text.find("https://");
    out += html_escaped(text.substr(0, link));
    if (link == std::string_view::npos) break;
    text.remove_prefix(link);
    const auto url = html_escaped(text.substr(0, text.find_first_of(" \n)<>")));
    out += "<a href=\"" + url + "\">" + url + "</a>";
    text.remove_prefix(std::min(text.size(), text.find_first_of(" \n)<>")));
  }
  return out + "</div>\n</body></html>\n";
}

std::string compose(const MailSpec& spec, const Viewpoint& viewpoint) {
  Random random(hashed(spec.message_id, hashed(viewpoint.address)));
  std::string out;
  if (!viewpoint.outgoing) out += transport_headers(spec, viewpoint, random);
  for (const auto& [name, value] : spec.forged_headers) out += name + ": " + value + "\r\n";
  out += "MIME-Version: 1.0\r\n";
  out += "From: " + formatted(spec.from) + "\r\n";
  if (spec.sender) out += "Sender: " + formatted(*spec.sender) + "\r\n";
  if (spec.reply_to) out += "Reply-To: " + formatted(*spec.reply_to) + "\r\n";
  out += "Date: " + rfc5322_date(spec.date, spec.utc_offset_minutes) + "\r\n";
  out += "Message-ID: " + spec.message_id + "\r\n";
  if (!spec.in_reply_to.empty()) out += "In-Reply-To: " + spec.in_reply_to + "\r\n";
  if (!spec.references.empty()) {
    out += "References:";
    for (const auto& reference : spec.references) out += " " + reference + (&reference == &spec.references.back() ? "" : "\r\n");
    out += "\r\n";
  }
  out += "Subject: " + encoded_header(spec.subject) + "\r\n";
  if (!spec.to.empty()) out += "To: " + formatted(spec.to) + "\r\n";
  if (!spec.cc.empty()) out += "Cc: " + formatted(spec.cc) + "\r\n";
  if (!spec.list_id.empty()) out += "List-Id: " + spec.list_id + "\r\n";
  if (!spec.list_unsubscribe.empty())
    out += "List-Unsubscribe: <" + spec.list_unsubscribe + ">\r\nList-Unsubscribe-Post: List-Unsubscribe=One-Click\r\nPrecedence: bulk\r\n";
  if (spec.automatic) out += "Auto-Submitted: " + std::string(spec.null_sender ? "auto-replied" : "auto-generated") + "\r\n";
  if (!spec.mailer.empty()) out += "X-Mailer: " + spec.mailer + "\r\n";

  if (!spec.entity.empty()) return out + spec.entity;
  const auto boundary = "=_" + to_hex(sha256(spec.message_id)).substr(0, 24);
  std::string body;
  if (!spec.calendar.empty())
    body = multipart("alternative", boundary + "_a",
                     {text_entity("text/plain", spec.text),
                      "Content-Type: text/calendar; charset=\"UTF-8\"; method=REQUEST\r\nContent-Transfer-Encoding: base64\r\n\r\n" +
                          base64_lines(spec.calendar)});
  else if (!spec.text.empty() && !spec.html.empty())
    body = multipart("alternative", boundary + "_a", {text_entity("text/plain", spec.text), text_entity("text/html", spec.html)});
  else if (!spec.html.empty())
    body = text_entity("text/html", spec.html);
  else
    body = text_entity("text/plain", spec.text);
  if (!spec.attachments.empty()) {
    std::vector<std::string> parts = {body};
    for (const auto& attachment : spec.attachments)
      parts.push_back("Content-Type: " + attachment.type + "; name=\"" + attachment.name +
                      "\"\r\nContent-Transfer-Encoding: base64\r\nContent-Disposition: attachment; filename=\"" + attachment.name +
                      "\"\r\n\r\n" + base64_lines(attachment.bytes));
    body = multipart("mixed", boundary + "_m", parts);
  }
  return out + body;
}

}  // namespace letterlock::sim
