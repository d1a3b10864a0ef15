#include "data/schema.h"

#include <algorithm>
#include <exception>
#include <set>
#include <string>
#include <vector>

#define VALIJSON_USE_EXCEPTIONS 1  // otherwise a wrong schema ends the program
#include <valijson/adapters/nlohmann_json_adapter.hpp>
#include <valijson/schema.hpp>
#include <valijson/schema_parser.hpp>
#include <valijson/validation_results.hpp>
#include <valijson/validator.hpp>

#include "base/format.h"

namespace mw::data {
namespace {

using Adapter = valijson::adapters::NlohmannJsonAdapter;

const std::set<std::string, std::less<>>& vocabulary() {
  static const std::set<std::string, std::less<>> words = {"$schema",
                                                           "$id",
                                                           "$ref",
                                                           "title",
                                                           "description",
                                                           "default",
                                                           "examples",
                                                           "type",
                                                           "properties",
                                                           "required",
                                                           "additionalProperties",
                                                           "items",
                                                           "enum",
                                                           "const",
                                                           "minimum",
                                                           "maximum",
                                                           "exclusiveMinimum",
                                                           "exclusiveMaximum",
                                                           "minLength",
                                                           "maxLength",
                                                           "pattern",
                                                           "minItems",
                                                           "maxItems",
                                                           "minProperties",
                                                           "maxProperties",
                                                           "oneOf",
                                                           "anyOf",
                                                           "definitions",
                                                           "components"};
  return words;
}

// Looks through a schema before the library does: every keyword is one that it checks, every $ref leads somewhere.
class Survey {
 public:
  explicit Survey(const Json& root) : root_(root) {}
  bool has_pattern = false;

  Status look(const Json& schema, const std::string& path, int depth = 0) {
    if (depth > limits::kJsonDepth) return invalid(path, "nested too deep");
    if (schema.is_boolean()) return ok();
    if (!schema.is_object()) return invalid(path, "expected a schema: an object, true or false");
    for (const auto& [word, value] : schema.items()) {
      if (!vocabulary().contains(word))
        return invalid(path + "/" + word, "not among the keywords that are checked here");
      if (word == "pattern") has_pattern = true;
      if (word == "$ref") MW_TRY(reference(value, path));
      if (word == "items" || word == "additionalProperties") MW_TRY(look(value, path + "/" + word, depth + 1));
      if (word == "properties" || word == "definitions") MW_TRY(each(value, path + "/" + word, depth));
      if (word == "components" && value.contains("schemas"))
        MW_TRY(each(value["schemas"], path + "/components/schemas", depth));
      if (word == "oneOf" || word == "anyOf") MW_TRY(each(value, path + "/" + word, depth));
    }
    return ok();
  }

 private:
  Status each(const Json& schemas, const std::string& path, int depth) {
    for (const auto& [name, schema] : schemas.items()) MW_TRY(look(schema, path + "/" + name, depth + 1));
    return ok();
  }
  Status reference(const Json& value, const std::string& path) {
    if (!value.is_string()) return invalid(path + "/$ref", "expected a string");
    const auto& text = value.get_ref<const std::string&>();
    if (!text.starts_with("#/")) return invalid(path + "/$ref", "expected a reference within the document");
    try {
      if (!root_.contains(Json::json_pointer(text.substr(1)))) return invalid(path + "/$ref", text + " does not exist");
    } catch (const std::exception&) {
      return invalid(path + "/$ref", text + " is no JSON pointer");
    }
    return ok();
  }
  const Json& root_;
};

bool has_long_string(const Json& value) {
  if (value.is_string()) return value.get_ref<const std::string&>().size() > limits::kPatternStringBytes;
  if (!value.is_structured()) return false;
  return std::any_of(value.begin(), value.end(), has_long_string);
}

// --- From the library's findings to words ---------------------------------------------------------------------------

std::string brief(const Json& value) {
  switch (value.type()) {
    case Json::value_t::object: return "an object";
    case Json::value_t::array: return value.empty() ? "an empty list" : format("a list of {}", value.size());
    case Json::value_t::string: {
      const auto& text = value.get_ref<const std::string&>();
      std::string shown = text.substr(0, 40);
      while (!shown.empty() && shown.size() < text.size() && (text[shown.size()] & 0xC0) == 0x80) shown.pop_back();
      return to_text(shown) + (shown.size() < text.size() ? "..." : "");
    }
    default: return to_text(value);
  }
}

std::string list(const Json& values) {
  std::string text;
  std::size_t count = 0;
  for (const auto& value : values) {
    if (++count > 12) return text + ", ...";
    text += (text.empty() ? "" : ", ") + brief(value);
  }
  return text;
}

std::string type_words(const Json& type) {
  if (type.is_array()) {
    std::string words;
    for (const auto& one : type) words += (words.empty() ? "" : " or ") + type_words(one);
    return words;
  }
  const std::string name = type.is_string() ? type.get<std::string>() : "";
  if (name == "integer") return "a whole number";
  if (name == "object") return "an object";
  if (name == "array") return "a list";
  if (name == "boolean") return "true or false";
  if (name == "null") return "null";
  return "a " + name;
}

// The place of a violation: the value there and the schema that it breaks, both nullptr where the walk loses its way (in a
// oneOf).
struct Place {
  std::string path;
  const Json* value = nullptr;
  const Json* schema = nullptr;
};

const Json* resolve(const Json& root, const Json* schema) {
  for (int hops = 0; schema != nullptr && schema->is_object() && schema->contains("$ref"); ++hops) {
    if (hops > limits::kJsonDepth) return nullptr;
    schema = &root.at(Json::json_pointer((*schema)["$ref"].get_ref<const std::string&>().substr(1)));
  }
  return schema;
}

const Json* child_schema(const Json* schema, const Json* parent, const std::string& name) {
  if (schema == nullptr || !schema->is_object() || parent == nullptr) return nullptr;
  if (parent->is_array()) return schema->contains("items") ? &(*schema)["items"] : nullptr;
  if (schema->contains("properties") && (*schema)["properties"].contains(name)) return &(*schema)["properties"][name];
  return schema->contains("additionalProperties") ? &(*schema)["additionalProperties"] : nullptr;
}

// `context` is the library's: "<root>", "[spawn]", "[position]", "[1]".
Place locate(const Json& root, const Json& value, const std::vector<std::string>& context) {
  Place place{"", &value, resolve(root, &root)};
  for (const auto& token : context) {
    if (token.size() < 2 || token.front() != '[') continue;
    const std::string name = token.substr(1, token.size() - 2);
    place.schema = resolve(root, child_schema(place.schema, place.value, name));
    if (place.value != nullptr && place.value->is_array()) {
      const std::size_t index = std::stoul(name);
      place.value = index < place.value->size() ? &(*place.value)[index] : nullptr;
      place.path += "[" + name + "]";
    } else {
      place.value = place.value != nullptr && place.value->contains(name) ? &(*place.value)[name] : nullptr;
      place.path += (place.path.empty() ? "" : ".") + name.substr(0, 64);
    }
  }
  return place;
}

std::string between_quotes(const std::string& text) {
  const auto first = text.find('\''), last = text.rfind('\'');
  return first == text.npos || last <= first ? "" : text.substr(first + 1, last - first - 1);
}

Error unknown_property(const Place& place, const std::string& name) {
  const std::string path = (place.path.empty() ? "" : place.path + ".") + name.substr(0, 64);
  std::string message = "unknown";
  if (place.schema != nullptr && place.schema->contains("properties")) {
    Json names = Json::array();
    for (const auto& [known, schema] : (*place.schema)["properties"].items()) names.push_back(known);
    message = names.empty() ? "unknown; expected no fields" : "unknown; expected one of " + list(names);
  }
  return invalid(path, message);
}

// What the schema at the place asks of the value, by the keyword that the library found broken.
std::string expectation(const Place& place, const std::string& finding) {
  const auto of = [&](const char* word) -> const Json* {
    return place.schema != nullptr && place.schema->is_object() && place.schema->contains(word) ? &(*place.schema)[word]
                                                                                                : nullptr;
  };
  const auto has = [&](std::string_view part) { return finding.find(part) != finding.npos; };
  const auto number = [&](const char* word) { return of(word) != nullptr ? to_text(*of(word)) : std::string("?"); };
  if (has("'type' constraint") && of("type") != nullptr) return type_words(*of("type"));
  if (has("enum values") && of("enum") != nullptr) return "one of " + list(*of("enum"));
  if (has("'const'") && of("const") != nullptr) return brief(*of("const"));
  if (has("number greater than or equal")) return "at least " + number("minimum");
  if (has("number less than or equal")) return "at most " + number("maximum");
  if (has("number greater than")) return "more than " + number("exclusiveMinimum");
  if (has("number less than")) return "less than " + number("exclusiveMaximum");
  if (has("Array should contain no more")) return "at most " + number("maxItems") + " items";
  if (has("Array should contain no fewer")) {
    const bool exact = of("maxItems") != nullptr && of("minItems") != nullptr && *of("maxItems") == *of("minItems");
    return (exact ? "" : "at least ") + number("minItems") + " items";
  }
  if (has("String should be no more")) return "at most " + number("maxLength") + " characters";
  if (has("String should be no fewer")) return "at least " + number("minLength") + " characters";
  if (has("Object should have no more")) return "at most " + number("maxProperties") + " fields";
  if (has("Object should have no fewer")) return "at least " + number("minProperties") + " fields";
  if (has("'pattern'")) {
    if (of("description") != nullptr) return "another form (" + of("description")->get<std::string>() + ")";
    return of("pattern") != nullptr ? "text that matches " + of("pattern")->get<std::string>() : "another form";
  }
  return "";
}

Error explain(const Json& root, const Json& value, valijson::ValidationResults& results) {
  valijson::ValidationResults::Error first;
  if (!results.popError(first)) return invalid("", "does not fit its schema");
  // Alternatives report each alternative's complaint first; where all complain about one place, none of them is *the* reason.
  bool alternatives = false;
  for (const auto& later : results)
    if (later.context == first.context &&
        (later.description.find("oneOf") != std::string::npos || later.description.find("anyOf") != std::string::npos))
      alternatives = true;
  const Place place = locate(root, value, first.context);
  const std::string found = place.value != nullptr ? ", found " + brief(*place.value) : "";
  if (alternatives) return invalid(place.path, "expected one of the allowed forms" + found);
  if (first.description.starts_with("Missing required property")) {
    const std::string name = between_quotes(first.description);
    return invalid((place.path.empty() ? "" : place.path + ".") + name, "required, but missing");
  }
  if (first.description.starts_with("Object contains a property"))
    return unknown_property(place, between_quotes(first.description.substr(first.description.rfind(": '"))));
  const std::string expected = expectation(place, first.description);
  if (expected.empty()) return invalid(place.path, first.description);
  return invalid(place.path, "expected " + expected + found);
}

}  // namespace

struct Schema::State {
  Json source;
  valijson::Schema compiled;
  bool has_pattern = false;
};

Schema::Schema(std::unique_ptr<State> state) : state_(std::move(state)) {}
Schema::Schema(Schema&&) noexcept = default;
Schema& Schema::operator=(Schema&&) noexcept = default;
Schema::~Schema() = default;

Result<Schema> Schema::compile(const Json& schema) {
  Survey survey(schema);
  MW_TRY(survey.look(schema, "#"));
  auto state = std::make_unique<State>();
  state->source = schema;
  state->has_pattern = survey.has_pattern;
  try {
    valijson::SchemaParser parser;
    parser.populateSchema(Adapter(state->source), state->compiled);
  } catch (const std::exception& error) {
    return invalid("#", error.what());
  }
  return Schema(std::move(state));
}

Status Schema::check(const Json& value) const {
  if (state_->has_pattern && has_long_string(value))
    return Error{ErrorKind::too_large, "", format("a string is longer than {} bytes", limits::kPatternStringBytes)};
  // The validator keeps the regular expressions that it has compiled, so each thread has one of its own.
  thread_local valijson::Validator validator;
  const Adapter target(value);
  if (validator.validate(state_->compiled, target, nullptr)) return ok();
  valijson::ValidationResults results;
  if (validator.validate(state_->compiled, target, &results)) return ok();
  return explain(state_->source, value, results);
}

std::vector<Error> Schema::check_all(const Json& value, std::size_t limit) const {
  std::vector<Error> errors;
  if (const Status first = check(value); first.ok() || first.error().kind == ErrorKind::too_large) {
    if (!first.ok()) errors.push_back(first.error());
    return errors;
  }
  thread_local valijson::Validator validator;
  valijson::ValidationResults results;
  validator.validate(state_->compiled, Adapter(value), &results);
  while (results.numErrors() > 0 && errors.size() < limit) {
    // What stands above a violation is reported too, as "Failed to validate ...": that adds nothing.
    if (results.begin()->description.starts_with("Failed to validate") && !errors.empty()) {
      valijson::ValidationResults::Error passed;
      results.popError(passed);
      continue;
    }
    Error error = explain(state_->source, value, results);
    const auto same = [&](const Error& known) { return known.field == error.field; };
    if (std::ranges::none_of(errors, same)) errors.push_back(std::move(error));
  }
  return errors;
}

}  // namespace mw::data
