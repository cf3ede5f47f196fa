#include "sim/gmail_json.h"

#include <algorithm>
#include <atomic>

#include "base/encoding.h"
#include "sim/mime_reader.h"

namespace letterlock::sim {
namespace {

const MimePart* text_part(const MimePart& part, std::string_view type) {
  if (part.type == type && !part.is_attachment) return &part;
  for (const auto& child : part.parts)
    if (const auto* found = text_part(child, type)) return found;
  return nullptr;
}

std::string snippet_of(const MimePart& part) {
  std::string text;
  if (const auto* plain = text_part(part, "text/plain"))
    text = plain->text();
  else if (const auto* html = text_part(part, "text/html"))
    text = html_to_text(html->text());
  std::string out;
  for (const char c : text) {
    if (out.size() >= 180) break;
    if (static_cast<unsigned char>(c) > ' ')
      out += c;
    else if (!out.empty() && out.back() != ' ')
      out += ' ';
  }
  while (!out.empty() && (static_cast<unsigned char>(out.back()) & 0x80)) out.pop_back();  // no cut character at the end
  return out;
}

Json headers_of(const MimePart& part, const std::vector<std::string>& wanted) {
  Json headers = Json::array();
  for (const auto& [name, value] : part.headers) {
    const bool chosen = wanted.empty() || std::ranges::any_of(wanted, [&](const auto& want) { return equal_ignoring_case(want, name); });
    if (chosen) headers.push(Json::object({{"name", valid_utf8(name)}, {"value", decode_words(value)}}));
  }
  return headers;
}

Json payload_of(const MimePart& part, const std::string& part_id, std::string_view message_id) {
  static std::atomic<std::uint64_t> nonce{1};
  Json json = Json::object(
      {{"partId", part_id}, {"mimeType", valid_utf8(part.type)}, {"filename", part.filename}, {"headers", headers_of(part, {})}});
  if (!part.parts.empty() || part.type.starts_with("multipart/")) {
    json.set("body", Json::object({{"size", 0}}));
    Json parts = Json::array();
    for (std::size_t i = 0; i < part.parts.size(); ++i)
      parts.push(payload_of(part.parts[i], (part_id.empty() ? "" : part_id + ".") + std::to_string(i), message_id));
    if (!part.parts.empty()) json.set("parts", std::move(parts));
  } else if (part.is_text()) {
    const auto text = part.text();
    json.set("body", Json::object({{"size", text.size()}, {"data", to_base64url(text)}}));
  } else {
    const auto id = "ANGjdJ" + to_base64url(std::to_string(nonce++) + ":" + std::string(message_id) + ":" + part_id);
    json.set("body", Json::object({{"attachmentId", id}, {"size", part.body.size()}}));
  }
  return json;
}

}  // namespace

Json gmail_message(const GoogleMessage& message, GmailFormat format, const std::vector<std::string>& metadata_headers) {
  const auto raw = message.raw->read();
  Json json = Json::object({{"id", message.id}, {"threadId", message.thread_id}});
  if (!message.labels.empty()) {
    Json labels = Json::array();
    for (const auto& label : message.labels) labels.push(label);
    json.set("labelIds", std::move(labels));
  }
  if (format == GmailFormat::raw || format == GmailFormat::minimal) {
    json.set("snippet", snippet_of(read_mime(std::string_view(raw).substr(0, 64 << 10))));
  } else {
    const auto parsed = read_mime(raw);
    json.set("snippet", snippet_of(parsed));
    if (format == GmailFormat::full)
      json.set("payload", payload_of(parsed, "", message.id));
    else
      json.set("payload", Json::object({{"mimeType", valid_utf8(parsed.type)}, {"headers", headers_of(parsed, metadata_headers)}}));
  }
  json.set("sizeEstimate", raw.size());
  json.set("historyId", std::to_string(message.history_id));
  json.set("internalDate", std::to_string(message.internal_date_ms));
  if (format == GmailFormat::raw) {
    auto encoded = to_base64url(raw);
    // Padded: lieer 1.6, which works with the real Gmail, decodes raw with a decoder that insists on it. Parts' data is not.
    encoded.append((4 - encoded.size() % 4) % 4, '=');
    json.set("raw", std::move(encoded));
  }
  return json;
}

std::optional<std::string> gmail_attachment(const GoogleMessage& message, const std::string& attachment_id) {
  if (!attachment_id.starts_with("ANGjdJ")) return std::nullopt;
  const auto token = from_base64(attachment_id.substr(6));
  if (!token) return std::nullopt;
  const auto first = token->find(':');
  const auto second = first == std::string::npos ? first : token->find(':', first + 1);
  if (second == std::string::npos || token->substr(first + 1, second - first - 1) != message.id) return std::nullopt;
  const auto parsed = read_mime(message.raw->read());
  const MimePart* part = &parsed;
  std::string_view path = std::string_view(*token).substr(second + 1);
  while (!path.empty()) {
    const auto dot = path.find('.');
    const auto index = static_cast<std::size_t>(std::atoi(std::string(path.substr(0, dot)).c_str()));
    if (index >= part->parts.size()) return std::nullopt;
    part = &part->parts[index];
    path = dot == std::string_view::npos ? std::string_view() : path.substr(dot + 1);
  }
  return part->body;
}

}  // namespace letterlock::sim
