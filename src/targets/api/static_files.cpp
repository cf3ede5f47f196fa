#include "targets/api/static_files.h"

#include <fstream>
#include <map>
#include <memory>
#include <sstream>

#include "adapters/http/compress.h"
#include "base/encoding.h"

namespace letterlock::api {
namespace {

constexpr std::uintmax_t file_bytes_max = 16 << 20;
constexpr std::uintmax_t folder_bytes_max = 64 << 20;

struct File {
  std::shared_ptr<const std::string> bytes, gzipped;  // gzipped: where that is smaller
  std::string type;
  std::string etag;
};
using Files = std::map<std::string, File>;  // by path below the folder, '/' between

std::string_view type_of(const std::string& extension) {
  static constexpr std::pair<std::string_view, std::string_view> types[] = {
      {".html", "text/html; charset=utf-8"},
      {".js", "text/javascript; charset=utf-8"},
      {".css", "text/css; charset=utf-8"},
      {".svg", "image/svg+xml"},
      {".png", "image/png"},
      {".ico", "image/x-icon"},
      {".json", "application/json"},
      {".woff2", "font/woff2"},
      {".woff", "font/woff"},
      {".txt", "text/plain; charset=utf-8"},
      {".webmanifest", "application/manifest+json"},
      {".map", "application/json"},
  };
  for (const auto& [known, type] : types)
    if (known == extension) return type;
  return "application/octet-stream";
}

// The console's styles are set from scripts (Mantine writes style attributes and one style element), nothing else is inline.
std::vector<std::pair<std::string, std::string>> security_headers() {
  return {{"content-security-policy",
           "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; font-src 'self'; "
           "connect-src 'self'; manifest-src 'self'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'"},
          {"x-content-type-options", "nosniff"},
          {"referrer-policy", "no-referrer"},
          {"cross-origin-opener-policy", "same-origin"},
          {"x-frame-options", "DENY"}};
}

Result<Files> load(const std::filesystem::path& folder) {
  Files files;
  std::uintmax_t total = 0;
  std::error_code error;
  for (std::filesystem::recursive_directory_iterator it(folder, error), end; !error && it != end; it.increment(error)) {
    if (!it->is_regular_file()) continue;  // also no symbolic links to what is no file
    const auto size = it->file_size();
    total += size;
    if (size > file_bytes_max || total > folder_bytes_max)
      return fail(ErrorKind::invalid, "the console's folder " + folder.string() + " is too large");
    std::ifstream stream(it->path(), std::ios::binary);
    std::ostringstream bytes;
    bytes << stream.rdbuf();
    if (!stream) return fail(ErrorKind::invalid, "the console's file " + it->path().string() + " cannot be read");
    File file{.bytes = std::make_shared<const std::string>(std::move(bytes).str()),
              .type = std::string(type_of(it->path().extension().string()))};
    file.etag = "\"" + sha256_hex(*file.bytes).substr(0, 32) + "\"";
    if (auto smaller = http::gzip(*file.bytes); smaller.size() < file.bytes->size())
      file.gzipped = std::make_shared<const std::string>(std::move(smaller));
    files.emplace(std::filesystem::relative(it->path(), folder).generic_string(), std::move(file));
  }
  if (!files.contains("index.html")) return fail(ErrorKind::not_found, "there is no console in " + folder.string() + " (no index.html)");
  return files;
}

http::Response serve(const Files& files, const http::Request& request) {
  const auto& path = request.path_parameters.at("path");
  auto found = files.find(path);
  const bool hashed = path.starts_with("assets/");
  // A file that is gone (an old build's asset) must not be answered by a page.
  if (found == files.end() && hashed) return http::problem(404, "not_found", "Not found", "");
  if (found == files.end()) found = files.find("index.html");
  http::Response response{.headers = security_headers()};
  response.headers.emplace_back("etag", found->second.etag);
  if (found->second.gzipped) response.headers.emplace_back("vary", "accept-encoding");
  response.headers.emplace_back("cache-control", hashed ? "public, max-age=31536000, immutable" : "no-cache");
  if (request.header("if-none-match") == found->second.etag) {
    response.status = 304;
    return response;
  }
  response.headers.emplace_back("content-type", found->second.type);
  response.shared_body = found->second.bytes;
  if (found->second.gzipped && http::accepts_gzip(request.header("accept-encoding"))) {
    response.headers.emplace_back("content-encoding", "gzip");
    response.shared_body = found->second.gzipped;
  }
  return response;
}

}  // namespace

Result<std::vector<http::Route>> static_routes(const std::filesystem::path& folder) {
  const auto files = std::make_shared<const Files>(TRY(load(folder)));
  return std::vector<http::Route>{{"GET", "/{path...}", [files](const http::Request& request) { return serve(*files, request); }}};
}

std::vector<http::Route> console_missing_routes(const std::filesystem::path& folder) {
  return {{"GET", "/", [folder](const http::Request&) {
             http::Response response{.status = 503, .headers = security_headers()};
             response.headers.emplace_back("content-type", "text/plain; charset=utf-8");
             response.body = "The console was not built: there is no index.html in " + folder.string() + ". The API is at /api/v1.\n";
             return response;
           }}};
}

}  // namespace letterlock::api
