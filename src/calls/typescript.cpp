// TypeScript types from the JSON Schemas: an interface for each shared schema, Params and Result of each method, and the maps
// Calls and Notifications.
#include <algorithm>

#include "base/format.h"
#include "calls/registry_state.h"

namespace mw::calls {
namespace {

// "entity.add" -> "EntityAdd"
std::string pascal(std::string_view name) {
  std::string text;
  bool upper = true;
  for (const char c : name) {
    if (c == '.' || c == '_' || c == '-') {
      upper = true;
      continue;
    }
    text.push_back(upper && c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c);
    upper = false;
  }
  return text;
}

bool identifier(std::string_view name) {
  return !name.empty() && (name[0] < '0' || name[0] > '9') && std::all_of(name.begin(), name.end(), [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_';
  });
}

std::string comment(std::string_view text, std::string_view indent) {
  std::string safe(text);
  for (auto at = safe.find("*/"); at != std::string::npos; at = safe.find("*/")) safe.replace(at, 2, "* /");
  return text.empty() ? "" : format("{}/** {} */\n", indent, safe);
}

std::string type_of(const Json& schema, const std::string& indent);

std::string union_of(const Json& schemas, const std::string& indent) {
  std::string words;
  for (const auto& one : schemas) words += (words.empty() ? "" : " | ") + type_of(one, indent);
  return words;
}

std::string object_of(const Json& schema, const std::string& indent) {
  const std::string inner = indent + "  ";
  std::string body;
  const Json required = schema.value("required", Json::array());
  const Json properties = schema.value("properties", Json::object());
  for (const auto& [name, field] : properties.items()) {
    const bool needed = std::find(required.begin(), required.end(), name) != required.end();
    if (field.is_object()) body += comment(field.value("description", ""), inner);
    body += format("{}{}{}: {};\n", inner, identifier(name) ? name : data::to_text(name), needed ? "" : "?",
                   type_of(field, inner));
  }
  const Json rest = schema.value("additionalProperties", Json(true));
  if (rest.is_object()) {
    body += format("{}[key: string]: {};\n", inner, properties.empty() ? type_of(rest, inner) : "unknown");
  } else if (rest == true) {
    body += format("{}[key: string]: unknown;\n", inner);
  }
  return body.empty() ? "Record<string, never>" : "{\n" + body + indent + "}";
}

std::string array_of(const Json& schema, const std::string& indent) {
  const std::string item = schema.contains("items") ? type_of(schema["items"], indent) : "unknown";
  if (schema.contains("minItems") && schema.contains("maxItems") && schema["minItems"] == schema["maxItems"] &&
      schema["minItems"].get<int>() <= 16) {
    std::string tuple;
    for (int i = 0; i < schema["minItems"].get<int>(); ++i) tuple += (i > 0 ? ", " : "") + item;
    return "[" + tuple + "]";
  }
  return identifier(item) ? item + "[]" : "Array<" + item + ">";
}

std::string named_type(const std::string& type, const Json& schema, const std::string& indent) {
  if (type == "object") return object_of(schema, indent);
  if (type == "array") return array_of(schema, indent);
  if (type == "integer" || type == "number") return "number";
  return type;  // string, boolean, null
}

std::string type_of(const Json& schema, const std::string& indent) {
  if (const std::string name = referenced_name(schema); !name.empty()) return name;
  if (!schema.is_object()) return "unknown";
  if (schema.contains("oneOf")) return union_of(schema["oneOf"], indent);
  if (schema.contains("anyOf")) return union_of(schema["anyOf"], indent);
  if (schema.contains("const")) return data::to_text(schema["const"]);
  if (schema.contains("enum")) {
    std::string words;
    for (const auto& value : schema["enum"]) words += (words.empty() ? "" : " | ") + data::to_text(value);
    return words;
  }
  if (!schema.contains("type")) return "unknown";
  if (schema["type"].is_string()) return named_type(schema["type"].get<std::string>(), schema, indent);
  std::string words;
  for (const auto& one : schema["type"])
    words += (words.empty() ? "" : " | ") + named_type(one.get<std::string>(), schema, indent);
  return words;
}

std::string declaration(const std::string& name, const Json& schema, std::string_view summary) {
  const std::string type = type_of(schema, "");
  const bool plain_object = type.starts_with("{") && !schema.contains("oneOf") && !schema.contains("anyOf") &&
                            schema.contains("type") && schema["type"] == "object";
  return comment(summary, "") + (plain_object ? format("export interface {} {}\n\n", name, type)
                                              : format("export type {} = {};\n\n", name, type));
}

}  // namespace

std::string make_typescript(const std::vector<NamedSchema>& schemas, const std::vector<Method>& methods,
                            const std::vector<Notification>& notifications) {
  std::string out = "// Made from the call registry of the host; do not edit.\n\n";
  for (const auto& named : schemas) out += declaration(named.name, named.schema, named.summary);
  std::string calls, notes, codes;
  for (const auto& method : methods) {
    const std::string name = pascal(method.name);
    out += declaration(name + "Params", method.params, method.summary);
    out += declaration(name + "Result", method.result, "");
    calls += format("{}  \"{}\": {{ params: {}Params; result: {}Result }};\n", comment(method.summary, "  "),
                    method.name, name, name);
  }
  for (const auto& notification : notifications) {
    const std::string name = pascal(notification.name) + "Params";
    out += declaration(name, notification.params, notification.summary);
    notes += format("{}  \"{}\": {};\n", comment(notification.summary, "  "), notification.name, name);
  }
  for (const CodeRow& row : code_table()) codes += format("  /** {} */\n  {}: {},\n", row.meaning, row.name, row.code);
  out += "/** Every call: its parameters and its result. */\nexport interface Calls {\n" + calls + "}\n\n";
  out += "/** What the host says unasked, by method. */\nexport interface Notifications {\n" + notes + "}\n\n";
  out += "/** Codes of errors. */\nexport const ErrorCode = {\n" + codes + "} as const;\n";
  return out;
}

}  // namespace mw::calls
