#include "mail/pdf_text.h"

#include <gtest/gtest.h>
#include <qpdf/Pl_Flate.hh>
#include <qpdf/Pl_String.hh>
#include <qpdf/QPDF.hh>
#include <qpdf/QPDFWriter.hh>

#include <chrono>
#include <functional>
#include <random>

#include "base/encoding.h"
#include "mail/message.h"

namespace letterlock::mail {
namespace {

// A PDF of these objects (1, 2, …; the first is the catalog), with its cross-reference table.
std::string pdf_of(const std::vector<std::string>& objects) {
  std::string out = "%PDF-1.7\n";
  std::vector<std::size_t> places;
  for (std::size_t i = 0; i < objects.size(); ++i) {
    places.push_back(out.size());
    out += std::to_string(i + 1) + " 0 obj\n" + objects[i] + "\nendobj\n";
  }
  const auto table = out.size();
  out += "xref\n0 " + std::to_string(objects.size() + 1) + "\n0000000000 65535 f \n";
  for (const auto place : places) {
    const auto digits = std::to_string(place);
    out += std::string(10 - digits.size(), '0') + digits + " 00000 n \n";
  }
  return out + "trailer\n<< /Size " + std::to_string(objects.size() + 1) + " /Root 1 0 R >>\nstartxref\n" + std::to_string(table) +
         "\n%%EOF\n";
}

std::string stream_of(const std::string& bytes, const std::string& entries = "") {
  return "<< /Length " + std::to_string(bytes.size()) + ' ' + entries + " >>\nstream\n" + bytes + "\nendstream";
}

std::string deflated(const std::string& bytes) {
  std::string out;
  Pl_String sink("out", nullptr, out);
  Pl_Flate flate("deflate", &sink, Pl_Flate::a_deflate);
  flate.write(reinterpret_cast<const unsigned char*>(bytes.data()), bytes.size());
  flate.finish();
  return out;
}

const std::string helvetica = "<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica >>";

std::vector<std::string> one_page(const std::string& content, const std::string& font = helvetica, const std::string& entries = "") {
  return {"<< /Type /Catalog /Pages 2 0 R >>", "<< /Type /Pages /Kids [3 0 R] /Count 1 >>",
          "<< /Type /Page /Parent 2 0 R /MediaBox [0 0 600 800] /Contents 4 0 R /Resources << /Font << /F1 5 0 R >> >> >>",
          stream_of(content, entries), font};
}

const std::string invoice =
    "BT /F1 12 Tf 50 700 Td (Invoice 2026-17) Tj 0 -20 Td (IBAN:) Tj 60 0 Td [(DE89 3704) -300 (0044 0532) 20 ( 0130 00)] TJ "
    "T* ET BT /F1 12 Tf 1 0 0 1 50 600 Tm (BIC COBADEFFXXX) Tj ET";

std::string text_of(const std::string& pdf) { return read_pdf_text(pdf, {}).text; }

// What libqpdf makes of a document, by its own writer.
std::string rewritten(const std::string& pdf, const std::function<void(QPDFWriter&)>& set) {
  QPDF document;
  document.processMemoryFile("test", pdf.data(), pdf.size());
  QPDFWriter writer(document);
  writer.setOutputMemory();
  set(writer);
  writer.write();
  const auto buffer = writer.getBufferSharedPointer();
  return {reinterpret_cast<const char*>(buffer->getBuffer()), buffer->getSize()};
}

TEST(PdfText, ReadsLinesAndGaps) {
  const auto read = read_pdf_text(pdf_of(one_page(invoice)), {});
  EXPECT_EQ(read.note, "");
  EXPECT_EQ(read.text, "Invoice 2026-17\nIBAN: DE89 3704 0044 0532 0130 00\nBIC COBADEFFXXX\n");
}

TEST(PdfText, JoinsGlyphsThatAreDrawnOneByOne) {
  std::string content = "BT /F1 10 Tf ";
  double x = 50;
  for (const char c : std::string("NL91ABNA0417164300")) {
    content += "1 0 0 1 " + std::to_string(x) + " 500 Tm (" + c + ") Tj ";
    x += 5;
  }
  EXPECT_EQ(text_of(pdf_of(one_page(content + "ET"))), "NL91ABNA0417164300\n");
}

TEST(PdfText, ReadsCompositeFontsByTheirUnicodeMap) {
  auto objects = one_page("BT /F1 12 Tf 50 700 Td <000100020003> Tj ET",
                          "<< /Type /Font /Subtype /Type0 /BaseFont /X /Encoding /Identity-H /DescendantFonts [6 0 R] /ToUnicode 7 0 R >>");
  objects.push_back("<< /Type /Font /Subtype /CIDFontType2 /BaseFont /X /DW 600 /W [1 [500 500] 3 3 400] >>");
  objects.push_back(
      stream_of("1 begincodespacerange <0000> <ffff> endcodespacerange 2 beginbfrange <0001> <0002> <0041> <0003> <0003> "
                "[<20AC>] endbfrange"));
  EXPECT_EQ(text_of(pdf_of(objects)), "AB€\n");
}

TEST(PdfText, ReadsGlyphNames) {
  EXPECT_EQ(
      text_of(pdf_of(one_page("BT /F1 12 Tf (abc) Tj ET",
                              "<< /Type /Font /Subtype /Type1 /BaseFont /X /Encoding << /Differences [97 /one /two.tnum /uni0033] >> >>"))),
      "123\n");
}

TEST(PdfText, ReadsFormsAndPagesBelowOneAnother) {
  EXPECT_EQ(text_of(pdf_of({"<< /Type /Catalog /Pages 2 0 R >>", "<< /Type /Pages /Kids [3 0 R 3 0 R] /Count 2 /Resources 6 0 R >>",
                            "<< /Type /Page /Parent 2 0 R /Contents [4 0 R 4 0 R] >>", stream_of("/X1 Do"),
                            stream_of("BT /F1 12 Tf (inner) Tj ET", "/Type /XObject /Subtype /Form"),
                            "<< /Font << /F1 " + helvetica + " >> /XObject << /X1 5 0 R >> >>"})),
            "inner inner\ninner inner\n")
      << "twice in each of two pages, on one line";
}

TEST(PdfText, ReadsCompressedDocumentsAndObjectStreams) {
  const auto packed = rewritten(pdf_of(one_page(invoice)), [](QPDFWriter& writer) {
    writer.setObjectStreamMode(qpdf_o_generate);
    writer.setCompressStreams(true);
    writer.setRecompressFlate(true);
  });
  EXPECT_FALSE(packed.contains("COBADEFF"));
  EXPECT_EQ(text_of(packed), text_of(pdf_of(one_page(invoice))));
}

TEST(PdfText, NotesAnEncryptedDocumentAndReadsOneThatOpensWithoutPassword) {
  const auto locked = [](const char* user) {
    return rewritten(pdf_of(one_page(invoice)), [&](QPDFWriter& writer) {
      writer.setR6EncryptionParameters(user, "owner", true, true, true, true, true, true, qpdf_r3p_full, true);
    });
  };
  const auto closed = read_pdf_text(locked("secret"), {});
  EXPECT_EQ(closed.note, "not read: encrypted");
  EXPECT_EQ(closed.text, "");
  EXPECT_TRUE(text_of(locked("")).contains("BIC COBADEFFXXX"));
}

TEST(PdfText, KeepsItsLimits) {
  const auto pdf = pdf_of(one_page(invoice));
  EXPECT_EQ(read_pdf_text(pdf, {.bytes_max = 100}).note, "not read: " + std::to_string(pdf.size()) + " bytes, the limit is 100");
  EXPECT_EQ(read_pdf_text(pdf, {.operators_max = 5}).note, "cut at 5 operators");
  EXPECT_EQ(read_pdf_text(pdf, {.content_bytes_max = 60}).note, "cut at 60 bytes of content");
  EXPECT_EQ(read_pdf_text(pdf, {.text_bytes_max = 7}).text, "Invoice");
  auto pages = one_page(invoice);
  pages[1] = "<< /Type /Pages /Kids [3 0 R 3 0 R 3 0 R] /Count 3 >>";
  const auto cut = read_pdf_text(pdf_of(pages), {.pages_max = 2});
  EXPECT_EQ(cut.note, "cut at 2 pages");
  EXPECT_TRUE(cut.text.contains("IBAN"));
}

TEST(PdfText, NotesWhatIsNoPdf) {
  EXPECT_EQ(read_pdf_text("", {}).note, "broken");
  EXPECT_EQ(read_pdf_text("%PDF-1.7\nhello", {}).note, "broken");
}

TEST(PdfText, MendsACrossReferenceThatPointsNowhere) {
  auto pdf = pdf_of(one_page(invoice));
  pdf.replace(pdf.rfind("startxref") + 10, 1, "9");
  EXPECT_TRUE(text_of(pdf).contains("BIC COBADEFFXXX"));
}

TEST(PdfText, EndsOnHostileStructure) {
  const auto begin = std::chrono::steady_clock::now();
  // A content stream of 200 MB, twice compressed and once.
  const std::string zeros(200 << 20, ' ');
  const auto once = deflated(zeros);
  read_pdf_text(pdf_of(one_page(once, helvetica, "/Filter /FlateDecode")), {});
  read_pdf_text(pdf_of(one_page(deflated(once), helvetica, "/Filter [/FlateDecode /FlateDecode]")), {});
  // LZW is not decoded.
  EXPECT_EQ(text_of(pdf_of(one_page("\x80\x0b\x60\x50\x22\x0c\x0c\x85\x01", helvetica, "/Filter /LZWDecode"))), "");
  // Pages and forms that contain themselves, arrays without end, an object that is its own stream's length.
  auto loop = one_page(invoice);
  loop[1] = "<< /Type /Pages /Kids [2 0 R 2 0 R 2 0 R 3 0 R] >>";
  read_pdf_text(pdf_of(loop), {});
  read_pdf_text(pdf_of({"<< /Type /Catalog /Pages 2 0 R >>", "<< /Type /Pages /Kids [3 0 R] /Resources << /XObject << /X 4 0 R >> >> >>",
                        "<< /Type /Page /Contents 4 0 R >>", stream_of("/X Do /X Do /X Do /X Do", "/Subtype /Form")}),
                {});
  read_pdf_text(pdf_of({"<< /Type /Catalog /Pages " + std::string(1 << 20, '[')}), {});
  read_pdf_text(pdf_of(one_page(std::string(1 << 20, '[') + std::string(1 << 20, '('))), {});
  auto own = one_page(invoice);
  own[3] = "<< /Length 4 0 R >>\nstream\nBT ET\nendstream";
  read_pdf_text(pdf_of(own), {});
  std::string many;
  for (int i = 0; i < 100'000; ++i) many += std::to_string(i) + " 0 obj << /A " + std::to_string(i + 1) + " 0 R >> endobj\n";
  read_pdf_text("%PDF-1.4\n" + many + "trailer << /Root 1 0 R >>", {});
  EXPECT_LT(std::chrono::steady_clock::now() - begin, std::chrono::seconds(60));
}

// Damage of every kind to a document with every kind of structure: no crash, no hang, text that is text.
TEST(PdfText, SurvivesDamage) {
  const auto plain = pdf_of(one_page(invoice));
  const auto packed = rewritten(plain, [](QPDFWriter& writer) { writer.setObjectStreamMode(qpdf_o_generate); });
  std::mt19937 random(7);
  for (const auto& whole : {plain, packed}) {
    for (std::size_t size = 0; size < whole.size(); size += 13) read_pdf_text(std::string_view(whole).substr(0, size), {});
    for (int round = 0; round < 1500; ++round) {
      auto damaged = whole;
      for (int i = 0; i < 1 + round % 8; ++i) {
        const auto at = random() % damaged.size();
        switch (random() % 3) {
          case 0:
            damaged[at] = static_cast<char>(random());
            break;
          case 1:
            damaged.erase(at, random() % 20);
            break;
          default:
            damaged.insert(at, damaged.substr(random() % damaged.size(), random() % 30));
        }
      }
      read_pdf_text(damaged, {});
    }
  }
}

TEST(PdfText, IsReadWhereAMessageHasOneAttached) {
  const std::string message =
      "From: a@vendor.example\r\nSubject: invoice\r\nMIME-Version: 1.0\r\nContent-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\n"
      "Content-Type: text/plain\r\n\r\nsee attachment\r\n--b\r\nContent-Type: application/octet-stream; name=i.pdf\r\n"
      "Content-Disposition: attachment; filename=i.pdf\r\nContent-Transfer-Encoding: base64\r\n\r\n";
  const auto with = [&](const std::string& pdf) {
    const auto email = parse_message(message + to_base64(pdf) + "\r\n--b--\r\n", {});
    EXPECT_TRUE(email);
    return email.value_or(Email{});
  };
  const auto email = with(pdf_of(one_page(invoice)));
  ASSERT_EQ(email.payment_instruments.size(), 2u);
  EXPECT_EQ(email.payment_instruments[0].value, "DE89370400440532013000");
  EXPECT_EQ(email.payment_instruments[0].origin, "attachment");
  EXPECT_EQ(email.payment_instruments[1].value, "COBADEFFXXX");
  EXPECT_TRUE(email.parse_notes.empty());
  const auto broken = with("%PDF-1.4\nnothing");
  EXPECT_EQ(broken.parse_notes, std::vector<std::string>{"text of attachment 2: PDF broken"});
}

TEST(PdfText, IsReadWhereGraphGaveTheContent) {
  const auto email = parse_graph_message(R"({"id":"1","body":{"contentType":"text","content":"x"},"attachments":[{"id":"a","name":"i.pdf",)"
                                         R"("contentType":"application/pdf","contentBytes":")" +
                                             to_base64(pdf_of(one_page(invoice))) + R"("},{"id":"b","name":"j.pdf","size":7}]})",
                                         {});
  ASSERT_TRUE(email);
  ASSERT_EQ(email->attachments.size(), 2u);
  EXPECT_EQ(email->attachments[0].sha256.size(), 64u);
  ASSERT_EQ(email->payment_instruments.size(), 2u);
  EXPECT_EQ(email->payment_instruments[0].value, "DE89370400440532013000");
}

}  // namespace
}  // namespace letterlock::mail
