#include "base/text.h"

#include <gtest/gtest.h>

#include "base/limits.h"

namespace mw {
namespace {

TEST(Utf8, AcceptsWhatIsWellFormed) {
  EXPECT_TRUE(valid_utf8(""));
  EXPECT_TRUE(valid_utf8("plain"));
  EXPECT_TRUE(valid_utf8("安静的水獭"));
  EXPECT_TRUE(valid_utf8("\xF0\x9F\xA6\xA6"));
  EXPECT_TRUE(valid_utf8("\xF4\x8F\xBF\xBF"));
}

TEST(Utf8, RefusesWhatIsNot) {
  for (const char* bad : {"\x80", "\xC0\xAF", "\xC1\xBF", "\xE0\x80\xAF", "\xED\xA0\x80", "\xF0\x80\x80\xAF",
                          "\xF4\x90\x80\x80", "\xF5\x80\x80\x80", "\xFF", "abc\xE5\xAE", "\xE5\x28\xA1"})
    EXPECT_FALSE(valid_utf8(bad)) << bad;
}

TEST(Utf8, EveryScalarSurvivesARoundTrip) {
  for (char32_t scalar = 0; scalar <= 0x10FFFF; ++scalar) {
    if (scalar >= 0xD800 && scalar <= 0xDFFF) continue;
    std::string text;
    append_scalar(text, scalar);
    std::string_view rest = text;
    ASSERT_EQ(read_scalar(rest), scalar);
    ASSERT_TRUE(rest.empty());
    ASSERT_EQ(count_scalars(text), 1u);
  }
}

TEST(CleanName, KeepsWhatPeopleWrite) {
  EXPECT_EQ(*clean_name("Calm Otter"), "Calm Otter");
  EXPECT_EQ(*clean_name("安静的水獭"), "安静的水獭");
  EXPECT_EQ(*clean_name("O'Neil-Łukasz"), "O'Neil-Łukasz");
  EXPECT_EQ(*clean_name("<script>"), "<script>");  // text is text; clients never treat it as markup
}

TEST(CleanName, CollapsesSpacesOfEveryKind) { EXPECT_EQ(*clean_name("  a \t\n b\u00A0\u3000c  "), "a b c"); }

TEST(CleanName, DropsControlsOverridesAndInvisibles) {
  EXPECT_EQ(*clean_name("a\x01\x1B[2Jb"), "a[2Jb");
  EXPECT_EQ(*clean_name("evil\u202Etxt.exe\u2066!"), "eviltxt.exe!");
  EXPECT_EQ(*clean_name("ad\u200Bmin\uFEFF\u2060"), "admin");
  EXPECT_EQ(*clean_name("a\U000E0041b"), "ab");
  EXPECT_EQ(*clean_name("a\u3164b"), "ab");
}

TEST(CleanName, KeepsAJoinerOnlyBetweenVisibleCharacters) {
  EXPECT_EQ(*clean_name("\u200Da\u200D"), "a");
  EXPECT_EQ(*clean_name("a\u200D\u200D\u200Db"), "a\u200Db");
  EXPECT_EQ(*clean_name("\u2764\uFE0F"), "\u2764\uFE0F");
}

TEST(CleanName, LimitsStackedMarks) {
  std::string zalgo = "a";
  for (int i = 0; i < 12; ++i) zalgo += "\u0301";
  EXPECT_EQ(*clean_name(zalgo), "a\u0301\u0301");
}

TEST(CleanName, RefusesNothingness) {
  for (const char* empty : {"", "   ", "\u200B\u200D\u2060", "\u202E"}) {
    const auto result = clean_name(empty);
    ASSERT_FALSE(result.ok());
    EXPECT_EQ(result.error().kind, ErrorKind::invalid);
    EXPECT_EQ(result.error().field, "name");
  }
}

TEST(CleanName, RefusesMalformedAndLong) {
  EXPECT_EQ(clean_name("ab\xFF").error().text(), "name: not UTF-8 at byte 2");
  EXPECT_TRUE(clean_name(std::string(limits::kNameChars, 'x')).ok());
  EXPECT_EQ(clean_name(std::string(limits::kNameChars + 1, 'x')).error().kind, ErrorKind::too_large);
  std::string wide;
  for (std::size_t i = 0; i * 3 <= limits::kNameBytes; ++i) wide += "水";
  EXPECT_EQ(clean_name(wide).error().kind, ErrorKind::too_large);
  EXPECT_EQ(clean_name(std::string(1'000'000, 'x')).error().kind, ErrorKind::too_large);
}

TEST(CleanName, IsIdempotent) {
  std::uint32_t random = 1;
  for (int round = 0; round < 5'000; ++round) {
    std::string text;
    for (int i = 0; i < 10; ++i) {
      random = random * 1664525u + 1013904223u;
      char32_t scalar = (random >> 8) % 0x3200;
      append_scalar(text, scalar);
    }
    const auto once = clean_name(text);
    if (!once.ok()) continue;
    const auto twice = clean_name(*once);
    ASSERT_TRUE(twice.ok());
    ASSERT_EQ(*once, *twice);
  }
}

TEST(CleanChat, MakesOneLine) {
  EXPECT_EQ(*clean_chat("hello\r\n\r\nworld"), "hello world");
  EXPECT_EQ(clean_chat(std::string(limits::kChatChars + 1, 'x')).error().field, "text");
}

}  // namespace
}  // namespace mw
