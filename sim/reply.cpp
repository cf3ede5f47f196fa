#include "sim/reply.h"

namespace letterlock::sim {

std::vector<std::string> split(std::string_view text, char separator) {
  std::vector<std::string> pieces;
  while (!text.empty()) {
    const auto end = text.find(separator);
    if (end != 0) pieces.emplace_back(text.substr(0, end));
    if (end == std::string_view::npos) break;
    text.remove_prefix(end + 1);
  }
  return pieces;
}

std::string url_decoded(std::string_view text, bool plus_is_space) {
  const auto digit = [](char c) {
    return c >= '0' && c <= '9' ? c - '0' : c >= 'a' && c <= 'f' ? c - 'a' + 10 : c >= 'A' && c <= 'F' ? c - 'A' + 10 : -1;
  };
  std::string out;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '%' && i + 2 < text.size() && digit(text[i + 1]) >= 0 && digit(text[i + 2]) >= 0) {
      out += static_cast<char>(digit(text[i + 1]) * 16 + digit(text[i + 2]));
      i += 2;
    } else {
      out += text[i] == '+' && plus_is_space ? ' ' : text[i];
    }
  }
  return out;
}

std::vector<std::pair<std::string, std::string>> read_form(std::string_view text) {
  std::vector<std::pair<std::string, std::string>> form;
  for (const auto& piece : split(text, '&')) {
    const auto equals = piece.find('=');
    const auto name = std::string_view(piece).substr(0, equals);
    const auto value = equals == std::string::npos ? std::string_view() : std::string_view(piece).substr(equals + 1);
    form.emplace_back(url_decoded(name, true), url_decoded(value, true));
  }
  return form;
}

std::string field(const std::vector<std::pair<std::string, std::string>>& form, std::string_view name) {
  for (const auto& [key, value] : form)
    if (key == name) return value;
  return {};
}

http::Request inner_request(std::string_view method, std::string_view target) {
  const auto question = target.find('?');
  http::Request request;
  request.method = std::string(method);
  request.raw_path = std::string(target.substr(0, question));
  request.path = url_decoded(request.raw_path, false);
  if (question != std::string_view::npos) request.query = read_form(target.substr(question + 1));
  return request;
}

std::string target_of(const http::Request& request) {
  auto target = request.raw_path.empty() ? request.path : request.raw_path;
  char separator = '?';
  for (const auto& [name, value] : request.query) {
    target.append(1, separator).append(name).append("=").append(value);
    separator = '&';
  }
  return target;
}

std::string own_root(const http::Request& request) {
  const auto host = request.header("host");
  const std::string scheme = request.header("x-forwarded-proto") == "https" ? "https://" : "http://";
  return scheme + (host.empty() ? "127.0.0.1:" + std::to_string(request.local_port) : std::string(host));
}

bool is_own_url(const http::Request& request, std::string_view url, std::string_view path) {
  const auto root = own_root(request);
  const auto host = root.substr(root.find("://"));
  return url == "http" + host + std::string(path) || url == "https" + host + std::string(path);
}

std::string_view reason_phrase(int status) {
  switch (status) {
    case 200:
      return "OK";
    case 400:
      return "Bad Request";
    case 401:
      return "Unauthorized";
    case 403:
      return "Forbidden";
    case 404:
      return "Not Found";
    case 405:
      return "Method Not Allowed";
    case 410:
      return "Gone";
    case 429:
      return "Too Many Requests";
    case 424:
      return "Failed Dependency";
    case 500:
      return "Internal Server Error";
    case 502:
      return "Bad Gateway";
    case 503:
      return "Service Unavailable";
    case 504:
      return "Gateway Timeout";
    default:
      return status < 400 ? "OK" : "Error";
  }
}

}  // namespace letterlock::sim
