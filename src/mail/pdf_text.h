#pragma once

// The text of a PDF from a stranger: page contents in drawing order, lines and gaps guessed from positions. Enough to find what an
// invoice names as account; no layout, no annotations, nothing that is drawn as a picture. Never throws; any thread. libqpdf.

#include <cstddef>
#include <string>
#include <string_view>

namespace letterlock::mail {

struct PdfLimits {
  std::size_t bytes_max = 4 << 20;          // of the file; larger ones are not read
  int pages_max = 10;                       // the first ones
  std::size_t content_bytes_max = 8 << 20;  // decompressed: page contents and fonts' tables together
  int operators_max = 500'000;              // of all pages
  std::size_t text_bytes_max = 256 << 10;
};

struct PdfText {
  std::string text;  // clean UTF-8, as much as could be read
  std::string note;  // why nothing or not everything was read ("encrypted", "broken: …", "cut at 10 pages"), or empty
};

PdfText read_pdf_text(std::string_view bytes, const PdfLimits& limits);

}  // namespace letterlock::mail
