#include "mail/message.h"

#include <gmime/gmime.h>

#include <algorithm>
#include <array>
#include <limits>
#include <memory>

#include "base/encoding.h"
#include "mail/assemble.h"
#include "mail/attachment_text.h"
#include "mail/charset.h"
#include "mail/guard.h"
#include "mail/html.h"
#include "mail/sniff.h"
#include "mail/text.h"

namespace letterlock::mail {
namespace {

constexpr std::size_t decode_step_bytes = 64 << 10;
constexpr std::size_t filename_bytes_max = 1 << 10;
constexpr std::size_t type_bytes_max = 255;
constexpr std::size_t text_bytes_max = 4 << 20;    // of one plain part that are looked at
constexpr std::size_t entity_bytes_max = 1 << 20;  // of a message that mime_entity() is made of
constexpr std::size_t header_bytes_max = 4 << 20;  // of a message's header; Gmail and Exchange Online accept less

template <class T>
struct Unref {
  void operator()(T* object) const { g_object_unref(object); }
};
template <class T>
using Ref = std::unique_ptr<T, Unref<T>>;

std::string text_of(const char* text) { return text ? mend_as_windows_1252(text) : std::string(); }

// Decode a part in pieces: `take` gets each piece and says whether it wants more. Returns the decoded size so far.
template <class Take>
std::size_t decode(std::string_view raw, GMimeContentEncoding encoding, Take take) {
  if (encoding == GMIME_CONTENT_ENCODING_DEFAULT || encoding == GMIME_CONTENT_ENCODING_7BIT || encoding == GMIME_CONTENT_ENCODING_8BIT ||
      encoding == GMIME_CONTENT_ENCODING_BINARY) {
    take(raw);
    return raw.size();
  }
  GMimeEncoding state;
  g_mime_encoding_init_decode(&state, encoding);
  std::string piece;
  std::size_t total = 0;
  for (std::size_t at = 0; at < raw.size(); at += decode_step_bytes) {
    const auto in = raw.substr(at, decode_step_bytes);
    piece.resize(g_mime_encoding_outlen(&state, in.size()) + 8);
    const auto length = g_mime_encoding_step(&state, in.data(), in.size(), piece.data());
    total += length;
    if (!take(std::string_view(piece).substr(0, length))) return total;
  }
  piece.resize(g_mime_encoding_outlen(&state, 0) + 64);
  const auto length = g_mime_encoding_flush(&state, nullptr, 0, piece.data());
  total += length;
  take(std::string_view(piece).substr(0, length));
  return total;
}

// What GMime reads of a message: the fields that say how its body is made, and the body. It would make an object of every other
// field and parse the addresses in it, which assemble() does itself. Of a large message it reads all: its body would be copied.
std::string mime_entity(const Headers& fields, std::string_view body) {
  std::string out;
  out.reserve(body.size() + (1 << 10));
  for (const auto& field : fields)
    if (starts_ignoring_case(field.name, "Content-")) out.append(field.name).append(":").append(field.value);
  if (!out.empty() && !out.ends_with('\n')) out += '\n';
  return out.append("\n").append(body);
}

// Walks a parsed tree into a Draft. One per message.
class Walker {
 public:
  Walker(std::string_view bytes, const GByteArray* array, const ParseContext& context, Draft& draft)
      : bytes_(bytes), array_(array), limits_(context.limits), draft_(draft) {}

  void walk(GMimeObject* root) {
    if (!root) return;
    visit(root, GMIME_IS_MULTIPART(root) ? "" : "1", 0, false, draft_.bodies);
    if (parts_ > limits_.parts_max)
      draft_.notes.push_back(std::to_string(parts_) + " parts, " + std::to_string(limits_.parts_max) + " read");
    if (too_deep_) draft_.notes.push_back("parts nested deeper than " + std::to_string(limits_.depth_max) + " not read");
  }

 private:
  void visit(GMimeObject* part, const std::string& id, int depth, bool related, std::vector<Body>& bodies) {
    if (++parts_ > limits_.parts_max) return;
    if (depth > limits_.depth_max) {
      too_deep_ = true;
      return;
    }
    if (GMIME_IS_MULTIPART(part)) {
      visit_multipart(GMIME_MULTIPART(part), id, depth, bodies);
    } else if (GMIME_IS_MESSAGE_PART(part)) {
      add_message(GMIME_MESSAGE_PART(part), id);
    } else if (GMIME_IS_PART(part)) {
      visit_leaf(GMIME_PART(part), id, related, bodies);
    }
  }

  void visit_multipart(GMimeMultipart* multipart, const std::string& id, int depth, std::vector<Body>& bodies) {
    auto* type = g_mime_object_get_content_type(GMIME_OBJECT(multipart));
    const auto subtype = lower(text_of(type ? g_mime_content_type_get_media_subtype(type) : nullptr));
    if (subtype == "report" && depth == 0) draft_.is_report = true;
    const int count = g_mime_multipart_get_count(multipart);
    if (count == 0) {
      draft_.notes.push_back("multipart without parts");
      // What stands where the parts should be is all that a reader sees.
      const auto* prologue = g_mime_multipart_get_prologue(multipart);
      if (prologue) bodies.push_back({false, to_utf8(std::string_view(prologue).substr(0, text_bytes_max), "")});
      return;
    }
    const bool alternative = subtype == "alternative";
    std::vector<Body> chosen;
    for (int i = 0; i < count; ++i) {
      if (parts_ >= limits_.parts_max) {
        parts_ += count - i;
        break;
      }
      const auto child_id = id + (id.empty() ? "" : ".") + std::to_string(i + 1);
      auto* child = g_mime_multipart_get_part(multipart, i);
      if (!alternative) {
        visit(child, child_id, depth + 1, subtype == "related", bodies);
        continue;
      }
      // Mail programs show the last form that they can; for all of them that is HTML where there is some.
      std::vector<Body> form;
      visit(child, child_id, depth + 1, false, form);
      const auto has_html = [](const std::vector<Body>& list) { return std::ranges::any_of(list, &Body::is_html); };
      const auto has_text = [](const std::vector<Body>& list) {
        return std::ranges::any_of(list, [](const Body& body) { return !trim(body.text).empty(); });
      };
      if (has_text(form) && (has_html(form) || !has_html(chosen))) chosen = std::move(form);
    }
    for (auto& body : chosen) bodies.push_back(std::move(body));
  }

  void visit_leaf(GMimePart* part, const std::string& id, bool related, std::vector<Body>& bodies) {
    auto* object = GMIME_OBJECT(part);
    auto* type = g_mime_object_get_content_type(object);
    const auto media = lower(text_of(type ? g_mime_content_type_get_media_type(type) : "text"));
    const auto subtype = lower(text_of(type ? g_mime_content_type_get_media_subtype(type) : "plain"));
    const auto disposition = lower(text_of(g_mime_object_get_disposition(object)));
    const bool is_html = media == "text" && subtype == "html",
               is_plain = media == "text" && (subtype == "plain" || subtype == "enriched" || subtype == "richtext");
    const bool named = g_mime_part_get_filename(part) != nullptr;
    if (media == "text" && subtype == "calendar" && type) {
      const auto* method = g_mime_content_type_get_parameter(type, "method");
      if (method && equals_ignoring_case(method, "reply")) draft_.is_report = true;
    }
    if (media == "text" && subtype == "x-amp-html") return;
    if ((is_html || is_plain) && disposition != "attachment" && !(named && disposition != "inline" && !bodies.empty())) {
      bodies.push_back(body_of(part, is_html, type ? g_mime_content_type_get_parameter(type, "charset") : nullptr));
      return;
    }
    Attachment out;
    out.part_id = id;
    out.filename = std::string(cut_utf8(decode_header(text_of(g_mime_part_get_filename(part))), filename_bytes_max));
    out.declared_type = std::string(cut_utf8(media + '/' + subtype, type_bytes_max));
    out.is_inline =
        disposition == "inline" || (disposition != "attachment" && (related || g_mime_object_get_content_id(object) != nullptr));
    if (draft_.attachments.size() <= static_cast<std::size_t>(std::max(0, limits_.attachments_max))) {
      Sha256 hash;
      std::string copy, content;
      std::size_t content_max = sniff_bytes_max;  // then as much as its kind is read of, and a byte more
      out.size_bytes = static_cast<std::int64_t>(decode(raw_of(part, copy), encoding_of(part), [&](std::string_view piece) {
        hash.update(piece);
        while (!piece.empty() && content.size() < content_max) {
          const auto taken = std::min(piece.size(), content_max - content.size());
          content += piece.substr(0, taken);
          piece.remove_prefix(taken);
          if (content.size() == sniff_bytes_max) {
            out.sniffed_type = sniff_type(content);
            if (const auto most = attachment_bytes_max(attachment_kind(out), limits_); most > 0)
              content_max = std::max(most + 1, content_max);
          }
        }
        return true;
      }));
      out.sha256 = hash.finish_hex();
      if (content.size() < sniff_bytes_max) out.sniffed_type = sniff_type(content);
      const auto* charset = type ? g_mime_content_type_get_parameter(type, "charset") : nullptr;
      read_attachment(draft_, out, content, text_of(charset), limits_);
    }
    draft_.attachments.push_back(std::move(out));
  }

  void add_message(GMimeMessagePart* part, const std::string& id) {
    auto* object = GMIME_OBJECT(part);
    Attachment out;
    out.part_id = id;
    out.declared_type = "message/rfc822";
    out.sniffed_type = "message/rfc822";
    const auto* name = g_mime_object_get_content_disposition_parameter(object, "filename");
    if (!name) name = g_mime_object_get_content_type_parameter(object, "name");
    out.is_inline = equals_ignoring_case(text_of(g_mime_object_get_disposition(object)), "inline");
    if (auto* message = g_mime_message_part_get_message(part)) {
      out.filename = std::string(cut_utf8(decode_header(text_of(name ? name : g_mime_message_get_subject(message))), filename_bytes_max));
      if (draft_.attachments.size() <= static_cast<std::size_t>(std::max(0, limits_.attachments_max))) {
        const Ref<GMimeStream> stream(g_mime_stream_mem_new());
        g_mime_object_write_to_stream(GMIME_OBJECT(message), nullptr, stream.get());
        const auto* written = g_mime_stream_mem_get_byte_array(GMIME_STREAM_MEM(stream.get()));
        out.size_bytes = written->len;
        out.sha256 = sha256_hex({reinterpret_cast<const char*>(written->data), written->len});
      }
    }
    draft_.attachments.push_back(std::move(out));
  }

  Body body_of(GMimePart* part, bool is_html, const char* charset) {
    const auto bytes_max = is_html ? limits_.html_bytes_max : text_bytes_max;
    std::string copy, bytes;
    bool cut = false;
    decode(raw_of(part, copy), encoding_of(part), [&](std::string_view piece) {
      const auto room = bytes_max - bytes.size();
      cut = cut || piece.size() > room;
      bytes += piece.substr(0, room);
      return bytes.size() < bytes_max;
    });
    if (cut) draft_.notes.push_back((is_html ? "html" : "text") + std::string(" part cut at ") + std::to_string(bytes_max) + " bytes");
    std::string name = text_of(charset);
    if (name.empty() && is_html) name = meta_charset(bytes);
    bool unknown = false;
    Body out{.is_html = is_html, .text = to_utf8(bytes, name, &unknown)};
    if (unknown) draft_.notes.push_back("unknown charset \"" + std::string(cut_utf8(name, 40)) + '"');
    return out;
  }

  static GMimeContentEncoding encoding_of(GMimePart* part) {
    auto* content = g_mime_part_get_content(part);
    return content ? g_mime_data_wrapper_get_encoding(content) : GMIME_CONTENT_ENCODING_DEFAULT;
  }

  // The part's undecoded bytes: a view into the message, or a copy where GMime made a stream of its own.
  std::string_view raw_of(GMimePart* part, std::string& copy) {
    auto* content = g_mime_part_get_content(part);
    auto* stream = content ? g_mime_data_wrapper_get_stream(content) : nullptr;
    if (!stream) return {};
    if (GMIME_IS_STREAM_MEM(stream)) {
      const auto* buffer = g_mime_stream_mem_get_byte_array(GMIME_STREAM_MEM(stream));
      if (!buffer) return {};
      const auto size = static_cast<std::int64_t>(buffer->len);
      const auto from = std::clamp<std::int64_t>(stream->bound_start, 0, size);
      const auto to = stream->bound_end < 0 ? size : std::clamp<std::int64_t>(stream->bound_end, from, size);
      const std::string_view all = buffer == array_ ? bytes_ : std::string_view(reinterpret_cast<const char*>(buffer->data), buffer->len);
      return all.substr(static_cast<std::size_t>(from), static_cast<std::size_t>(to - from));
    }
    std::array<char, 16384> block;
    g_mime_stream_reset(stream);
    for (ssize_t got; (got = g_mime_stream_read(stream, block.data(), block.size())) > 0;)
      copy.append(block.data(), static_cast<std::size_t>(got));
    return copy;
  }

  const std::string_view bytes_;
  const GByteArray* const array_;
  const ParseLimits& limits_;
  Draft& draft_;
  int parts_ = 0;
  bool too_deep_ = false;
};

// What exports put in front of a message: a byte order mark, blank lines, mbox "From " lines.
std::string_view without_preamble(std::string_view bytes) {
  if (bytes.starts_with("\xEF\xBB\xBF")) bytes.remove_prefix(3);
  const auto first = std::min(bytes.find_first_not_of(" \t\r\n"), bytes.size());  // lines of white space only are dropped
  if (const auto end = bytes.substr(0, first).rfind('\n'); end != bytes.npos) bytes.remove_prefix(end + 1);
  while (bytes.starts_with("From ") || bytes.starts_with(">From ")) {
    const auto end = bytes.find('\n');
    bytes.remove_prefix(end == bytes.npos ? bytes.size() : end + 1);
  }
  return bytes;
}

}  // namespace

Result<Email> parse_message(std::string_view bytes, const ParseContext& context) {
  if (bytes.empty()) return fail(ErrorKind::invalid, "message is empty");
  if (bytes.size() > static_cast<std::size_t>(std::numeric_limits<int>::max()))
    return fail(ErrorKind::invalid, "message is larger than 2 GiB");
  prepare_gmime();
  Draft draft;
  auto text = without_preamble(bytes);
  const auto reading = guard(text, {});
  text = text.substr(0, reading.bytes);
  if (!reading.reason.empty()) draft.notes.emplace_back(reading.reason);
  std::string without_nul;
  if (text.substr(0, reading.header_end).find('\0') != text.npos) {
    without_nul.reserve(text.size());
    for (const char c : text.substr(0, reading.header_end))
      if (c != '\0') without_nul += c;
    without_nul += text.substr(std::min(reading.header_end, text.size()));
    text = without_nul;
    draft.notes.emplace_back("NUL in a header removed");
  }

  auto header = split_header(text, header_bytes_max);
  if (!header || header->fields.empty()) return fail(ErrorKind::invalid, "message has no readable header field");
  draft.headers = std::move(header->fields);
  std::string entity;
  if (header->cut) draft.notes.push_back("header cut at " + std::to_string(header_bytes_max) + " bytes");
  if (header->cut || text.size() <= entity_bytes_max) text = entity = mime_entity(draft.headers, text.substr(header->bytes));

  // GMime only reads through this array; it never owns or writes it.
  GByteArray array{reinterpret_cast<guint8*>(const_cast<char*>(text.data())), static_cast<guint>(text.size())};
  const Ref<GMimeStream> stream(g_mime_stream_mem_new_with_byte_array(&array));
  g_mime_stream_mem_set_owner(GMIME_STREAM_MEM(stream.get()), FALSE);
  const Ref<GMimeParser> parser(g_mime_parser_new_with_stream(stream.get()));
  g_mime_parser_set_format(parser.get(), GMIME_FORMAT_MESSAGE);
  const Ref<GMimeMessage> message(g_mime_parser_construct_message(parser.get(), nullptr));
  if (message) Walker(text, &array, context, draft).walk(g_mime_message_get_mime_part(message.get()));
  auto email = assemble(std::move(draft), context);
  email.size_bytes = static_cast<std::int64_t>(bytes.size());
  email.raw_sha256 = sha256_hex(bytes);
  return email;
}

}  // namespace letterlock::mail
