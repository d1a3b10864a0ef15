// The OpenRPC document. Source: spec.open-rpc.org, version 1.3.2.
#include <algorithm>

#include "calls/registry_state.h"

namespace mw::calls {
namespace {

bool required(const Json& schema, const std::string& name) {
  if (!schema.contains("required")) return false;
  const Json& names = schema["required"];
  return std::find(names.begin(), names.end(), name) != names.end();
}

Json method_object(const Method& method) {
  Json params = Json::array();
  if (method.params.contains("properties"))
    for (const auto& [name, schema] : method.params["properties"].items())
      params.push_back({{"name", name}, {"required", required(method.params, name)}, {"schema", schema}});
  Json example_params = Json::array();
  for (const auto& [name, value] : method.example_params.items())
    example_params.push_back({{"name", name}, {"value", value}});
  Json object = {
      {"name", method.name},
      {"summary", method.summary},
      {"paramStructure", "by-name"},
      {"params", params},
      {"result", {{"name", "result"}, {"schema", method.result}}},
      {"errors", Json::array()},
      {"examples", Json::array({{{"name", "example"},
                                 {"params", example_params},
                                 {"result", {{"name", "result"}, {"value", method.example_result}}}}})},
      {"x-capability", name_of(method.needs)},
      {"x-cost", method.cost},
  };
  for (const CodeRow& row : code_table())
    object["errors"].push_back({{"$ref", std::string("#/components/errors/") + row.name}});
  if (!method.detail.empty()) object["description"] = method.detail;
  return object;
}

}  // namespace

Json make_openrpc(const std::string& version, const std::vector<NamedSchema>& schemas,
                  const std::vector<Method>& methods, const std::vector<Notification>& notifications) {
  Json document = {
      {"openrpc", "1.3.2"},
      {"info",
       {{"title", "Manyworlds host"},
        {"version", version},
        {"description", "The calls of a Manyworlds host, over WebSocket (/connect) and HTTP (POST /rpc)."},
        {"license", {{"name", "Apache-2.0"}, {"url", "https://www.apache.org/licenses/LICENSE-2.0"}}}}},
      {"methods", Json::array()},
      {"components", {{"schemas", Json::object()}, {"errors", Json::object()}}},
      {"x-notifications", Json::array()},
  };
  for (const auto& method : methods) document["methods"].push_back(method_object(method));
  for (const auto& named : schemas) {
    Json schema = named.schema;
    if (!schema.contains("$ref") && !schema.contains("description")) schema["description"] = named.summary;
    document["components"]["schemas"][named.name] = schema;
  }
  for (const CodeRow& row : code_table())
    document["components"]["errors"][row.name] = {{"code", row.code}, {"message", row.meaning}};
  for (const auto& notification : notifications)
    document["x-notifications"].push_back({{"name", notification.name},
                                           {"summary", notification.summary},
                                           {"params", notification.params},
                                           {"example", notification.example}});
  return document;
}

}  // namespace mw::calls
