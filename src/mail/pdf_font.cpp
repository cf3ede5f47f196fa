#include "mail/pdf_font.h"

#include <qpdf/BufferInputSource.hh>
#include <qpdf/QPDFTokenizer.hh>

#include <algorithm>
#include <utility>
#include <vector>

#include "mail/text.h"

namespace letterlock::mail {
namespace {

constexpr int entries_max = 1 << 16;  // of a font's tables

// Glyph names (Adobe Glyph List) that an account number, a date or a label is made of, beside letters that name themselves.
constexpr auto glyph_names = std::to_array<std::pair<std::string_view, std::string_view>>(
    {{"space", " "},      {"nbspace", " "},    {"zero", "0"},       {"one", "1"},       {"two", "2"},        {"three", "3"},
     {"four", "4"},       {"five", "5"},       {"six", "6"},        {"seven", "7"},     {"eight", "8"},      {"nine", "9"},
     {"hyphen", "-"},     {"sfthyphen", "-"},  {"minus", "-"},      {"endash", "-"},    {"period", "."},     {"comma", ","},
     {"colon", ":"},      {"semicolon", ";"},  {"slash", "/"},      {"parenleft", "("}, {"parenright", ")"}, {"at", "@"},
     {"ampersand", "&"},  {"numbersign", "#"}, {"percent", "%"},    {"plus", "+"},      {"underscore", "_"}, {"quotesingle", "'"},
     {"quoteright", "'"}, {"quotedbl", "\""},  {"adieresis", "ä"},  {"odieresis", "ö"}, {"udieresis", "ü"},  {"Adieresis", "Ä"},
     {"Odieresis", "Ö"},  {"Udieresis", "Ü"},  {"germandbls", "ß"}, {"eacute", "é"},    {"egrave", "è"},     {"Euro", "€"}});

std::string glyph_text(std::string_view name) {
  name = name.substr(0, name.find('.'));  // "one.tnum": a form of one
  if (name.size() == 1 && is_alpha(name[0])) return std::string(name);
  for (const auto& [known, text] : glyph_names)
    if (known == name) return std::string(text);
  if (name.starts_with("uni") && name.size() >= 7) {
    char32_t c = 0;
    for (const char digit : name.substr(3, 4)) {
      if (hex_digit(digit) < 0) return {};
      c = c * 16 + static_cast<char32_t>(hex_digit(digit));
    }
    std::string out;
    if (c >= 0x20 && (c < 0xD800 || c > 0xDFFF)) append_code_point(out, c);
    return out;
  }
  return {};
}

unsigned number_of(std::string_view bytes) {
  unsigned number = 0;
  for (const char c : bytes.substr(0, 4)) number = number << 8 | static_cast<unsigned char>(c);
  return number;
}

std::string from_utf16(std::string_view bytes) {
  std::string out;
  for (std::size_t at = 0; at + 1 < bytes.size() && out.size() < 64; at += 2) {
    auto c = static_cast<char32_t>(number_of(bytes.substr(at, 2)));
    if (c >= 0xD800 && c < 0xDC00 && at + 3 < bytes.size()) {
      const auto low = static_cast<char32_t>(number_of(bytes.substr(at + 2, 2)));
      if (low < 0xDC00 || low > 0xDFFF) continue;
      c = 0x10000 + ((c - 0xD800) << 10) + (low - 0xDC00);
      at += 2;
    }
    if (c != 0 && (c < 0xD800 || c > 0xDFFF)) append_code_point(out, c);
  }
  return out;
}

double number_at(const QPDFObjectHandle& array, int index) {
  auto item = array.getArrayItem(index);
  return item.isNumber() ? item.getNumericValue() : 0;
}

}  // namespace

PdfFont::PdfFont(const QPDFObjectHandle& font, const PdfStreamReader& read_stream) {
  if (!font.isDictionary()) return;
  auto to_unicode = font.getKey("/ToUnicode");
  if (font.getKey("/Subtype").isNameAndEquals("/Type0")) {
    code_bytes_ = 2;
    width_default_ = 1;
    auto descendants = font.getKey("/DescendantFonts");
    if (descendants.isArray() && descendants.getArrayNItems() > 0) read_composite_widths(descendants.getArrayItem(0));
  } else {
    read_simple_encoding(font.getKey("/Encoding"));
    read_simple_widths(font);
  }
  if (to_unicode.isStream()) read_to_unicode(read_stream(to_unicode));
}

void PdfFont::read_simple_encoding(const QPDFObjectHandle& encoding) {
  for (unsigned code = 0x20; code < 256; ++code) simple_[code] = mend_as_windows_1252(std::string(1, static_cast<char>(code)));
  if (!encoding.isDictionary()) return;
  auto differences = encoding.getKey("/Differences");
  if (!differences.isArray()) return;
  long long code = 0;
  const int count = std::min(differences.getArrayNItems(), entries_max);
  for (int i = 0; i < count; ++i) {
    auto item = differences.getArrayItem(i);
    if (item.isInteger()) {
      code = item.getIntValue();
    } else if (item.isName()) {
      if (code >= 0 && code < 256) simple_[static_cast<std::size_t>(code)] = glyph_text(std::string_view(item.getName()).substr(1));
      ++code;
    }
  }
}

void PdfFont::read_simple_widths(const QPDFObjectHandle& font) {
  auto first = font.getKey("/FirstChar"), widths = font.getKey("/Widths");
  if (!first.isInteger() || !widths.isArray()) return;
  const auto from = first.getIntValue();
  const int count = std::min(widths.getArrayNItems(), 256);
  for (int i = 0; i < count; ++i)
    if (from >= 0 && from + i < 256) widths_[static_cast<unsigned>(from + i)] = number_at(widths, i) / 1000;
}

// "/W [ 3 [500 600] 10 20 700 ]": widths one by one from a code on, or one width for a range.
void PdfFont::read_composite_widths(const QPDFObjectHandle& descendant) {
  if (!descendant.isDictionary()) return;
  if (auto width = descendant.getKey("/DW"); width.isNumber()) width_default_ = width.getNumericValue() / 1000;
  auto widths = descendant.getKey("/W");
  if (!widths.isArray()) return;
  const int count = std::min(widths.getArrayNItems(), entries_max);
  for (int i = 0; i + 1 < count && std::ssize(widths_) < entries_max;) {
    const auto from = static_cast<long long>(number_at(widths, i));
    auto next = widths.getArrayItem(i + 1);
    if (next.isArray()) {
      for (int j = 0; j < std::min(next.getArrayNItems(), entries_max); ++j)
        widths_[static_cast<unsigned>(from + j)] = number_at(next, j) / 1000;
      i += 2;
    } else if (i + 2 < count) {
      const auto to = std::min(static_cast<long long>(number_at(widths, i + 1)), from + entries_max);
      const double width = number_at(widths, i + 2) / 1000;
      for (auto code = from; code <= to && std::ssize(widths_) < entries_max; ++code) widths_[static_cast<unsigned>(code)] = width;
      i += 3;
    } else {
      break;
    }
  }
}

void PdfFont::read_to_unicode(const std::string& cmap) {
  BufferInputSource input("cmap", cmap);
  QPDFTokenizer tokenizer;
  tokenizer.allowEOF();
  std::vector<std::string> strings;  // of the entry that is being read
  bool in_chars = false, in_ranges = false, in_array = false, in_space = false;
  unsigned array_code = 0;
  for (int tokens = 0; tokens < 4 * entries_max && std::ssize(to_unicode_) < entries_max; ++tokens) {
    const auto token = tokenizer.readToken(input, "cmap", true);
    const auto type = token.getType();
    if (type == QPDFTokenizer::tt_eof) return;
    if (type == QPDFTokenizer::tt_word) {
      const auto& word = token.getValue();
      in_chars = word == "beginbfchar";
      in_ranges = word == "beginbfrange";
      in_space = word == "begincodespacerange";
      strings.clear();
    } else if (type == QPDFTokenizer::tt_array_open && in_ranges && strings.size() == 2) {
      in_array = true;
      array_code = number_of(strings[0]);
    } else if (type == QPDFTokenizer::tt_array_close) {
      in_array = false;
      strings.clear();
    } else if (type == QPDFTokenizer::tt_string) {
      if (in_array) {
        to_unicode_[array_code++] = from_utf16(token.getValue());
        continue;
      }
      strings.push_back(token.getValue());
      if (in_space && strings.size() == 2) {
        code_bytes_ = strings[0].size() == 1 ? 1 : code_bytes_;
        strings.clear();
      } else if (in_chars && strings.size() == 2) {
        to_unicode_[number_of(strings[0])] = from_utf16(strings[1]);
        strings.clear();
      } else if (in_ranges && strings.size() == 3) {
        const auto from = number_of(strings[0]), to = number_of(strings[1]);
        auto target = strings[2];
        for (unsigned i = 0; from + i <= to && i < 256 && !target.empty(); ++i) {
          to_unicode_[from + i] = from_utf16(target);
          target.back() = static_cast<char>(target.back() + 1);
        }
        strings.clear();
      }
    }
  }
}

void PdfFont::each_glyph(std::string_view shown, const std::function<void(const Glyph&)>& take) const {
  const auto step = static_cast<std::size_t>(code_bytes_);
  Glyph glyph;
  for (std::size_t at = 0; at + step <= shown.size(); at += step) {
    const auto code = number_of(shown.substr(at, step));
    const auto mapped = to_unicode_.find(code);
    glyph.text = mapped != to_unicode_.end() ? mapped->second : step == 1 ? simple_[code] : std::string();
    const auto width = widths_.find(code);
    glyph.width = width != widths_.end() ? width->second : width_default_;
    glyph.is_single_32 = step == 1 && code == 32;
    take(glyph);
  }
}

}  // namespace letterlock::mail
