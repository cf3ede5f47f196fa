#pragma once

// What a PDF's font says about the bytes shown with it: their characters and widths. Internal to mail; used by pdf_text.cpp.

#include <qpdf/QPDFObjectHandle.hh>

#include <array>
#include <functional>
#include <map>
#include <string>
#include <string_view>

namespace letterlock::mail {

// Decodes a stream within the document's budget; what was decoded before an error or the budget's end.
using PdfStreamReader = std::function<std::string(QPDFObjectHandle)>;

class PdfFont {
 public:
  PdfFont() = default;
  // May throw what libqpdf throws.
  PdfFont(const QPDFObjectHandle& font, const PdfStreamReader& read_stream);

  struct Glyph {
    std::string text;           // UTF-8; empty where the font does not say
    double width = 0.5;         // in text space units of size 1
    bool is_single_32 = false;  // the code that word spacing applies to
  };
  // Calls take(glyph) for each code of a shown string.
  void each_glyph(std::string_view shown, const std::function<void(const Glyph&)>& take) const;

 private:
  void read_simple_encoding(const QPDFObjectHandle& encoding);
  void read_simple_widths(const QPDFObjectHandle& font);
  void read_composite_widths(const QPDFObjectHandle& descendant);
  void read_to_unicode(const std::string& cmap);

  int code_bytes_ = 1;
  std::map<unsigned, std::string> to_unicode_;
  std::array<std::string, 256> simple_;  // where code_bytes_ is 1 and to_unicode_ says nothing
  std::map<unsigned, double> widths_;
  double width_default_ = 0.5;
};

}  // namespace letterlock::mail
