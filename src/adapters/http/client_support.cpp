#include <curl/curl.h>

#include <algorithm>
#include <cctype>
#include <charconv>

#include "adapters/http/client.h"
#include "base/encoding.h"

namespace letterlock::http {

std::string_view ClientResponse::header(std::string_view lower_name) const {
  for (const auto& [name, value] : headers)
    if (name == lower_name) return value;
  return {};
}

std::optional<std::chrono::seconds> retry_after(const ClientResponse& response, std::chrono::system_clock::time_point now) {
  constexpr std::chrono::seconds longest = std::chrono::days(1);
  const auto text = std::string(response.header("retry-after"));
  if (text.empty()) return std::nullopt;
  if (std::ranges::all_of(text, [](unsigned char c) { return std::isdigit(c); })) {
    long long seconds = 0;
    const auto parsed = std::from_chars(text.data(), text.data() + text.size(), seconds);
    if (parsed.ec != std::errc{}) return longest;  // more digits than a number holds
    return std::min(longest, std::chrono::seconds(seconds));
  }
  const auto date = curl_getdate(text.c_str(), nullptr);
  if (date == -1) return std::nullopt;
  const auto wait = std::chrono::ceil<std::chrono::seconds>(std::chrono::system_clock::from_time_t(date) - now);
  return std::clamp(wait, std::chrono::seconds(0), longest);
}

std::string origin_of(std::string_view url) {
  std::string origin;
  CURLU* parts = curl_url();
  if (!parts) return origin;
  char* scheme = nullptr;
  char* host = nullptr;
  char* port = nullptr;
  if (curl_url_set(parts, CURLUPART_URL, std::string(url).c_str(), 0) == CURLUE_OK &&
      curl_url_get(parts, CURLUPART_SCHEME, &scheme, 0) == CURLUE_OK && curl_url_get(parts, CURLUPART_HOST, &host, 0) == CURLUE_OK) {
    origin = std::string(scheme) + "://" + host;
    if (curl_url_get(parts, CURLUPART_PORT, &port, CURLU_NO_DEFAULT_PORT) == CURLUE_OK) origin += std::string(":") + port;
    std::ranges::transform(origin, origin.begin(), [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
  }
  curl_free(scheme);
  curl_free(host);
  curl_free(port);
  curl_url_cleanup(parts);
  return origin;
}

std::string form_encode(const std::vector<std::pair<std::string, std::string>>& fields) {
  std::string body;
  for (const auto& [name, value] : fields) body += (body.empty() ? "" : "&") + url_encode(name) + "=" + url_encode(value);
  return body;
}

}  // namespace letterlock::http
