// Strategy: the first byte chooses where the portal leads; the rest is what that host answers at /.well-known/manyworlds.json.
// Invariants: what is shown of it is of the form that travel.look promises, whatever was answered: the host is the portal's own,
// texts are clean and bounded, numbers finite and in their range, nothing else of the answer comes through, and little of it.
#include <algorithm>
#include <array>
#include <cmath>
#include <cstddef>
#include <cstdint>

#include "base/assert.h"
#include "base/bytes.h"
#include "base/limits.h"
#include "base/text.h"
#include "server/portal_look.h"

using namespace mw;

namespace {

constexpr std::size_t kMostBytes = 8u << 10;
constexpr std::array<std::string_view, 4> kPortals{"https://b.example/w/plaza",
                                                   "http://b.localhost:8080/w/plaza?test=1#from=x",
                                                   "https://b.example/", "https://b.example/w/"};

void check_text(const Json& value, std::size_t chars) {
  MW_ASSERT(value.is_string());
  const auto& text = value.get_ref<const std::string&>();
  const auto clean = clean_text(text, "", chars * 4, chars);
  MW_ASSERT(clean.ok() && *clean == text);
}

void check_number(const Json& value, double most) {
  MW_ASSERT(value.is_number());
  const double number = value.get<double>();
  MW_ASSERT(std::isfinite(number) && number >= 0 && number <= most);
}

void check_titles(const Json& value) {
  MW_ASSERT(value.size() == 2);
  for (const char* language : {"en", "zh"}) check_text(value.at(language), 200);
}

void check_world(const Json& world) {
  for (const auto& [key, value] : world.items()) {
    if (key == "name") {
      check_text(value, 64);
    } else if (key == "title" || key == "description") {
      check_titles(value);
    } else if (key == "people" || key == "capacity") {
      MW_ASSERT(value.is_number_integer());
      check_number(value, 1e9);
    } else if (key == "promise") {
      check_number(value, 100);
    } else {
      MW_ASSERT(key == "accent");
      const auto& colour = value.get_ref<const std::string&>();
      MW_ASSERT(colour.size() == 7 && colour[0] == '#' &&
                colour.find_first_not_of("0123456789abcdefABCDEF", 1) == std::string::npos);
    }
  }
  for (const char* needed : {"name", "title", "people", "capacity"}) MW_ASSERT(world.contains(needed));
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0) return 0;
  const auto url = kPortals[data[0] % kPortals.size()];
  const std::string body(as_text(ByteView(data + 1, size - 1)));
  const Json look = server::portal_look(url, body);
  MW_ASSERT(data::to_text(look).size() <= kMostBytes);
  MW_ASSERT(look.at("url") == url);
  MW_ASSERT(look.at("host") == (url.starts_with("https") ? "b.example" : "b.localhost:8080"));
  MW_ASSERT(look.at("reachable").get<bool>() != look.contains("why"));
  for (const auto& [key, value] : look.items()) {
    if (key == "name") {
      check_text(value, 64);
    } else if (key == "operator") {
      check_text(value, 200);
    } else if (key == "did") {
      check_text(value, limits::kDidBytes);
    } else if (key == "takes") {
      MW_ASSERT(value == "open" || value == "list" || value == "introduction" || value == "off");
    } else if (key == "world") {
      check_world(value);
    } else {
      MW_ASSERT(key == "host" || key == "url" || key == "reachable" || key == "why");
    }
  }
  return 0;
}
