// What stands behind a Registry. Internal to calls/.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "base/limits.h"
#include "calls/quota.h"
#include "calls/registry.h"
#include "data/schema.h"

namespace mw::calls {

struct NamedSchema {
  std::string name, summary;
  Json schema;
};

struct Notification {
  std::string name, summary;
  Json params, example;
};

struct Registry::State {
  struct Compiled {
    data::Schema params, result;
  };

  Holds holds;
  std::function<double()> clock;
  std::function<void(const Finished&)> observer;
  bool check_results = false;
  std::string host_version = "0";

  std::vector<NamedSchema> schemas;  // in the order of registration, as the documents show them
  std::vector<Method> methods;
  std::vector<Compiled> compiled;  // beside methods
  std::vector<Meter> meters;       // beside methods
  std::map<std::string, std::size_t, std::less<>> by_name;
  std::vector<Notification> notifications;
  Quota quota{limits::kCallsPerSecond, limits::kCallsBurst, limits::kQuotaKeys};
  std::uint64_t last_trace = 0;
  std::optional<Json> discovered;  // the OpenRPC document, made once

  // The schema with the shared ones beside it that its references lead to.
  Json with_components(const Json& schema) const;
};

// Documents, one function each (openrpc.cpp, reference.cpp, typescript.cpp).
Json make_openrpc(const std::string& version, const std::vector<NamedSchema>& schemas,
                  const std::vector<Method>& methods, const std::vector<Notification>& notifications);
std::string make_reference(const std::vector<NamedSchema>& schemas, const std::vector<Method>& methods,
                           const std::vector<Notification>& notifications);
std::string make_typescript(const std::vector<NamedSchema>& schemas, const std::vector<Method>& methods,
                            const std::vector<Notification>& notifications);

// "#/components/schemas/Person" -> "Person"; empty for anything else.
std::string referenced_name(const Json& schema);

// The codes that any call may answer, for the documents: {code, name, meaning}.
struct CodeRow {
  int code;
  const char* name;
  const char* meaning;
};
const std::vector<CodeRow>& code_table();

}  // namespace mw::calls
