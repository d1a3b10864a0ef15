#include "data/toml.h"

#include <cmath>
#include <sstream>
#include <string>

#include "base/format.h"
#include "base/limits.h"

#define TOML_EXCEPTIONS 0
#define TOML_ENABLE_FORMATTERS 1
#include <toml++/toml.h>

namespace mw::data {
namespace {

class Converter {
 public:
  Result<Json> convert(const toml::node& node, int depth) {
    if (depth > limits::kJsonDepth) return bad(node, format("nested more than {} deep", limits::kJsonDepth));
    switch (node.type()) {
      case toml::node_type::table: return table(*node.as_table(), depth);
      case toml::node_type::array: return array(*node.as_array(), depth);
      case toml::node_type::string: return Json(node.as_string()->get());
      case toml::node_type::integer: return Json(node.as_integer()->get());
      case toml::node_type::floating_point: {
        const double value = node.as_floating_point()->get();
        if (!std::isfinite(value)) return bad(node, "expected a finite number");
        return Json(value);
      }
      case toml::node_type::boolean: return Json(node.as_boolean()->get());
      case toml::node_type::date: return text(node.as_date()->get());
      case toml::node_type::time: return text(node.as_time()->get());
      case toml::node_type::date_time: return text(node.as_date_time()->get());
      case toml::node_type::none: break;
    }
    return bad(node, "expected a value");
  }

 private:
  static Error bad(const toml::node& node, std::string_view why) {
    return invalid("", format("line {}, column {}: {}", node.source().begin.line, node.source().begin.column, why));
  }
  template <class Value>
  static Json text(const Value& value) {
    std::ostringstream out;
    out << value;
    return out.str();
  }
  Result<Json> table(const toml::table& table, int depth) {
    Json object = Json::object();
    for (const auto& [key, value] : table) {
      auto converted = convert(value, depth + 1);
      MW_TRY(converted);
      object[std::string(key.str())] = *std::move(converted);
    }
    return object;
  }
  Result<Json> array(const toml::array& values, int depth) {
    Json list = Json::array();
    for (const auto& value : values) {
      auto converted = convert(value, depth + 1);
      MW_TRY(converted);
      list.push_back(*std::move(converted));
    }
    return list;
  }
};

}  // namespace

Result<Json> parse_toml(std::string_view text) {
  if (text.size() > limits::kTomlBytes)
    return Error{ErrorKind::too_large, "",
                 format("expected at most {} bytes, found {}", limits::kTomlBytes, text.size())};
  const toml::parse_result parsed = toml::parse(text);
  if (!parsed) {
    const auto& where = parsed.error().source().begin;
    return invalid(
        "", format("line {}, column {}: {}", where.line, where.column, parsed.error().description().substr(0, 200)));
  }
  return Converter().convert(parsed.table(), 0);
}

}  // namespace mw::data
