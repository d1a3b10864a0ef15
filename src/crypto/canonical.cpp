#include "crypto/canonical.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <cstdlib>
#include <string_view>
#include <vector>

#include "base/format.h"
#include "base/text.h"

namespace mw::crypto {
namespace {

// UTF-8 sorts by code point; UTF-16 differs from that in one case: what lies above U+FFFF is written with surrogates
// (D800-DFFF) and so stands before U+E000-U+FFFF. In UTF-8 the two have the first bytes F0-F4 and EE-EF.
bool before_in_utf16(std::string_view a, std::string_view b) {
  const auto [at_a, at_b] = std::mismatch(a.begin(), a.end(), b.begin(), b.end());
  if (at_b == b.end()) return false;
  if (at_a == a.end()) return true;
  const auto left = static_cast<unsigned char>(*at_a), right = static_cast<unsigned char>(*at_b);
  const auto beyond = [](unsigned char byte) { return byte >= 0xF0; };
  const auto high = [](unsigned char byte) { return byte == 0xEE || byte == 0xEF; };
  if (beyond(left) && high(right)) return true;
  if (high(left) && beyond(right)) return false;
  return left < right;
}

class Writer {
 public:
  Status write(const Json& value, int depth) {
    if (depth > limits::kJsonDepth) return invalid("", format("nested more than {} deep", limits::kJsonDepth));
    switch (value.type()) {
      case Json::value_t::null: out += "null"; return ok();
      case Json::value_t::boolean: out += value.get<bool>() ? "true" : "false"; return ok();
      case Json::value_t::string: return text(value.get_ref<const std::string&>());
      case Json::value_t::array: return array(value, depth);
      case Json::value_t::object: return object(value, depth);
      case Json::value_t::number_integer:
      case Json::value_t::number_unsigned:
      case Json::value_t::number_float: return number(value.get<double>());
      case Json::value_t::binary:
      case Json::value_t::discarded: break;
    }
    return invalid("", "expected a value of JSON");
  }

  std::string out;

 private:
  Status number(double value) {
    if (!std::isfinite(value)) return invalid("", "expected a finite number");
    out += es6_number(value);
    return ok();
  }

  Status text(std::string_view value) {
    if (!valid_utf8(value)) return invalid("", "expected a string of UTF-8");
    out.push_back('"');
    for (const char c : value) character(c);
    out.push_back('"');
    return ok();
  }

  // RFC 8785, section 3.2.2.2: two-letter escapes where JSON has them, \u00xx for the other controls, all else as it is.
  void character(char c) {
    switch (c) {
      case '"': out += "\\\""; return;
      case '\\': out += "\\\\"; return;
      case '\b': out += "\\b"; return;
      case '\t': out += "\\t"; return;
      case '\n': out += "\\n"; return;
      case '\f': out += "\\f"; return;
      case '\r': out += "\\r"; return;
      default: break;
    }
    if (static_cast<unsigned char>(c) < 0x20)
      out += format("\\u{:04x}", static_cast<unsigned>(static_cast<unsigned char>(c)));
    else
      out.push_back(c);
  }

  Status array(const Json& value, int depth) {
    out.push_back('[');
    bool first = true;
    for (const Json& item : value) {
      if (!first) out.push_back(',');
      first = false;
      MW_TRY(write(item, depth + 1));
    }
    out.push_back(']');
    return ok();
  }

  Status object(const Json& value, int depth) {
    std::vector<Json::const_iterator> members;
    members.reserve(value.size());
    for (auto member = value.begin(); member != value.end(); ++member) members.push_back(member);
    std::sort(members.begin(), members.end(),
              [](const auto& a, const auto& b) { return before_in_utf16(a.key(), b.key()); });
    out.push_back('{');
    bool first = true;
    for (const auto& member : members) {
      if (!first) out.push_back(',');
      first = false;
      MW_TRY(text(member.key()));
      out.push_back(':');
      MW_TRY(write(member.value(), depth + 1));
    }
    out.push_back('}');
    return ok();
  }
};

}  // namespace

std::string es6_number(double value) {
  if (value == 0) return "0";  // minus zero too
  // to_chars finds the shortest digits and, among those, the nearest to the value: exactly what ECMAScript asks for.
  std::array<char, 40> buffer;
  const auto end =
      std::to_chars(buffer.data(), buffer.data() + buffer.size(), std::fabs(value), std::chars_format::scientific).ptr;
  const std::string_view written(buffer.data(), static_cast<std::size_t>(end - buffer.data()));
  const std::size_t mark = written.find('e');
  std::string digits(1, written[0]);
  if (mark > 2) digits += written.substr(2, mark - 2);
  int exponent = 0;
  const std::string_view power = written.substr(mark + (written[mark + 1] == '+' ? 2 : 1));
  std::from_chars(power.data(), power.data() + power.size(), exponent);

  // ECMA-262, Number::toString: the value is 0.DIGITS times ten to the power of `point`.
  const int point = exponent + 1, count = static_cast<int>(digits.size());
  std::string out = value < 0 ? "-" : "";
  if (point >= count && point <= 21) return out + digits + std::string(static_cast<std::size_t>(point - count), '0');
  if (point > 0 && point <= 21)
    return out + digits.substr(0, static_cast<std::size_t>(point)) + "." +
           digits.substr(static_cast<std::size_t>(point));
  if (point > -6 && point <= 0) return out + "0." + std::string(static_cast<std::size_t>(-point), '0') + digits;
  out += digits[0];
  if (count > 1) out += "." + digits.substr(1);
  return out + format("e{}{}", exponent < 0 ? "-" : "+", std::abs(exponent));
}

Result<std::string> canonical_json(const Json& value) {
  Writer writer;
  MW_TRY(writer.write(value, 0));
  return std::move(writer.out);
}

}  // namespace mw::crypto
