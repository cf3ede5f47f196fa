#include "sim/large_mail.h"

#include "base/encoding.h"
#include "sim/random.h"

namespace letterlock::sim {

std::string LargeMail::read() const {
  constexpr std::size_t line_bytes = 57;  // 76 characters of base64
  const auto boundary = "large-" + std::to_string(attachment_bytes_);
  std::string raw =
      "Received: from mail.scanner.example (mail.scanner.example [203.0.113.77]) by mx.receiver.example; Mon, 23 Nov 2026 10:00:00 "
      "+0000\r\n"
      "From: Scanner <scan@scanner.example>\r\nTo: " +
      address_ + "\r\nSubject: Scan of " + std::to_string(attachment_bytes_) +
      " bytes\r\nDate: Mon, 23 Nov 2026 10:00:00 +0000\r\nMessage-ID: <" + boundary +
      "@scanner.example>\r\nMIME-Version: 1.0\r\n"
      "Content-Type: multipart/mixed; boundary=\"" +
      boundary + "\"\r\n\r\n--" + boundary + "\r\nContent-Type: text/plain; charset=utf-8\r\n\r\nThe scan is attached.\r\n--" + boundary +
      "\r\nContent-Type: application/octet-stream; name=\"scan.bin\"\r\nContent-Disposition: attachment; filename=\"scan.bin\"\r\n"
      "Content-Transfer-Encoding: base64\r\n\r\n";
  // The same few lines again and again, and a shorter last one, keep the making fast.
  Random random(attachment_bytes_);
  std::string bytes;
  while (bytes.size() < line_bytes * 64) bytes += static_cast<char>(random.below(256));
  std::string block;
  for (std::size_t at = 0; at + line_bytes <= line_bytes * 64; at += line_bytes) block += to_base64(bytes.substr(at, line_bytes)) + "\r\n";
  raw.reserve(raw.size() + attachment_bytes_ / line_bytes * 78 + block.size());
  auto left = attachment_bytes_;
  for (; left >= line_bytes * 64; left -= line_bytes * 64) raw += block;
  for (std::size_t at = 0; at < left; at += line_bytes) raw += to_base64(bytes.substr(at, std::min(line_bytes, left - at))) + "\r\n";
  return raw + "--" + boundary + "--\r\n";
}

}  // namespace letterlock::sim
