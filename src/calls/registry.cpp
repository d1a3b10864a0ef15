#include "calls/registry.h"

#include <algorithm>
#include <exception>
#include <utility>

#include "base/format.h"
#include "calls/errors.h"
#include "calls/registry_state.h"

namespace mw::calls {
namespace {

constexpr std::size_t kIdBytes = 256;

Json response_error(const Json& id, Json error) {
  return {{"jsonrpc", "2.0"}, {"id", id}, {"error", std::move(error)}};
}

Json error_of(int code, std::string_view message) { return {{"code", code}, {"message", message}}; }

std::string quota_key(const Caller& caller) {
  return caller.session ? format("s{}", caller.session.value) : "a" + caller.address;
}

bool acceptable_id(const Json& id) {
  if (id.is_string()) return id.get_ref<const std::string&>().size() <= kIdBytes;
  return id.is_number() || id.is_null();
}

// Gathers the answers of one message and sends them when the last is in.
class Gathering {
 public:
  Gathering(std::function<void(std::string)> send, bool batch) : send_(std::move(send)), batch_(batch) {}
  void expect(std::size_t count) { missing_ = count; }
  void add(std::optional<Json> response) {
    if (response) responses_.push_back(*std::move(response));
    MW_ASSERT(missing_ > 0);
    if (--missing_ > 0 || responses_.empty()) return;
    send_(data::to_text(batch_ ? Json(std::move(responses_)) : responses_.front()));
  }

 private:
  std::function<void(std::string)> send_;
  bool batch_;
  std::size_t missing_ = 0;
  std::vector<Json> responses_;
};

// One call on its way; kept by the Reply until it is answered.
struct Pending {
  Caller caller;
  Json id;
  bool notification = false;
  std::string method;
  double start_s = 0;
  std::shared_ptr<Gathering> gathering;
};

}  // namespace

// --- Reply ----------------------------------------------------------------------------------------------------------

Reply::Reply(Send send) {
  finish_ = [send = std::move(send)](Result<Json> result, Json) { send(std::move(result)); };
}
Reply::Reply(Reply&& other) noexcept : finish_(std::exchange(other.finish_, nullptr)) {}
Reply::~Reply() {
  if (finish_) error(failure(ErrorKind::internal, "the call was not answered"));
}
void Reply::result(Json value) {
  MW_ASSERT(finish_ != nullptr);
  std::exchange(finish_, nullptr)(std::move(value), nullptr);
}
void Reply::error(Error error) { this->error(std::move(error), nullptr); }
void Reply::error(Error error, Json data) {
  MW_ASSERT(finish_ != nullptr);
  std::exchange(finish_, nullptr)(std::move(error), std::move(data));
}

// --- One message ----------------------------------------------------------------------------------------------------

struct Registry::Dispatch {
  const std::shared_ptr<State>& state;
  double now_s;

  double now() const { return state->clock ? state->clock() : now_s; }

  void finish(const Pending& pending, std::optional<std::size_t> method, const Result<Json>& result, Json error) const {
    int code = 0;
    std::string message;
    if (!error.is_null()) {
      code = error["code"].get<int>();
      message = error["message"].get<std::string>();
    }
    if (method) state->meters[*method].errors += code != 0 ? 1 : 0;
    if (state->observer)
      state->observer({pending.caller.trace, pending.method, &pending.caller, code, message, now() - pending.start_s});
    if (pending.notification) return pending.gathering->add(std::nullopt);
    if (code != 0) return pending.gathering->add(response_error(pending.id, std::move(error)));
    pending.gathering->add(Json{{"jsonrpc", "2.0"}, {"id", pending.id}, {"result", *result}});
  }

  void refuse(const Pending& pending, std::optional<std::size_t> method, Json error) const {
    finish(pending, method, Json(), std::move(error));
  }

  // The envelope of JSON-RPC 2.0, section 4. False after an answer was given.
  bool read_envelope(const Json& request, Pending& pending) const {
    const auto bad = [&](std::string_view why) {
      pending.notification = false;
      refuse(pending, std::nullopt, error_of(kInvalidRequest, why));
      return false;
    };
    if (!request.is_object()) return bad("expected a request object");
    if (const auto id = request.find("id"); id == request.end()) {
      pending.notification = true;
    } else {
      if (!acceptable_id(*id)) return bad("id: expected a string of at most 256 bytes, a number or null");
      pending.id = *id;
    }
    if (const auto version = request.find("jsonrpc"); version == request.end() || *version != "2.0")
      return bad("jsonrpc: expected \"2.0\"");
    const auto method = request.find("method");
    if (method == request.end() || !method->is_string()) return bad("method: expected a string");
    pending.method = method->get_ref<const std::string&>().substr(0, 128);
    if (const auto params = request.find("params"); params != request.end() && !params->is_structured())
      return bad("params: expected an object");
    return true;
  }

  void call(const Caller& caller, const Json& request, const std::shared_ptr<Gathering>& gathering) const {
    Pending pending{caller, nullptr, false, {}, now(), gathering};
    if (pending.caller.trace == 0) pending.caller.trace = ++state->last_trace;
    if (!read_envelope(request, pending)) return;
    const auto found = state->by_name.find(request["method"].get_ref<const std::string&>());
    if (found == state->by_name.end())
      return refuse(pending, std::nullopt, error_of(kMethodNotFound, "no such method"));
    const std::size_t index = found->second;
    const Method& method = state->methods[index];
    ++state->meters[index].calls;
    // The first unit was taken for the message itself.
    if (method.cost > 1 && !state->quota.take(quota_key(caller), method.cost - 1, now_s))
      return refuse(pending, index, error_of(kRateLimited, "too many calls; wait a moment"));
    if (!state->holds(pending.caller, method.needs))
      return refuse(pending, index,
                    error_of(kForbidden, format("{} needs the capability \"{}\"", method.name, name_of(method.needs))));
    static const Json kNothing = Json::object();
    const auto given = request.find("params");
    const Json& params = given == request.end() ? kNothing : *given;
    if (!params.is_object())
      return refuse(pending, index, error_of(kInvalidParams, "expected parameters by name, in an object"));
    if (const auto status = state->compiled[index].params.check(params); !status.ok()) {
      // Too long a string is a wrong parameter here, whatever the checker calls it.
      Error error{ErrorKind::invalid, status.error().field, status.error().message};
      return refuse(pending, index, error_object(error));
    }
    run(index, params, std::move(pending));
  }

  void run(std::size_t index, const Json& params, Pending pending) const {
    const auto shared = std::make_shared<Pending>(std::move(pending));
    Reply reply([](Result<Json>) {});
    // The state is held weakly: a reply that outlives its registry is answered to nobody.
    reply.finish_ = [weak = std::weak_ptr<State>(state), shared, index, now = now_s](Result<Json> result, Json data) {
      const auto alive = weak.lock();
      if (!alive) return;
      const Dispatch later{alive, now};
      if (result.ok() && alive->check_results) {
        const auto status = alive->compiled[index].result.check(*result);
        if (!status.ok())
          result = failure(ErrorKind::internal, "the result breaks its schema: " + status.error().text());
      }
      if (result.ok()) return later.finish(*shared, index, result, nullptr);
      Json error = error_object(result.error());
      if (!data.is_null()) error["data"] = std::move(data);
      later.finish(*shared, index, result, std::move(error));
    };
    const double start = now();
    try {
      state->methods[index].handler(shared->caller, params, std::move(reply));
    } catch (const std::exception& error) {
      // The reply has answered by now; the observer learns why.
      if (state->observer)
        state->observer({shared->caller.trace, shared->method, &shared->caller, kInternalError, error.what(), 0});
    }
    state->meters[index].seconds += now() - start;
  }
};

void Registry::handle(const Caller& caller, std::string_view text, double now_s,
                      std::function<void(std::string)> send) {
  const Dispatch dispatch{state_, now_s};
  const auto refuse = [&](int code, std::string_view message) {
    if (state_->observer) state_->observer({caller.trace, "", &caller, code, message, 0});
    send(data::to_text(response_error(nullptr, error_of(code, message))));
  };
  const std::string key = quota_key(caller);
  const auto limited = [&] { refuse(kRateLimited, "too many calls; wait a moment"); };
  if (!state_->quota.take(key, 1, now_s)) return limited();
  if (text.size() > limits::kCallBytes)
    return refuse(kTooLarge, format("expected at most {} bytes", limits::kCallBytes));
  const auto message = data::parse_json(text);
  if (!message.ok()) return refuse(kParseError, message.error().text());
  if (!message->is_array()) {
    const auto gathering = std::make_shared<Gathering>(std::move(send), false);
    gathering->expect(1);
    return dispatch.call(caller, *message, gathering);
  }
  if (message->empty()) return refuse(kInvalidRequest, "expected at least one call in a batch");
  if (message->size() > static_cast<std::size_t>(limits::kBatchCalls))
    return refuse(kTooLarge,
                  format("expected at most {} calls in a batch, found {}", limits::kBatchCalls, message->size()));
  if (message->size() > 1 && !state_->quota.take(key, static_cast<double>(message->size() - 1), now_s))
    return limited();
  const auto gathering = std::make_shared<Gathering>(std::move(send), true);
  gathering->expect(message->size());
  for (const Json& request : *message) dispatch.call(caller, request, gathering);
}

// --- The table ------------------------------------------------------------------------------------------------------

// With those of the shared schemas that it refers to, itself or by another: all of them would be compiled again with each call.
Json Registry::State::with_components(const Json& schema) const {
  Json whole = schema, used = Json::object();
  std::vector<const Json*> open{&schema};
  while (!open.empty()) {
    const Json& next = *open.back();
    open.pop_back();
    if (next.is_structured())
      for (const auto& part : next) open.push_back(&part);
    const auto shared = std::ranges::find(schemas, referenced_name(next), &NamedSchema::name);
    if (shared == schemas.end() || used.contains(shared->name)) continue;  // compiling says what leads nowhere
    used[shared->name] = shared->schema;
    open.push_back(&shared->schema);
  }
  whole["components"] = {{"schemas", std::move(used)}};
  return whole;
}

Registry::Registry(Holds holds) : state_(std::make_shared<State>()) {
  state_->holds = std::move(holds);
#ifndef NDEBUG
  state_->check_results = true;
#endif
  Method discover;
  discover.name = "rpc.discover";
  discover.summary = "This document: every method, its parameters and its result, as OpenRPC.";
  discover.params = {{"type", "object"}, {"additionalProperties", false}};
  discover.result = {{"type", "object"}, {"required", {"openrpc", "info", "methods"}}};
  discover.needs = Capability::none;
  discover.cost = 10;
  discover.example_params = Json::object();
  discover.example_result = {
      {"openrpc", "1.3.2"}, {"info", {{"title", "Manyworlds"}, {"version", "1.0.0"}}}, {"methods", Json::array()}};
  discover.handler = [weak = std::weak_ptr<State>(state_)](const Caller&, const Json&, Reply reply) {
    const auto state = weak.lock();
    MW_ASSERT(state != nullptr);
    if (!state->discovered)
      state->discovered = make_openrpc(state->host_version, state->schemas, state->methods, state->notifications);
    reply.result(*state->discovered);
  };
  add(std::move(discover));
}

Registry::~Registry() = default;

void Registry::add_schema(std::string name, Json schema, std::string summary) {
  for (const auto& known : state_->schemas) MW_ASSERT(known.name != name);
  state_->schemas.push_back({std::move(name), std::move(summary), std::move(schema)});
  const auto& added = state_->schemas.back();
  const auto compiled = data::Schema::compile(state_->with_components(added.schema));
  if (!compiled.ok()) assertion_failed((added.name + ": " + compiled.error().text()).c_str(), __FILE__, __LINE__);
}

void Registry::add(Method method) {
  MW_ASSERT(!state_->by_name.contains(method.name));
  const auto fail = [&](std::string_view what, const Error& error) {
    assertion_failed(format("{} ({}): {}", method.name, what, error.text()).c_str(), __FILE__, __LINE__);
  };
  auto params = data::Schema::compile(state_->with_components(method.params));
  if (!params.ok()) fail("params", params.error());
  auto result = data::Schema::compile(state_->with_components(method.result));
  if (!result.ok()) fail("result", result.error());
  if (const auto status = params->check(method.example_params); !status.ok()) fail("example_params", status.error());
  if (const auto status = result->check(method.example_result); !status.ok()) fail("example_result", status.error());
  MW_ASSERT(method.handler != nullptr && method.cost >= 1);
  state_->by_name.emplace(method.name, state_->methods.size());
  state_->meters.push_back({method.name});
  state_->compiled.push_back({*std::move(params), *std::move(result)});
  state_->methods.push_back(std::move(method));
}

void Registry::add_notification(std::string name, std::string summary, Json params, Json example_params) {
  const auto compiled = data::Schema::compile(state_->with_components(params));
  if (!compiled.ok()) assertion_failed((name + ": " + compiled.error().text()).c_str(), __FILE__, __LINE__);
  if (const auto status = compiled->check(example_params); !status.ok())
    assertion_failed((name + ": " + status.error().text()).c_str(), __FILE__, __LINE__);
  state_->notifications.push_back({std::move(name), std::move(summary), std::move(params), std::move(example_params)});
}

const std::vector<Method>& Registry::methods() const { return state_->methods; }
void Registry::set_clock(std::function<double()> clock) { state_->clock = std::move(clock); }
void Registry::set_observer(std::function<void(const Finished&)> observer) { state_->observer = std::move(observer); }
void Registry::check_results(bool check) { state_->check_results = check; }
void Registry::set_host_version(std::string version) { state_->host_version = std::move(version); }
void Registry::forget(SessionId session) { state_->quota.forget(format("s{}", session.value)); }
std::vector<Meter> Registry::meters() const { return state_->meters; }

Json Registry::openrpc(std::string_view host_version) const {
  const std::string version = host_version.empty() ? state_->host_version : std::string(host_version);
  return make_openrpc(version, state_->schemas, state_->methods, state_->notifications);
}
std::string Registry::reference_markdown() const {
  return make_reference(state_->schemas, state_->methods, state_->notifications);
}
std::string Registry::typescript() const {
  return make_typescript(state_->schemas, state_->methods, state_->notifications);
}

std::string notification(std::string_view method, const Json& params) {
  return data::to_text({{"jsonrpc", "2.0"}, {"method", method}, {"params", params}});
}

}  // namespace mw::calls
