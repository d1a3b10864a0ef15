#include "crypto/canonical.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <bit>
#include <cmath>
#include <limits>
#include <random>
#include <string>

#include "base/format.h"
#include "crypto/crypto.h"
#include "crypto/vectors_test.h"

namespace mw::crypto {
namespace {

double from_bits(std::string_view hex_text) {
  return std::bit_cast<double>(static_cast<std::uint64_t>(std::stoull(std::string(hex_text), nullptr, 16)));
}

std::string canonical(std::string_view text) {
  const auto value = data::parse_json(text);
  EXPECT_TRUE(value.ok()) << text;
  if (!value.ok()) return "";
  const auto out = canonical_json(*value);
  EXPECT_TRUE(out.ok()) << text;
  return out.ok() ? *out : "";
}

// RFC 8785, section 3.2.2 to 3.2.4.
TEST(CanonicalJson, WritesTheExampleOfTheRfc) {
  EXPECT_EQ(canonical(R"({"numbers": [333333333.33333329, 1E30, 4.50, 2e-3, 0.000000000000000000000000001],
                          "string": "\u20ac$\u000F\u000aA'\u0042\u0022\u005c\\\"\/", "literals": [null, true, false]})"),
            "{\"literals\":[null,true,false],\"numbers\":[333333333.3333333,1e+30,4.5,0.002,1e-27],"
            "\"string\":\"\xE2\x82\xAC$\\u000f\\nA'B\\\"\\\\\\\\\\\"/\"}");
}

// RFC 8785, section 3.2.3: U+FB33 stands after U+1F602, whose UTF-16 form begins with D83D.
TEST(CanonicalJson, SortsKeysByTheirUtf16Units) {
  EXPECT_EQ(canonical(R"({"\u20ac":1,"\r":2,"\ufb33":3,"1":4,"\ud83d\ude00":5,"\u0080":6,"\u00f6":7})"),
            "{\"\\r\":2,\"1\":4,\"\xC2\x80\":6,\"\xC3\xB6\":7,\"\xE2\x82\xAC\":1,\"\xF0\x9F\x98\x80\":5,"
            "\"\xEF\xAC\xB3\":3}");
  EXPECT_EQ(canonical(R"({"aa":1,"a":2,"":3})"), R"({"":3,"a":2,"aa":1})");
}

// RFC 8785, appendix B.
TEST(CanonicalJson, WritesNumbersAsEcmaScriptDoes) {
  const std::pair<const char*, const char*> cases[] = {
      {"0000000000000000", "0"},
      {"8000000000000000", "0"},
      {"0000000000000001", "5e-324"},
      {"8000000000000001", "-5e-324"},
      {"7fefffffffffffff", "1.7976931348623157e+308"},
      {"4340000000000000", "9007199254740992"},
      {"4430000000000000", "295147905179352830000"},
      {"44b52d02c7e14af5", "9.999999999999997e+22"},
      {"44b52d02c7e14af6", "1e+23"},
      {"44b52d02c7e14af7", "1.0000000000000001e+23"},
      {"444b1ae4d6e2ef4e", "999999999999999700000"},
      {"444b1ae4d6e2ef50", "1e+21"},
      {"3eb0c6f7a0b5ed8c", "9.999999999999997e-7"},
      {"3eb0c6f7a0b5ed8d", "0.000001"},
      {"41b3de4355555553", "333333333.3333332"},
      {"41b3de4355555557", "333333333.33333343"},
      {"becbf647612f3696", "-0.0000033333333333333333"},
      {"43143ff3c1cb0959", "1424953923781206.2"},
  };
  for (const auto& [bits, text] : cases) EXPECT_EQ(es6_number(from_bits(bits)), text) << bits;
  EXPECT_EQ(canonical("[9007199254740993, 18446744073709551615, -0, -0.0, 1E2]"),
            "[9007199254740992,18446744073709552000,0,0,100]");
}

TEST(CanonicalJson, RefusesWhatIsNoIJson) {
  for (const char* bad : {R"({"a":1,"a":2})", R"({"a":{"b":1,"\u0062":2}})", R"(["\ud800"])", R"(["\udc00\ud800"])",
                          "[\"\xED\xA0\x80\"]", "[\"\xFF\"]", "[1e999]", "[NaN]", "[01]", "[1,]", "// no\n1"})
    EXPECT_FALSE(data::parse_json(bad).ok()) << bad;
  EXPECT_FALSE(canonical_json(Json(std::nan(""))).ok());
  EXPECT_FALSE(canonical_json(Json(std::numeric_limits<double>::infinity())).ok());
  EXPECT_FALSE(canonical_json(Json("\xC0\x80")).ok());
  Json deep = 1;
  for (int i = 0; i <= limits::kJsonDepth; ++i) {
    Json outer = Json::array();
    outer.push_back(std::move(deep));
    deep = std::move(outer);
  }
  EXPECT_FALSE(canonical_json(deep).ok());
}

TEST(CanonicalJson, EveryDoubleReadsBack) {
  std::mt19937_64 random(8785);
  for (int i = 0; i < 200'000; ++i) {
    const auto value = std::bit_cast<double>(random());
    if (!std::isfinite(value)) continue;
    const std::string text = es6_number(value);
    EXPECT_EQ(std::strtod(text.c_str(), nullptr), value) << text;
    EXPECT_LE(text.size(), 25u);
  }
  for (double whole = 1; whole < 1e15; whole *= 3) {
    EXPECT_EQ(es6_number(whole), format("{}", static_cast<std::int64_t>(whole)));
    EXPECT_EQ(es6_number(-whole), "-" + es6_number(whole));
  }
}

TEST(CanonicalJson, DoesNotDependOnTheOrderOfTheInput) {
  std::mt19937 random(1);
  for (int round = 0; round < 200; ++round) {
    std::vector<std::string> members;
    members.reserve(12);
    for (int i = 0; i < 12; ++i) members.push_back(format("\"k{}\":{}", i, i % 3 == 0 ? "{\"b\":1,\"a\":[]}" : "true"));
    const auto text = [&members] {
      std::string out;
      for (const auto& member : members) out += (out.empty() ? "{" : ", ") + member;
      return out + "}";
    };
    const std::string first = canonical(text());
    std::shuffle(members.begin(), members.end(), random);
    EXPECT_EQ(canonical(text()), first);
    EXPECT_EQ(canonical(first), first);
  }
}

TEST(CanonicalJson, AgreesWithThePublishedFiles) {
  for (const char* name : {"arrays", "french", "structures", "unicode", "values", "weird"}) {
    const auto input = published(format("jcs/cyberphone/input/{}.json", name));
    const auto output = published(format("jcs/cyberphone/output/{}.json", name));
    MW_SKIP_WITHOUT(input && output);
    EXPECT_EQ(canonical(*input), *output) << name;
  }
}

TEST(CanonicalJson, AgreesWithThePublishedNumbers) {
  const auto table = published("jcs/rfc8785_appendix_b_numbers.json");
  const auto lines = published("jcs/es6_numbers_10000.csv");
  MW_SKIP_WITHOUT(table && lines);
  const Json numbers = Json::parse(*table);
  ASSERT_GE(numbers["numbers"].size(), 20u);
  for (const Json& number : numbers["numbers"]) {
    EXPECT_EQ(es6_number(from_bits(number["ieee754_hex"].get<std::string>())), number["json"].get<std::string>());
  }
  std::stringstream file(*lines);
  int count = 0;
  for (std::string line; std::getline(file, line); ++count) {
    const auto comma = line.find(',');
    EXPECT_EQ(es6_number(from_bits(line.substr(0, comma))), line.substr(comma + 1)) << line;
  }
  EXPECT_EQ(count, 10'000);
}

}  // namespace
}  // namespace mw::crypto
