#include "mail/pdf_text.h"

#include <qpdf/BufferInputSource.hh>
#include <qpdf/Pipeline.hh>
#include <qpdf/Pl_Flate.hh>
#include <qpdf/QPDF.hh>
#include <qpdf/QPDFExc.hh>
#include <qpdf/QPDFStreamFilter.hh>
#include <qpdf/QPDFTokenizer.hh>
#include <qpdf/global.hh>

#include <array>
#include <cmath>
#include <map>
#include <mutex>
#include <stdexcept>
#include <vector>

#include "mail/pdf_font.h"
#include "mail/text.h"

namespace letterlock::mail {
namespace {

constexpr int tree_nodes_max = 1000, tree_depth_max = 32, forms_max = 200, forms_depth_max = 5, fonts_max = 100;
constexpr std::size_t states_max = 64, operands_max = 10'000;

// LZW is not decoded: libqpdf cannot bound what it grows to, and no writer of invoices has used it for decades.
class Refused final : public QPDFStreamFilter {
 public:
  bool setDecodeParms(QPDFObjectHandle) override { return false; }
  Pipeline* getDecodePipeline(Pipeline*) override { return nullptr; }
};

// Bounds that libqpdf keeps for the whole process.
void set_bounds_once() {
  static std::once_flag once;
  std::call_once(once, [] {
    Pl_Flate::memory_limit(32ULL << 20);
    qpdf::global::limits::parser_max_nesting(100);
    qpdf::global::limits::max_stream_filters(2);
    for (const char* name : {"/LZWDecode", "/LZW"}) QPDF::registerStreamFilter(name, [] { return std::make_shared<Refused>(); });
  });
}

// Takes decoded bytes until the budget is used up.
class Sink final : public Pipeline {
 public:
  Sink(std::string& out, std::size_t& budget) : Pipeline("text", nullptr), out_(out), budget_(budget) {}
  void write(unsigned char const* data, std::size_t size) override {
    const auto taken = std::min(size, budget_);
    out_.append(reinterpret_cast<const char*>(data), taken);
    budget_ -= taken;
    if (taken < size) throw std::runtime_error("too much content");
  }
  void finish() override {}

 private:
  std::string& out_;
  std::size_t& budget_;
};

// A PDF transformation [a b c d e f]; row vectors, as the specification writes them.
struct Matrix {
  std::array<double, 6> m{1, 0, 0, 1, 0, 0};

  friend Matrix operator*(const Matrix& l, const Matrix& r) {
    return {{l.m[0] * r.m[0] + l.m[1] * r.m[2], l.m[0] * r.m[1] + l.m[1] * r.m[3], l.m[2] * r.m[0] + l.m[3] * r.m[2],
             l.m[2] * r.m[1] + l.m[3] * r.m[3], l.m[4] * r.m[0] + l.m[5] * r.m[2] + r.m[4], l.m[4] * r.m[1] + l.m[5] * r.m[3] + r.m[5]}};
  }
  static Matrix shift(double x, double y) { return {{1, 0, 0, 1, x, y}}; }
};

struct Operand {
  double number = 0;
  std::string text;  // of a string or name
  bool is_number = false, is_text = false;
};

struct State {
  Matrix page;
  const PdfFont* font = nullptr;
  double size = 1, char_spacing = 0, word_spacing = 0, scale = 1, leading = 0;
};

// Reads one document. Throws what libqpdf throws.
class Reader {
 public:
  Reader(const PdfLimits& limits, PdfText& out) : limits_(limits), out_(out), budget_(limits.content_bytes_max) {}

  void read(std::string_view bytes) {
    pdf_.setSuppressWarnings(true);
    pdf_.setMaxWarnings(1000);
    pdf_.processMemoryFile("attachment", bytes.data(), bytes.size());
    auto pages = pdf_.getRoot().getKey("/Pages");
    read_pages(pages, QPDFObjectHandle::newNull(), 0);
    if (budget_ == 0) note("cut at " + std::to_string(limits_.content_bytes_max) + " bytes of content");
    if (operators_ >= limits_.operators_max) note("cut at " + std::to_string(limits_.operators_max) + " operators");
  }

  void note(std::string text) {
    if (out_.note.empty()) out_.note = std::move(text);
  }

 private:
  bool is_full() const { return out_.text.size() >= limits_.text_bytes_max || budget_ == 0 || operators_ >= limits_.operators_max; }

  // Walks the page tree itself, with bounds: libqpdf's own walk copies pages that are listed twice.
  void read_pages(const QPDFObjectHandle& node, const QPDFObjectHandle& inherited, int depth) {
    if (++tree_nodes_ > tree_nodes_max || depth > tree_depth_max || !node.isDictionary() || is_full()) return;
    auto resources = node.getKey("/Resources");
    if (!resources.isDictionary()) resources = inherited;
    auto kids = node.getKey("/Kids");
    if (!kids.isArray()) {
      if (pages_ >= limits_.pages_max) {
        note("cut at " + std::to_string(limits_.pages_max) + " pages");
        return;
      }
      ++pages_;
      end_line();
      run(contents_of(node.getKey("/Contents")), resources, State{}, 0);
      end_line();
      return;
    }
    const int count = std::min(kids.getArrayNItems(), tree_nodes_max);
    for (int i = 0; i < count; ++i) read_pages(kids.getArrayItem(i), resources, depth + 1);
  }

  std::string contents_of(const QPDFObjectHandle& contents) {
    std::string out;
    if (contents.isStream()) return read_stream(contents);
    if (!contents.isArray()) return out;
    const int count = std::min(contents.getArrayNItems(), 1000);
    for (int i = 0; i < count && budget_ > 0; ++i)
      if (auto part = contents.getArrayItem(i); part.isStream()) out += read_stream(part) + '\n';
    return out;
  }

  std::string read_stream(QPDFObjectHandle stream) {
    std::string out;
    Sink sink(out, budget_);
    try {
      stream.pipeStreamData(&sink, nullptr, 0, qpdf_dl_generalized, true);
    } catch (const std::exception&) {
      // What came before the damage is worth reading.
    }
    return out;
  }

  const PdfFont* font_of(const QPDFObjectHandle& resources, const std::string& name) {
    if (!resources.isDictionary()) return nullptr;
    auto fonts = resources.getKey("/Font");
    if (!fonts.isDictionary()) return nullptr;
    auto font = fonts.getKey(name);
    if (!font.isDictionary()) return nullptr;
    const auto id = font.getObjGen();
    if (id.getObj() != 0)
      if (const auto known = fonts_.find(id); known != fonts_.end()) return &known->second;
    if (fonts_.size() >= static_cast<std::size_t>(fonts_max)) return nullptr;
    // A font that is no object of its own is known by a number that no object has.
    const auto key = id.getObj() != 0 ? id : QPDFObjGen(-1 - static_cast<int>(fonts_.size()), 0);
    return &fonts_.emplace(key, PdfFont(font, [this](QPDFObjectHandle stream) { return read_stream(std::move(stream)); })).first->second;
  }

  void run(const std::string& content, const QPDFObjectHandle& resources, State state, int depth) {
    BufferInputSource input("content", content);
    QPDFTokenizer tokenizer;
    tokenizer.allowEOF();
    std::vector<Operand> operands;
    std::vector<State> saved;
    Matrix text, line;
    const auto number = [&](std::size_t from_end) {
      return operands.size() > from_end && operands[operands.size() - 1 - from_end].is_number
                 ? operands[operands.size() - 1 - from_end].number
                 : 0;
    };
    const auto matrix = [&] { return Matrix{{number(5), number(4), number(3), number(2), number(1), number(0)}}; };
    const auto next_line = [&](double x, double y) { text = line = Matrix::shift(x, y) * line; };
    while (!is_full()) {
      const auto token = tokenizer.readToken(input, "content", true);
      switch (token.getType()) {
        case QPDFTokenizer::tt_eof:
          return;
        case QPDFTokenizer::tt_integer:
        case QPDFTokenizer::tt_real:
          operands.push_back({.number = std::strtod(token.getValue().c_str(), nullptr), .is_number = true});
          break;
        case QPDFTokenizer::tt_string:
        case QPDFTokenizer::tt_name:
          operands.push_back({.text = token.getValue(), .is_text = true});
          break;
        case QPDFTokenizer::tt_word: {
          ++operators_;
          const auto& op = token.getValue();
          if (op == "BT") {
            text = line = Matrix{};
          } else if (op == "Tf") {
            if (operands.size() >= 2) state.font = font_of(resources, operands[operands.size() - 2].text);
            state.size = number(0);
          } else if (op == "Td") {
            next_line(number(1), number(0));
          } else if (op == "TD") {
            state.leading = -number(0);
            next_line(number(1), number(0));
          } else if (op == "T*") {
            next_line(0, -state.leading);
          } else if (op == "Tm") {
            text = line = matrix();
          } else if (op == "TL") {
            state.leading = number(0);
          } else if (op == "Tc") {
            state.char_spacing = number(0);
          } else if (op == "Tw") {
            state.word_spacing = number(0);
          } else if (op == "Tz") {
            state.scale = number(0) / 100;
          } else if (op == "Tj" || op == "TJ") {
            show(operands, state, text);
          } else if (op == "'" || op == "\"") {
            if (op == "\"" && operands.size() >= 3) {
              state.word_spacing = number(2);
              state.char_spacing = number(1);
              operands.erase(operands.begin(), operands.end() - 1);
            }
            next_line(0, -state.leading);
            show(operands, state, text);
          } else if (op == "q") {
            if (saved.size() < states_max) saved.push_back(state);
          } else if (op == "Q") {
            if (!saved.empty()) {
              state = saved.back();
              saved.pop_back();
            }
          } else if (op == "cm") {
            state.page = matrix() * state.page;
          } else if (op == "Do") {
            if (!operands.empty()) run_form(resources, operands.back().text, state, depth);
          } else if (op == "ID") {
            char blank;
            input.read(&blank, 1);
            tokenizer.expectInlineImage(input);
          }
          operands.clear();
          break;
        }
        default:
          break;  // brackets, braces, an inline image, what is broken
      }
      if (operands.size() > operands_max) operands.clear();
    }
  }

  void run_form(const QPDFObjectHandle& resources, const std::string& name, State state, int depth) {
    if (depth >= forms_depth_max || forms_ >= forms_max || !resources.isDictionary()) return;
    auto objects = resources.getKey("/XObject");
    if (!objects.isDictionary()) return;
    auto form = objects.getKey(name);
    if (!form.isStream()) return;
    auto dictionary = form.getDict();
    if (!dictionary.getKey("/Subtype").isNameAndEquals("/Form")) return;
    ++forms_;
    if (auto matrix = dictionary.getKey("/Matrix"); matrix.isArray() && matrix.getArrayNItems() == 6) {
      Matrix own;
      for (int i = 0; i < 6; ++i)
        if (auto item = matrix.getArrayItem(i); item.isNumber()) own.m[static_cast<std::size_t>(i)] = item.getNumericValue();
      state.page = own * state.page;
    }
    auto own = dictionary.getKey("/Resources");
    run(read_stream(form), own.isDictionary() ? own : resources, state, depth + 1);
  }

  void show(const std::vector<Operand>& operands, const State& state, Matrix& text) {
    if (!state.font) return;
    const auto advance = [&](double x) { text = Matrix::shift(x, 0) * text; };
    for (const auto& operand : operands) {
      if (operand.is_number) {
        advance(-operand.number / 1000 * state.size * state.scale);
        continue;
      }
      state.font->each_glyph(operand.text, [&](const PdfFont::Glyph& glyph) {
        const auto at = text * state.page;
        place(glyph.text, at, std::abs(state.size) * std::hypot(at.m[2], at.m[3]));
        advance((glyph.width * state.size + state.char_spacing + (glyph.is_single_32 ? state.word_spacing : 0)) * state.scale);
        const auto after = text * state.page;
        end_x_ = after.m[4];
        end_y_ = after.m[5];
      });
    }
  }

  // Append a glyph; a line's end or a gap before it becomes white space.
  void place(const std::string& glyph, const Matrix& at, double height) {
    if (out_.text.size() >= limits_.text_bytes_max) return;
    if (!std::isfinite(at.m[4]) || !std::isfinite(at.m[5])) return;
    if (has_end_) {
      const double along = at.m[4] - end_x_, across = std::abs(at.m[5] - end_y_);
      if (across > 0.4 * height)
        end_line();
      else if ((along > 0.15 * height || along < -height) && !out_.text.empty() && out_.text.back() != ' ' && out_.text.back() != '\n')
        out_.text += ' ';
    }
    has_end_ = true;
    out_.text += glyph;
  }

  void end_line() {
    has_end_ = false;
    if (!out_.text.empty() && out_.text.back() != '\n') out_.text += '\n';
  }

  const PdfLimits& limits_;
  PdfText& out_;
  std::size_t budget_;
  QPDF pdf_;
  std::map<QPDFObjGen, PdfFont> fonts_;
  int tree_nodes_ = 0, pages_ = 0, forms_ = 0, operators_ = 0;
  bool has_end_ = false;  // whether the place behind the last glyph says something
  double end_x_ = 0, end_y_ = 0;
};

}  // namespace

PdfText read_pdf_text(std::string_view bytes, const PdfLimits& limits) {
  PdfText out;
  if (bytes.size() > limits.bytes_max) {
    out.note = "not read: " + std::to_string(bytes.size()) + " bytes, the limit is " + std::to_string(limits.bytes_max);
    return out;
  }
  set_bounds_once();
  try {
    Reader reader(limits, out);
    reader.read(bytes);
  } catch (const QPDFExc& error) {
    out.note = error.getErrorCode() == qpdf_e_password ? "not read: encrypted" : "broken";
  } catch (const std::exception&) {
    out.note = "broken";
  }
  out.text = mend_utf8(cut_utf8(out.text, limits.text_bytes_max));
  return out;
}

}  // namespace letterlock::mail
