#include "mail/charset.h"

#include <unicode/ucnv.h>

#include <memory>

#include "mail/text.h"

namespace letterlock::mail {

std::string to_utf8(std::string_view bytes, std::string_view declared, bool* unknown) {
  std::string charset = lower(trim(declared.substr(0, 64)));
  std::erase_if(charset, [](char c) { return c == '"' || c == '\''; });
  if (bytes.starts_with("\xEF\xBB\xBF")) return mend_utf8(bytes.substr(3));
  if (charset == "utf-8" || charset == "utf8") return mend_utf8(bytes);
  const bool wide =
      charset.starts_with("utf-16") || charset.starts_with("utf-32") || charset.starts_with("ucs-") || charset.starts_with("iso-10646");
  const bool shifted = charset.starts_with("iso-2022") || charset.starts_with("utf-7") || charset == "hz-gb-2312" || wide;
  if (!shifted && is_ascii(bytes)) return mend_utf8(bytes);
  const bool latin = charset == "iso-8859-1" || charset == "windows-1252" || charset == "cp1252" || charset == "latin1";
  if (latin) {
    // A declared Latin charset over bytes that are UTF-8 throughout is a mistake of the sender's far more often than not.
    return is_clean_utf8(bytes) ? std::string(bytes) : mend_as_windows_1252(bytes);
  }
  if (charset.empty() || charset == "us-ascii" || charset == "ascii" || charset.starts_with("unknown") ||
      charset.starts_with("x-unknown") || charset == "default")
    return is_clean_utf8(bytes) ? std::string(bytes) : mend_as_windows_1252(bytes);

  UErrorCode status = U_ZERO_ERROR;
  const std::unique_ptr<UConverter, decltype(&ucnv_close)> converter(ucnv_open(charset.c_str(), &status), ucnv_close);
  if (U_FAILURE(status) || !converter) {
    if (unknown) *unknown = true;
    return is_clean_utf8(bytes) ? std::string(bytes) : mend_as_windows_1252(bytes);
  }
  std::string out(bytes.size() * 2 + 64, '\0');
  for (int tries = 0; tries < 2; ++tries) {
    status = U_ZERO_ERROR;
    const auto length = ucnv_toAlgorithmic(UCNV_UTF8, converter.get(), out.data(), static_cast<int32_t>(out.size()), bytes.data(),
                                           static_cast<int32_t>(bytes.size()), &status);
    if (status == U_BUFFER_OVERFLOW_ERROR) {
      out.resize(static_cast<std::size_t>(length) + 1);
      continue;
    }
    if (U_FAILURE(status)) return mend_utf8(bytes);
    out.resize(static_cast<std::size_t>(length));
    return mend_utf8(out);
  }
  return mend_utf8(bytes);
}

}  // namespace letterlock::mail
