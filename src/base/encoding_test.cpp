#include "base/encoding.h"

#include <gtest/gtest.h>

namespace letterlock {
namespace {

TEST(Encoding, Sha256OfKnownText) {
  EXPECT_EQ(sha256_hex("abc"), "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
  Sha256 pieces;
  pieces.update("a");
  pieces.update("bc");
  EXPECT_EQ(pieces.finish_hex(), sha256_hex("abc"));
}

TEST(Encoding, Base64ComesBackWhateverItsLengthAndWhereverLinesEnd) {
  std::string bytes;
  for (int length = 0; length < 200; ++length) {
    auto text = to_base64url(bytes);
    EXPECT_EQ(from_base64(text), bytes) << length;
    text.insert(text.size() * 2 / 3, "\r\n");
    EXPECT_EQ(from_base64(text), bytes) << length;
    bytes += static_cast<char>(length * 37);
  }
}

TEST(Encoding, Base64ReadsBothAlphabetsPaddedOrNot) {
  const std::string bytes("\xfb\xff\xfe\x00x", 5);
  EXPECT_EQ(to_base64(bytes), "+//+AHg=");
  EXPECT_EQ(to_base64url(bytes), "-__-AHg");
  for (const char* text : {"+//+AHg=", "-__-AHg", "-__-AHg=", "-__-\r\nAHg="}) EXPECT_EQ(from_base64(text), bytes) << text;
  EXPECT_EQ(from_base64(""), "");
  EXPECT_FALSE(from_base64("a*b"));
  EXPECT_FALSE(from_base64("a"));
  EXPECT_FALSE(from_base64("-__-AHh")) << "bits that no byte takes are not zero";
  EXPECT_FALSE(from_base64("-__-A=Hg")) << "digits after the padding";
}

TEST(Encoding, HexRoundTripsAndRefusesOddOrForeignDigits) {
  EXPECT_EQ(from_hex(to_hex(std::string("\0\xff", 2))), std::string("\0\xff", 2));
  EXPECT_FALSE(from_hex("abc"));
  EXPECT_FALSE(from_hex("zz"));
}

TEST(Encoding, UrlEncodeKeepsUnreservedOnly) { EXPECT_EQ(url_encode("a b+c/ü~"), "a%20b%2Bc%2F%C3%BC~"); }

}  // namespace
}  // namespace letterlock
