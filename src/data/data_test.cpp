#include <gtest/gtest.h>

#include <string>

#include "base/text.h"
#include "data/json.h"
#include "data/schema.h"
#include "data/toml.h"

namespace mw::data {
namespace {

std::string json_error(std::string_view text) {
  const auto result = parse_json(text);
  return result.ok() ? "accepted" : result.error().text();
}

TEST(Json, ReadsWhatRfc8259Allows) {
  const auto value = parse_json(R"( {"a":[1,-2,3.5e2,true,false,null,"\u5b89"],"b":{}} )");
  ASSERT_TRUE(value.ok());
  EXPECT_EQ(to_text(*value), R"({"a":[1,-2,350.0,true,false,null,"安"],"b":{}})");
  EXPECT_TRUE(parse_json("3").ok());
  EXPECT_EQ(parse_json("18446744073709551615")->get<std::uint64_t>(), 18446744073709551615u);
}

TEST(Json, RefusesTheRestAndSaysWhere) {
  EXPECT_EQ(json_error("{\"a\":1,\"a\":2}"), "the key \"a\" stands twice in one object");
  EXPECT_TRUE(json_error("[1,]").starts_with("line 1, column 4:")) << json_error("[1,]");
  EXPECT_TRUE(json_error("{\n  // no\n}").starts_with("line 2, column")) << json_error("{\n  // no\n}");
  for (const char* bad : {"",    " ",     "{",        "[1 2]",          "nul",
                          "'a'", "\"a",   "\"\x01\"", "\"\xFF\"",       "\"\xED\xA0\x80\"",
                          "NaN", "1e999", "[1]x",     "\xEF\xBB\xBF{}", "\"\\ud800\"",
                          "01",  "+1",    ".5",       "{\"a\"}",        "{a:1}"})
    EXPECT_FALSE(parse_json(bad).ok()) << bad;
}

TEST(Json, DoesNotRepeatHostileText) {
  const std::string error = json_error("\"" + std::string(100'000, 'x'));
  EXPECT_LE(error.size(), 300u);
}

TEST(Json, BoundsDepth) {
  const auto nested = [](int depth) { return std::string(depth, '[') + std::string(depth, ']'); };
  EXPECT_TRUE(parse_json(nested(limits::kJsonDepth)).ok());
  EXPECT_EQ(json_error(nested(limits::kJsonDepth + 1)), "nested more than 32 deep");
  EXPECT_EQ(json_error(std::string(200'000, '[')), "nested more than 32 deep");
}

TEST(Json, WritesBrokenTextWithoutThrowing) { EXPECT_EQ(to_text(Json("a\xFFz")), "\"a\xEF\xBF\xBDz\""); }

TEST(Toml, KeepsCharactersBeyondAsciiToStringsAndComments) {
  const auto good = parse_toml("# ä\na = \"广场\"\nb = '''é''' # ü\nc = \"\"\"\né \\\"\"\"\"\"\n\"ключ\" = 1\n");
  ASSERT_TRUE(good.ok()) << good.error().text();
  EXPECT_EQ((*good)["a"], "广场");
  EXPECT_EQ((*good)["b"], "é");
  for (const char* text : {"é = 1", "a = é", "a = 1 é", "a = \"x\" \xEF\xBB\xBD", "a = \"x\né = 1"}) {
    const auto bad = parse_toml(text);
    ASSERT_FALSE(bad.ok()) << text;
    EXPECT_TRUE(bad.error().message.starts_with("line ")) << bad.error().text();
  }
  EXPECT_TRUE(parse_toml("a = 1\nb = é").error().message.starts_with("line 2, column 5"));
}

TEST(Toml, BecomesJson) {
  const auto value = parse_toml(
      "name = \"plaza\"\ncapacity = 1_000\nday = 2026-01-02\nat = 07:30:00\nwhen = 2026-01-02T07:30:00Z\n"
      "[spawn]\nposition = [0, 0.5, 12]\n[[portal]]\nid = \"garden\"\n[portal.title]\nen = \"Garden\"\nzh = "
      "\"花园\"\n");
  ASSERT_TRUE(value.ok()) << value.error().text();
  EXPECT_EQ((*value)["capacity"], 1000);
  EXPECT_EQ((*value)["spawn"]["position"], Json::parse("[0,0.5,12]"));
  EXPECT_EQ((*value)["portal"][0]["title"]["zh"], "花园");
  EXPECT_EQ((*value)["day"], "2026-01-02");
  EXPECT_EQ((*value)["at"], "07:30:00");
  EXPECT_EQ((*value)["when"], "2026-01-02T07:30:00Z");
}

TEST(Toml, RefusesLettersOutsideStringsWithoutHarm) {
  for (const char32_t scalar : {U'\u03ab', U'\u00e9', U'\u1681', U'\u2030', U'\u5b89', U'\U0001F9A6'}) {
    std::string text = "a = 1";
    append_scalar(text, scalar);
    EXPECT_FALSE(parse_toml(text).ok()) << text;
  }
}

TEST(Toml, SaysLineAndColumn) {
  EXPECT_TRUE(parse_toml("a = 1\nb = = 2\n").error().text().starts_with("line 2, column"));
  EXPECT_TRUE(parse_toml("a = 1\na = 2\n").error().text().starts_with("line 2, column"));
  EXPECT_EQ(parse_toml("a = 1\nb = [inf]\n").error().text(), "line 2, column 6: expected a finite number");
  EXPECT_FALSE(parse_toml("a = \"\xFF\"").ok());
  EXPECT_FALSE(parse_toml("a = " + std::string(100'000, '[')).ok());
  EXPECT_EQ(parse_toml(std::string(limits::kTomlBytes + 1, '#')).error().kind, ErrorKind::too_large);
}

class SchemaWords : public ::testing::Test {
 protected:
  static Schema make(const char* text) {
    auto schema = Schema::compile(Json::parse(text));
    EXPECT_TRUE(schema.ok()) << (schema.ok() ? "" : schema.error().text());
    return *std::move(schema);
  }
  std::string say(const char* value) const {
    const auto status = schema_.check(Json::parse(value));
    return status.ok() ? "fits" : status.error().text();
  }
  Schema schema_ = make(R"({
    "type": "object", "additionalProperties": false, "required": ["name"],
    "properties": {
      "name": {"$ref": "#/definitions/name"},
      "capacity": {"type": "integer", "minimum": 1, "maximum": 10000},
      "share": {"type": "number", "exclusiveMinimum": 0, "exclusiveMaximum": 1},
      "mood": {"enum": ["morning", "noon"]},
      "version": {"const": 1},
      "title": {"type": "string", "minLength": 1, "maxLength": 3},
      "to": {"oneOf": [{"type": "object", "required": ["world"], "properties": {"world": {"type": "string"}}},
                       {"type": "object", "required": ["url"], "properties": {"url": {"type": "string"}}}]},
      "spawn": {"type": "object", "additionalProperties": false, "required": ["position"],
                "properties": {"position": {"type": "array", "minItems": 3, "maxItems": 3, "items": {"type": "number"}}}},
      "tags": {"type": "array", "maxItems": 2, "items": {"$ref": "#/definitions/name"}}
    },
    "definitions": {"name": {"type": "string", "pattern": "^[a-z]+$"}}})");
};

TEST_F(SchemaWords, AcceptsWhatFits) {
  EXPECT_EQ(say(R"({"name":"plaza"})"), "fits");
  EXPECT_EQ(say(R"({"name":"plaza","capacity":7,"share":0.5,"mood":"noon","version":1,"title":"广场馆","to":{"url":"x"},
                    "spawn":{"position":[1,2.5,-3]},"tags":["a","b"]})"),
            "fits");
}

TEST_F(SchemaWords, NamesFieldExpectationAndFinding) {
  EXPECT_EQ(say(R"({"name":"a","spawn":{"position":[0,"up",0]}})"),
            "spawn.position[1]: expected a number, found \"up\"");
  EXPECT_EQ(say(R"({"name":"a","spawn":{"position":[0,0]}})"), "spawn.position: expected 3 items, found a list of 2");
  EXPECT_EQ(say(R"({"name":"a","spawn":{}})"), "spawn.position: required, but missing");
  EXPECT_EQ(say(R"({})"), "name: required, but missing");
  EXPECT_EQ(say(R"({"name":"a","capacity":0})"), "capacity: expected at least 1, found 0");
  EXPECT_EQ(say(R"({"name":"a","capacity":99999})"), "capacity: expected at most 10000, found 99999");
  EXPECT_EQ(say(R"({"name":"a","capacity":1.5})"), "capacity: expected a whole number, found 1.5");
  EXPECT_EQ(say(R"({"name":"a","share":0})"), "share: expected more than 0, found 0");
  EXPECT_EQ(say(R"({"name":"a","share":1})"), "share: expected less than 1, found 1");
  EXPECT_EQ(say(R"({"name":"a","mood":"dawn"})"), "mood: expected one of \"morning\", \"noon\", found \"dawn\"");
  EXPECT_EQ(say(R"({"name":"a","version":2})"), "version: expected 1, found 2");
  EXPECT_EQ(say(R"({"name":"a","title":""})"), "title: expected at least 1 characters, found \"\"");
  EXPECT_EQ(say(R"({"name":"a","title":"广场广场"})"), "title: expected at most 3 characters, found \"广场广场\"");
  EXPECT_EQ(say(R"({"name":"A"})"), "name: expected text that matches ^[a-z]+$, found \"A\"");
  EXPECT_EQ(say(R"({"name":"a","tags":["a","B"]})"), "tags[1]: expected text that matches ^[a-z]+$, found \"B\"");
  EXPECT_EQ(say(R"({"name":"a","tags":["a","b","c"]})"), "tags: expected at most 2 items, found a list of 3");
  EXPECT_EQ(say(R"({"name":"a","to":{}})"), "to: expected one of the allowed forms, found an object");
  EXPECT_EQ(say(R"([])"), "expected an object, found an empty list");
  EXPECT_EQ(say(R"({"name":"a","spawn":{"position":[0,0,0],"yow":1}})"),
            "spawn.yow: unknown; expected one of \"position\"");
}

TEST_F(SchemaWords, DoesNotFeedLongTextToAPattern) {
  const std::string value = "{\"name\":\"" + std::string(200'000, 'a') + "\"}";
  EXPECT_EQ(say(value.c_str()), "a string is longer than 2048 bytes");
  const std::string longest = "{\"name\":\"" + std::string(limits::kPatternStringBytes, 'a') + "\"}";
  EXPECT_EQ(say(longest.c_str()), "fits");
}

TEST_F(SchemaWords, CutsLongFindingsBetweenCharacters) {
  std::string value = "{\"name\":\"a\",\"mood\":\"";
  for (int i = 0; i < 100; ++i) value += "广";
  const std::string said = say((value + "\"}").c_str());
  EXPECT_TRUE(said.ends_with("...")) << said;
  EXPECT_LT(said.size(), 120u);
}

TEST(Schema, RefusesWhatItWouldNotCheck) {
  const auto refused = [](const char* text) {
    const auto schema = Schema::compile(Json::parse(text));
    return schema.ok() ? std::string("accepted") : schema.error().text();
  };
  EXPECT_EQ(refused(R"({"type":"object","properties":{"a":{"format":"email"}}})"),
            "#/properties/a/format: not among the keywords that are checked here");
  EXPECT_EQ(refused(R"({"$ref":"http://example.org/x"})"), "#/$ref: expected a reference within the document");
  EXPECT_EQ(refused(R"({"properties":{"a":{"$ref":"#/definitions/b"}}})"),
            "#/properties/a/$ref: #/definitions/b does not exist");
  EXPECT_NE(refused(R"({"type":"strin"})"), "accepted");
  EXPECT_EQ(refused(R"([1])"), "#: expected a schema: an object, true or false");
}

TEST(Schema, FollowsReferencesToComponents) {
  auto schema =
      Schema::compile(Json::parse(R"({"type":"object","properties":{"person":{"$ref":"#/components/schemas/Person"}},
    "components":{"schemas":{"Person":{"type":"object","required":["name"],"properties":{"name":{"type":"string"},
      "friend":{"$ref":"#/components/schemas/Person"}}}}}})"));
  ASSERT_TRUE(schema.ok()) << schema.error().text();
  EXPECT_TRUE(schema->check(Json::parse(R"({"person":{"name":"a","friend":{"name":"b"}}})")).ok());
  EXPECT_EQ(schema->check(Json::parse(R"({"person":{"name":"a","friend":{"name":3}}})")).error().text(),
            "person.friend.name: expected a string, found 3");
}

}  // namespace
}  // namespace mw::data
