// The reference page of the calls, in Markdown.
#include <algorithm>

#include "base/format.h"
#include "calls/registry_state.h"

namespace mw::calls {
namespace {

std::string anchor(std::string_view name) {
  std::string text;
  for (const char c : name)
    if (c != '.') text.push_back(c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c);
  return text;
}

std::string range_words(const Json& schema) {
  std::string words;
  const auto add = [&](const char* low, const char* high, const char* unit) {
    const bool from = schema.contains(low), to = schema.contains(high);
    if (!from && !to) return;
    if (from && to && schema[low] == schema[high]) {
      words += format(", {}{}", data::to_text(schema[low]), unit);
    } else if (from && to) {
      words += format(", {} to {}{}", data::to_text(schema[low]), data::to_text(schema[high]), unit);
    } else {
      words += format(", {} {}{}", from ? "at least" : "at most", data::to_text(schema[from ? low : high]), unit);
    }
  };
  add("minimum", "maximum", "");
  add("minLength", "maxLength", " characters");
  add("minItems", "maxItems", " items");
  return words;
}

std::string type_cell(const Json& schema) {
  if (const std::string name = referenced_name(schema); !name.empty()) return format("[{}](#{})", name, anchor(name));
  if (!schema.is_object()) return "anything";
  for (const char* word : {"oneOf", "anyOf"}) {
    if (!schema.contains(word)) continue;
    std::string words;
    for (const auto& one : schema[word]) words += (words.empty() ? "" : " or ") + type_cell(one);
    return words;
  }
  if (schema.contains("enum")) {
    std::string words;
    for (const auto& value : schema["enum"])
      words += (words.empty() ? "" : ", ") + format("`{}`", data::to_text(value));
    return words;
  }
  if (schema.contains("const")) return format("`{}`", data::to_text(schema["const"]));
  if (!schema.contains("type")) return "anything";
  if (schema["type"].is_array()) {
    std::string words;
    for (const auto& one : schema["type"]) words += (words.empty() ? "" : " or ") + one.get<std::string>();
    return words + range_words(schema);
  }
  const auto type = schema["type"].get<std::string>();
  if (type == "array" && schema.contains("items")) return "list of " + type_cell(schema["items"]) + range_words(schema);
  return type + range_words(schema);
}

void append_fields(std::string& out, const Json& schema, const std::string& prefix) {
  const Json& object =
      schema.contains("type") && schema["type"] == "array" && schema.contains("items") ? schema["items"] : schema;
  if (!object.is_object() || !object.contains("properties")) return;
  const Json required = object.value("required", Json::array());
  for (const auto& [name, field] : object["properties"].items()) {
    const bool needed = std::find(required.begin(), required.end(), name) != required.end();
    out += format("| `{}{}` | {} | {} | {} |\n", prefix, name, type_cell(field), needed ? "yes" : "",
                  field.value("description", ""));
    const bool list = field.contains("type") && field["type"] == "array";
    append_fields(out, field, prefix + name + (list ? "[]." : "."));
  }
}

void append_table(std::string& out, std::string_view title, const Json& schema) {
  if (const std::string name = referenced_name(schema); !name.empty()) {
    out += format("{}: {}\n\n", title, type_cell(schema));
    return;
  }
  std::string fields;
  append_fields(fields, schema, "");
  if (fields.empty()) {
    out +=
        format("{}: {}\n\n", title,
               schema.contains("properties") || schema.contains("additionalProperties") ? "none" : type_cell(schema));
    return;
  }
  out += format("{}:\n\n| Field | Type | Required | Meaning |\n|---|---|---|---|\n{}\n", title, fields);
}

void append_json(std::string& out, const Json& value) { out += format("```json\n{}\n```\n\n", data::to_text(value)); }

void append_method(std::string& out, const Method& method) {
  out += format("### {}\n\n{}\n\n", method.name, method.summary);
  if (!method.detail.empty()) out += method.detail + "\n\n";
  out += format("Needs `{}` · costs {} of the quota\n\n", name_of(method.needs), method.cost);
  append_table(out, "Parameters", method.params);
  append_table(out, "Result", method.result);
  append_json(out, {{"jsonrpc", "2.0"}, {"id", 1}, {"method", method.name}, {"params", method.example_params}});
  append_json(out, {{"jsonrpc", "2.0"}, {"id", 1}, {"result", method.example_result}});
}

}  // namespace

std::string make_reference(const std::vector<NamedSchema>& schemas, const std::vector<Method>& methods,
                           const std::vector<Notification>& notifications) {
  std::string out =
      "# Calls\n\nMade from the call registry; do not edit. Calls are JSON-RPC 2.0, in text messages of `/connect` or "
      "by `POST "
      "/rpc`; parameters go by name. The same as OpenRPC: `rpc.discover`, or `/schema/openrpc.json`.\n\n";
  out += "| Method | Needs | Meaning |\n|---|---|---|\n";
  for (const auto& method : methods)
    out +=
        format("| [{}](#{}) | `{}` | {} |\n", method.name, anchor(method.name), name_of(method.needs), method.summary);
  out += "\n## Methods\n\n";
  for (const auto& method : methods) append_method(out, method);
  out += "## Notifications\n\nWhat the host says unasked, on WebSocket alone.\n\n";
  for (const auto& notification : notifications) {
    out += format("### {}\n\n{}\n\n", notification.name, notification.summary);
    append_table(out, "Parameters", notification.params);
    append_json(out, {{"jsonrpc", "2.0"}, {"method", notification.name}, {"params", notification.example}});
  }
  out += "## Shared types\n\n";
  for (const auto& named : schemas) {
    out += format("### {}\n\n{}\n\n", named.name, named.summary);
    append_table(out, "Fields", named.schema);
  }
  out += "## Errors\n\n| Code | Name | Meaning |\n|---|---|---|\n";
  for (const CodeRow& row : code_table()) out += format("| {} | `{}` | {} |\n", row.code, row.name, row.meaning);
  return out;
}

}  // namespace mw::calls
