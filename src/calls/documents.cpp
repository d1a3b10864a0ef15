// What several documents share: the table of codes, names of references.
#include "calls/errors.h"
#include "calls/registry_state.h"

namespace mw::calls {

const std::vector<CodeRow>& code_table() {
  static const std::vector<CodeRow> rows = {
      {kParseError, "parse", "not JSON"},
      {kInvalidRequest, "request", "JSON, but not a JSON-RPC 2.0 request"},
      {kMethodNotFound, "method", "no such method"},
      {kInvalidParams, "params", "wrong parameters; `data` is `{field, message}`"},
      {kInternalError, "internal", "the host's own fault"},
      {kVersion, "version", "another version of the protocol; `data` is `{min, max, yours}`"},
      {kForbidden, "forbidden", "the caller lacks the capability"},
      {kNotFound, "not_found", "what was named does not exist"},
      {kConflict, "conflict", "valid by itself, but not in the present state"},
      {kFull, "full", "no place left: a world, a list, the disk"},
      {kTooLarge, "too_large", "over a stated limit"},
      {kRateLimited, "rate_limited", "over the quota; later it will do"},
      {kUnavailable, "unavailable", "not now: starting, stopping, or the store is behind"},
  };
  return rows;
}

std::string referenced_name(const Json& schema) {
  constexpr std::string_view kPrefix = "#/components/schemas/";
  if (!schema.is_object() || !schema.contains("$ref") || !schema["$ref"].is_string()) return "";
  const auto& text = schema["$ref"].get_ref<const std::string&>();
  return text.starts_with(kPrefix) ? text.substr(kPrefix.size()) : "";
}

}  // namespace mw::calls
