#include "sim/composer.h"

#include <algorithm>
#include <format>

#include "base/encoding.h"
#include "sim/random.h"

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

std::string google_trace(const MailSpec& spec, const Viewpoint& viewpoint, Random& random) {
  const auto& auth = spec.authentication;
  const auto from_domain = domain_of(spec.from.address);
  const auto envelope = auth.envelope_domain.empty() ? from_domain : auth.envelope_domain;
  const auto dkim_domain = auth.dkim_domain.empty() ? from_domain : auth.dkim_domain;
  const auto host = viewpoint.internal ? "mail-sor-f41.google.com" : auth.host.empty() ? "mail." + envelope : auth.host;
  const auto ip = viewpoint.internal ? std::string("209.85.220.41") : auth.ip;
  const auto date = rfc5322_date(spec.date + std::chrono::seconds(random.between(1, 9)));
  const auto mail_from = envelope == from_domain ? spec.from.address : "bounce-" + random.hex(8) + "@" + envelope;
  std::string spf_text;
  if (auth.spf == "pass")
    spf_text = std::format("pass (google.com: domain of {} designates {} as permitted sender)", mail_from, ip);
  else if (auth.spf == "none")
    spf_text = std::format("none (google.com: {} does not designate permitted sender hosts)", mail_from);
  else
    spf_text = std::format("{} (google.com: domain of {} does not designate {} as permitted sender)", auth.spf, mail_from, ip);
  std::string out = "Delivered-To: " + viewpoint.address + "\r\n";
  out += std::format("Received: by 2002:a05:{}:{}:b0:{}:{} with SMTP id {}csp{};\r\n        {}\r\n", random.between(6000, 7400),
                     random.hex(3), random.hex(3), random.hex(4), random.hex(12), random.between(100000, 9999999), date);
  out += std::format("X-Received: by 2002:a17:906:{}:b0:{}:{} with SMTP id {}mr{}ejc.{}.{};\r\n        {}\r\n", random.hex(4),
                     random.hex(3), random.hex(4), random.hex(16), random.between(100000, 9999999), random.between(10, 99),
                     to_unix_micros(spec.date) / 1000, date);
  out += "Return-Path: <" + mail_from + ">\r\n";
  out += std::format(
      "Received: from {} ({}. [{}])\r\n        by mx.google.com with ESMTPS id {}si{}ejc.{}.{}\r\n        for <{}>\r\n        "
      "(version=TLS1_3 cipher=TLS_AES_256_GCM_SHA384 bits=256/256);\r\n        {}\r\n",
      host, host, ip, random.hex(20), random.between(100000, 9999999), random.between(10, 999), to_unix_micros(spec.date) / 1'000'000,
      viewpoint.address, date);
  out += std::format("Received-SPF: {} client-ip={};\r\n", spf_text, ip);
  out += "Authentication-Results: mx.google.com;\r\n";
  if (auth.dkim == "pass")
    out += std::format("       dkim=pass header.i=@{} header.s=s1 header.b={};\r\n", dkim_domain, random.letters(8));
  else if (auth.dkim != "none")
    out += std::format("       dkim={} (body hash did not verify) header.i=@{} header.s=s1 header.b={};\r\n", auth.dkim, dkim_domain,
                       random.letters(8));
  out += std::format("       spf={} smtp.mailfrom={}", spf_text, mail_from);
  if (auth.dmarc != "none")
    out += std::format(";\r\n       dmarc={} (p={} sp={} dis=NONE) header.from={}", auth.dmarc,
                       auth.dmarc == "fail" ? "NONE" : "QUARANTINE", auth.dmarc == "fail" ? "NONE" : "QUARANTINE", from_domain);
  out += "\r\n";
  if (auth.dkim != "none")
    out += std::format(
        "DKIM-Signature: v=1; a=rsa-sha256; c=relaxed/relaxed; d={}; s=s1;\r\n h=from:to:subject:date:message-id; bh={}=;\r\n b={}==\r\n",
        dkim_domain, random.letters(43), random.letters(86));
  return out;
}

std::string microsoft_trace(const MailSpec& spec, const Viewpoint& viewpoint, Random& random) {
  const auto& auth = spec.authentication;
  const auto from_domain = domain_of(spec.from.address);
  const auto envelope = auth.envelope_domain.empty() ? from_domain : auth.envelope_domain;
  const auto dkim_domain = auth.dkim_domain.empty() ? from_domain : auth.dkim_domain;
  const auto host = auth.host.empty() ? "mail." + envelope : auth.host;
  const auto date = rfc5322_date(spec.date + std::chrono::seconds(random.between(1, 9)));
  const auto server = std::format("AM{}PR0{}MB{}.eurprd0{}.prod.outlook.com", random.between(0, 9), random.between(1, 9),
                                  random.between(1000, 9999), random.between(1, 9));
  const auto front = std::format("AM{}PEPF0000{}.mail.protection.outlook.com", random.between(1, 4), random.hex(4));
  std::string out = std::format("Received: from {} (2603:10a6:20b:{}::{})\r\n by {} with HTTPS; {}\r\n", server, random.hex(3),
                                random.hex(2), server, date);
  if (viewpoint.internal) {
    out += std::format("Received: from {} ([fe80::{}:{}:{}:{}]) by {}\r\n ([fe80::{}:{}%{}]) with mapi id 15.20.{}.{}; {}\r\n", server,
                       random.hex(4), random.hex(4), random.hex(4), random.hex(4), server, random.hex(4), random.hex(4),
                       random.between(2, 9), random.between(8000, 8999), random.between(10, 30), date);
    out += std::format(
        "Authentication-Results: dkim=none (message not signed)\r\n header.d=none;dmarc=none action=none header.from={};\r\n", from_domain);
    out += "X-MS-Exchange-Organization-AuthAs: Internal\r\nX-MS-Exchange-Organization-AuthMechanism: 04\r\n";
    out += "X-MS-Exchange-Organization-AuthSource: " + server +
           "\r\nX-MS-Exchange-Organization-SCL: -1\r\nX-MS-Has-Attach: " + (spec.attachments.empty() ? "" : "yes") + "\r\n";
    return out;
  }
  const auto mail_from = envelope == from_domain ? spec.from.address : "bounce-" + random.hex(8) + "@" + envelope;
  out += std::format(
      "Received: from {} ({})\r\n by {} (10.167.16.{}) with Microsoft SMTP Server (version=TLS1_3,\r\n cipher=TLS_AES_256_GCM_SHA384) id "
      "15.20.{}.{} via Frontend Transport; {}\r\n",
      host, auth.ip, front, random.between(2, 250), random.between(8000, 8999), random.between(10, 30), date);
  const auto spf_word = auth.spf == "pass" ? "designates" : "does not designate";
  out += std::format(
      "Authentication-Results: spf={} (sender IP is {})\r\n smtp.mailfrom={}; dkim={}\r\n header.d={};dmarc={} action={}\r\n "
      "header.from={};compauth={} reason={}\r\n",
      auth.spf, auth.ip, envelope,
      auth.dkim == "pass"   ? "pass (signature was verified)"
      : auth.dkim == "none" ? "none (message not signed)"
                            : "fail (body hash did not verify)",
      auth.dkim == "none" ? "none" : dkim_domain, auth.dmarc, auth.dmarc == "fail" ? "oreject" : "none", from_domain,
      auth.dmarc == "fail"   ? "fail"
      : auth.dmarc == "none" ? "none"
                             : "pass",
      auth.dmarc == "fail"   ? "000"
      : auth.dmarc == "none" ? "405"
                             : "100");
  out += std::format(
      "Received-SPF: {} (protection.outlook.com: domain of {} {}\r\n {} as permitted sender) receiver=protection.outlook.com;\r\n "
      "client-ip={}; helo={};{}\r\n",
      auth.spf == "pass"   ? "Pass"
      : auth.spf == "none" ? "None"
                           : "Fail",
      envelope, spf_word, auth.ip, auth.ip, host, auth.spf == "pass" ? " pr=C" : "");
  out += "Return-Path: " + mail_from + "\r\n";
  if (auth.dkim != "none")
    out += std::format(
        "DKIM-Signature: v=1; a=rsa-sha256; c=relaxed/relaxed; d={}; s=selector1;\r\n "
        "h=From:Date:Subject:Message-ID:Content-Type:MIME-Version; bh={}=;\r\n b={}==\r\n",
        dkim_domain, random.letters(43), random.letters(86));
  out += "X-MS-Exchange-Organization-AuthAs: Anonymous\r\nX-MS-Exchange-Organization-AuthSource: " + front + "\r\n";
  out += std::format("X-MS-Exchange-Organization-SCL: {}\r\nX-MS-Exchange-Organization-Network-Message-Id:\r\n {}-{}-{}-{}-{}\r\n",
                     auth.dmarc == "fail" ? 5 : 1, random.hex(8), random.hex(4), random.hex(4), random.hex(4), random.hex(12));
  out += std::format("X-Forefront-Antispam-Report:\r\n CIP:{};CTRY:;LANG:en;SCL:{};SRV:;IPV:NLI;SFV:NSPM;H:{};PTR:{};CAT:NONE;DIR:INB;\r\n",
                     auth.ip, auth.dmarc == "fail" ? 5 : 1, host, host);
  return out;
}

}  // namespace

std::string domain_of(std::string_view address) {
  const auto at = address.rfind('@');
  return at == std::string_view::npos ? std::string() : lower_case(address.substr(at + 1));
}

std::string rfc5322_date(TimePoint time) {
  const auto whole = std::chrono::floor<std::chrono::seconds>(time);
  const auto day = std::chrono::floor<std::chrono::days>(whole);
  const std::chrono::year_month_day date(day);
  const std::chrono::hh_mm_ss clock(whole - day);
  static constexpr const char* weekdays[] = {"Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"};
  static constexpr const char* months[] = {"Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
  return std::format("{}, {:02} {} {} {:02}:{:02}:{:02} +0000", weekdays[std::chrono::weekday(day).c_encoding()],
                     static_cast<unsigned>(date.day()), months[static_cast<unsigned>(date.month()) - 1], static_cast<int>(date.year()),
                     clock.hours().count(), clock.minutes().count(), clock.seconds().count());
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

std::string html_from_text(std::string_view text) {
  std::string out = "<html><head><meta http-equiv=\"Content-Type\" content=\"text/html; charset=utf-8\"></head><body>\n<div>";
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
  return out + "</div>\n</body></html>\n";
}

std::string small_pdf(const std::vector<std::string>& lines) {
  std::string stream = "BT /F1 11 Tf 60 780 Td 16 TL\n";
  for (const auto& line : lines) {
    std::string escaped;
    for (const char c : line) {
      if (c == '(' || c == ')' || c == '\\') escaped += '\\';
      escaped += c;
    }
    stream += "(" + escaped + ") Tj T*\n";
  }
  stream += "ET";
  const std::string objects[] = {
      "<< /Type /Catalog /Pages 2 0 R >>", "<< /Type /Pages /Kids [3 0 R] /Count 1 >>",
      "<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Contents 4 0 R /Resources << /Font << /F1 5 0 R >> >> >>",
      std::format("<< /Length {} >>\nstream\n{}\nendstream", stream.size(), stream),
      "<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica >>"};
  std::string out = "%PDF-1.4\n";
  std::string table = "xref\n0 6\n0000000000 65535 f \n";
  for (int i = 0; i < 5; ++i) {
    table += std::format("{:010} 00000 n \n", out.size());
    out += std::format("{} 0 obj\n{}\nendobj\n", i + 1, objects[i]);
  }
  const auto start = out.size();
  return out + table + std::format("trailer\n<< /Size 6 /Root 1 0 R >>\nstartxref\n{}\n%%EOF\n", start);
}

std::string compose(const MailSpec& spec, const Viewpoint& viewpoint) {
  Random random(hashed(spec.message_id, hashed(viewpoint.address)));
  std::string out;
  if (!viewpoint.outgoing)
    out += viewpoint.provider == ProviderKind::google ? google_trace(spec, viewpoint, random) : microsoft_trace(spec, viewpoint, random);
  for (const auto& [name, value] : spec.forged_headers) out += name + ": " + value + "\r\n";
  out += "MIME-Version: 1.0\r\n";
  out += "From: " + formatted(spec.from) + "\r\n";
  if (spec.sender) out += "Sender: " + formatted(*spec.sender) + "\r\n";
  if (spec.reply_to) out += "Reply-To: " + formatted(*spec.reply_to) + "\r\n";
  out += "Date: " + rfc5322_date(spec.date) + "\r\n";
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
  if (!spec.mailer.empty()) out += "X-Mailer: " + spec.mailer + "\r\n";

  const auto boundary = "=_" + to_hex(sha256(spec.message_id)).substr(0, 24);
  std::string body;
  if (!spec.text.empty() && !spec.html.empty())
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
