#include <iconv.h>
#include <unicode/ucnv.h>

#include <string>

#include "mail/domain.h"
#include "mail/header.h"
#include "mail/message_parser.h"

namespace letterlock::mail {
namespace {

// glibc loads a character set's converter from a file when it is first asked for, and unloads it when nobody uses it: one descriptor of
// each stays open. GMime asks for the names that stand in encoded words (RFC 2047) and parameters (RFC 2231).
void hold_converters() {
  for (std::int32_t i = 0; i < ucnv_countAvailable(); ++i) {
    const char* own_name = ucnv_getAvailableName(i);
    for (const char* standard : {"MIME", "IANA"}) {
      UErrorCode status = U_ZERO_ERROR;
      const char* name = ucnv_getStandardName(own_name, standard, &status);
      if (U_FAILURE(status) || !name) continue;
      iconv_open("UTF-8", name);  // held for the life of the process; an unknown name gives nothing to hold
      iconv_open(name, "UTF-8");
    }
  }
}

}  // namespace

void load_tables() {
  static const bool once = [] {
    prepare_gmime();
    hold_converters();
    registrable_domain("mail.example.co.uk");
    // What libraries look up once and keep: the local character set, time zones, Unicode data.
    const std::string sample =
        "From: =?iso-8859-1?Q?J=F6rg?= <j@xn--bcher-kva.example>\r\nTo: b@example.net\r\nSubject: =?iso-2022-jp?B?GyRCRnxLXBsoQg==?=\r\n"
        "Date: Mon, 23 Nov 2026 10:00:00 +0200\r\nContent-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\nContent-Type: text/html; "
        "charset=windows-1252\r\n\r\n<p>Pay \xfc <a href=\"https://paypa1.example/\">here</a></p>\r\n--b\r\nContent-Type: text/plain; "
        "charset=gb18030\r\nContent-Disposition: attachment; filename*=koi8-r''%C1.txt\r\n\r\nDE89370400440532013000\r\n--b--\r\n";
    return parse_message(sample, {.tenant_domains = {"example.net"}, .mailbox_address = "b@example.net"}).has_value();
  }();
  (void)once;
}

}  // namespace letterlock::mail
