#include "adapters/http/compress.h"

#include <zlib.h>

#include <algorithm>
#include <cctype>
#include <ranges>

namespace letterlock::http {
namespace {

constexpr std::size_t worth_it_bytes = 1 << 10;

std::string lower(std::string_view text) {
  std::string out(text);
  std::ranges::transform(out, out.begin(), [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
  return out;
}

bool is_text(std::string_view content_type) {
  const auto type = lower(content_type.substr(0, content_type.find(';')));
  return type.starts_with("text/") || type.ends_with("json") || type.ends_with("xml") || type == "application/javascript";
}

}  // namespace

std::string gzip(std::string_view text) {
  z_stream stream{};
  constexpr int gzip_window = 15 + 16;
  CHECK(deflateInit2(&stream, Z_DEFAULT_COMPRESSION, Z_DEFLATED, gzip_window, 8, Z_DEFAULT_STRATEGY) == Z_OK);
  std::string out(deflateBound(&stream, text.size()), '\0');
  stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(text.data()));
  stream.avail_in = static_cast<uInt>(text.size());
  stream.next_out = reinterpret_cast<Bytef*>(out.data());
  stream.avail_out = static_cast<uInt>(out.size());
  CHECK(deflate(&stream, Z_FINISH) == Z_STREAM_END);
  out.resize(stream.total_out);
  deflateEnd(&stream);
  return out;
}

bool accepts_gzip(std::string_view accept_encoding) {
  for (const auto part : std::views::split(accept_encoding, ',')) {
    auto element = lower(std::string_view(part));
    std::erase_if(element, [](char c) { return c == ' ' || c == '\t'; });
    const auto parameter = element.find(';');
    if (element.substr(0, parameter) != "gzip") continue;
    if (parameter == std::string::npos) return true;
    const auto quality = std::string_view(element).substr(parameter + 1);
    return quality.find_first_not_of("q=0.") != std::string_view::npos;  // q=0, q=0.000: not acceptable
  }
  return false;
}

void compress_for(const Request& request, Response& response) {
  if (response.shared_body || response.cut_connection || response.body_pause.count() > 0 || response.body.size() < worth_it_bytes) return;
  bool compressible = false;
  for (const auto& [name, value] : response.headers) {
    const auto key = lower(name);
    if (key == "content-encoding") return;
    if (key == "content-type") compressible = is_text(value);
  }
  if (!compressible) return;
  response.headers.emplace_back("vary", "accept-encoding");
  if (!accepts_gzip(request.header("accept-encoding"))) return;
  response.body = gzip(response.body);
  response.headers.emplace_back("content-encoding", "gzip");
}

}  // namespace letterlock::http
