// PRIMITIVE call. What is done: JSON-RPC 2.0 with a JSON Schema for parameters and result. Each call is checked against a
// capability, counted against a quota, metered and traced here, once, for every way in: WebSocket, HTTP, later MCP. The
// registry also makes the reference page, the OpenRPC document (rpc.discover) and the TypeScript types.
// Thread: the control loop. A handler answers at once or keeps the Reply and answers later, on the same loop.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/ids.h"
#include "base/result.h"
#include "data/json.h"
#include "trust/capability.h"

namespace mw::calls {

using trust::Capability;

struct Caller {
  SessionId session;  // none for HTTP callers
  VisitorId visitor;  // none before session.open and for HTTP callers without a visitor's token
  std::string address;  // for logs and limits
  bool over_http = false;
  trust::Role role = trust::Role::none;  // of the session or of the HTTP bearer, as the way in has found it
  std::uint64_t trace = 0;  // names this call in logs; the registry gives one when it is 0
};

// Answers one call; exactly one of the two is called, exactly once (an unanswered Reply answers `internal` when destroyed).
class Reply {
 public:
  using Send = std::function<void(Result<Json>)>;
  explicit Reply(Send send);
  Reply(Reply&&) noexcept;
  ~Reply();
  void result(Json value);
  void error(Error error);
  // An error with `data` of its own (`version` carries {min, max, yours}).
  void error(Error error, Json data);

 private:
  using Finish = std::function<void(Result<Json>, Json data)>;
  friend class Registry;
  Finish finish_;
};

// `caller` and `params` live until the handler returns. A handler does not throw; one that does is answered `internal`.
using Handler = std::function<void(const Caller& caller, const Json& params, Reply reply)>;

struct Method {
  std::string name;  // "entity.add"
  std::string summary;  // one line, English
  std::string detail;  // Markdown; may be empty
  Json params;  // JSON Schema (2020-12 subset: see data/schema.h), always an object with additionalProperties: false
  Json result;  // JSON Schema
  Capability needs = Capability::visit;
  int cost = 1;  // units of the session's quota
  Json example_params;  // shown in the reference page, and checked against the schemas by a test
  Json example_result;
  Handler handler;
};

// Decides whether a caller holds a capability; given by the composition root (trust/).
using Holds = std::function<bool(const Caller&, Capability)>;

struct Meter {
  std::string method;
  std::uint64_t calls = 0, errors = 0;
  double seconds = 0;  // spent in handlers, by the clock that was given
};

// One finished call, for logs and traces.
struct Finished {
  std::uint64_t trace = 0;
  std::string_view method;  // the text of the request; it need not exist
  const Caller* caller = nullptr;
  int code = 0;  // 0, or the JSON-RPC error code
  std::string_view message;
  double seconds = 0;  // from the request to the answer
};

class Registry {
 public:
  // Has rpc.discover from the start.
  explicit Registry(Holds holds);
  ~Registry();

  // A schema that others name by {"$ref": "#/components/schemas/NAME"}: Person, Thing, Summary. Before the methods that
  // use it. Asserts that the name is new and the schema compiles.
  void add_schema(std::string name, Json schema, std::string summary);
  void add(Method method);  // asserts that the name is new and that examples satisfy the schemas
  // What the host says unasked: "world.entered" and its parameters. For the documents and types only.
  void add_notification(std::string name, std::string summary, Json params, Json example_params);
  const std::vector<Method>& methods() const;

  // One text message: a request, a notification or a batch. `send` gets the response text, once, perhaps later; it is not
  // called for notifications. Bad JSON, unknown methods, wrong parameters, missing capability and quota are answered here
  // by the codes of schema/calls.md. `now_s` is monotonic. Quota: limits::kCallsPerSecond and kCallsBurst for each session,
  // or for each address over HTTP; the state of limits::kQuotaKeys callers is kept, the one idle longest goes.
  void handle(const Caller& caller, std::string_view text, double now_s, std::function<void(std::string)> send);

  // Hooks, all optional; set before the first call. The clock is monotonic, in seconds. With `check`, results are checked
  // against their schemas too and a wrong one is answered `internal` (tests and debug builds; on by default in the latter).
  void set_clock(std::function<double()> clock);
  void set_observer(std::function<void(const Finished&)> observer);
  void check_results(bool check);
  void set_host_version(std::string version);  // for the documents

  void forget(SessionId session);  // drops its quota state
  std::vector<Meter> meters() const;

  // OpenRPC 1.3.2, notifications under "x-notifications". Without a version, the one that was set.
  Json openrpc(std::string_view host_version = {}) const;
  std::string reference_markdown() const;  // docs/calls.md
  std::string typescript() const;  // web/packages/protocol/src/calls.ts

 private:
  struct State;
  struct Dispatch;
  std::shared_ptr<State> state_;  // shared with replies that are kept for later
};

// A notification from the host: {"jsonrpc":"2.0","method":...,"params":...}.
std::string notification(std::string_view method, const Json& params);

}  // namespace mw::calls
