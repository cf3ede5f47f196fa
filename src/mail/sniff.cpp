#include "mail/sniff.h"

#include <array>

#include "mail/text.h"

namespace letterlock::mail {
namespace {

struct Magic {
  std::string_view bytes;
  std::string_view type;
};

using namespace std::string_view_literals;

constexpr auto magics = std::to_array<Magic>({
    {"\x89PNG\r\n\x1a\n"sv, "image/png"},
    {"\xFF\xD8\xFF"sv, "image/jpeg"},
    {"GIF87a"sv, "image/gif"},
    {"GIF89a"sv, "image/gif"},
    {"BM"sv, "image/bmp"},
    {"II*\0"sv, "image/tiff"},
    {"MM\0*"sv, "image/tiff"},
    {"\0\0\1\0"sv, "image/vnd.microsoft.icon"},
    {"\xD0\xCF\x11\xE0\xA1\xB1\x1A\xE1"sv, "application/x-ole-storage"},
    {"{\\rtf"sv, "application/rtf"},
    {"7z\xBC\xAF\x27\x1C"sv, "application/x-7z-compressed"},
    {"Rar!\x1A\x07"sv, "application/vnd.rar"},
    {"\x1F\x8B"sv, "application/gzip"},
    {"BZh"sv, "application/x-bzip2"},
    {"\xFD"
     "7zXZ\0"sv,
     "application/x-xz"},
    {"\x28\xB5\x2F\xFD"sv, "application/zstd"},
    {"MSCF"sv, "application/vnd.ms-cab-compressed"},
    {"\x7F"
     "ELF"sv,
     "application/x-elf"},
    {"\xCF\xFA\xED\xFE"sv, "application/x-mach-binary"},
    {"\xCA\xFE\xBA\xBE"sv, "application/java-vm"},
    {"L\0\0\0\x01\x14\x02\0"sv, "application/x-ms-shortcut"},
    {"\xE4\x52\x5C\x7B\x8C\xD8\xA7\x4D"sv, "application/onenote"},
    {"!BDN"sv, "application/vnd.ms-outlook-pst"},
    {"\x78\x9F\x3E\x22"sv, "application/vnd.ms-tnef"},
    {"ITSF"sv, "application/vnd.ms-htmlhelp"},
    {"ID3"sv, "audio/mpeg"},
    {"#!"sv, "text/x-script"},
});

bool holds(std::string_view head, std::string_view name) { return head.find(name) != head.npos; }

// Office files and Java archives are zip files; their first entries tell them apart.
std::string_view zip_type(std::string_view head) {
  if (holds(head, "mimetypeapplication/vnd.oasis.opendocument.text")) return "application/vnd.oasis.opendocument.text";
  if (holds(head, "mimetypeapplication/vnd.oasis.opendocument.spreadsheet")) return "application/vnd.oasis.opendocument.spreadsheet";
  if (holds(head, "mimetypeapplication/epub+zip")) return "application/epub+zip";
  if (holds(head, "word/")) return "application/vnd.openxmlformats-officedocument.wordprocessingml.document";
  if (holds(head, "xl/")) return "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet";
  if (holds(head, "ppt/")) return "application/vnd.openxmlformats-officedocument.presentationml.presentation";
  if (holds(head, "[Content_Types].xml")) return "application/vnd.openxmlformats-officedocument";
  if (holds(head, "META-INF/MANIFEST.MF")) return "application/java-archive";
  return "application/zip";
}

}  // namespace

std::string_view sniff_type(std::string_view head) {
  head = head.substr(0, sniff_bytes_max);
  if (head.starts_with("PK\x03\x04"sv) || head.starts_with("PK\x05\x06"sv)) return zip_type(head);
  if (head.substr(0, 1024).find("%PDF-") != head.npos) return "application/pdf";
  if (head.starts_with("MZ") && head.size() >= 64) return "application/vnd.microsoft.portable-executable";
  if (head.starts_with("RIFF") && head.size() >= 12) {
    if (head.substr(8, 4) == "WEBP") return "image/webp";
    if (head.substr(8, 4) == "WAVE") return "audio/wav";
  }
  if (head.size() >= 12 && head.substr(4, 4) == "ftyp") return head.substr(8, 4).starts_with("hei") ? "image/heic" : "video/mp4";
  if (head.size() > 262 && head.substr(257, 5) == "ustar") return "application/x-tar";
  for (const auto& magic : magics)
    if (head.starts_with(magic.bytes) && (magic.bytes.size() > 2 || head.size() > 16)) return magic.type;

  std::string_view text = head;
  if (text.starts_with("\xEF\xBB\xBF")) text.remove_prefix(3);
  text = trim(text);
  for (int i = 0; i < 8 && text.starts_with("<!--"); ++i) {
    const auto end = text.find("-->");
    if (end == text.npos) break;
    text = trim(text.substr(end + 3));
  }
  if (starts_ignoring_case(text, "<?xml")) {
    if (find_ignoring_case(text, "<svg") != text.npos) return "image/svg+xml";
    return find_ignoring_case(text, "<html") != text.npos ? "text/html" : "application/xml";
  }
  if (starts_ignoring_case(text, "<svg") || (starts_ignoring_case(text, "<!doctype svg"))) return "image/svg+xml";
  for (const auto tag : {"<!doctype html", "<html", "<head", "<body", "<script", "<meta", "<title", "<table", "<div", "<iframe", "<form"})
    if (starts_ignoring_case(text, tag)) return "text/html";
  if (text.starts_with("BEGIN:VCALENDAR")) return "text/calendar";
  if (text.starts_with("BEGIN:VCARD")) return "text/vcard";
  return {};
}

}  // namespace letterlock::mail
