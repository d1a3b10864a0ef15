// Strategy: the bytes are one message to a registry with methods that answer at once, later, with errors and not at all. Every
// message comes from a session of its own, so that the quota does not hide anything.
// Invariants: no crash; what is sent is JSON-RPC 2.0: an answer has exactly one of result and error, an error has a code and
// words, a batch has at most as many answers as calls; kept replies are answered afterwards without harm.
#include <cstddef>
#include <cstdint>
#include <vector>

#include "base/assert.h"
#include "base/bytes.h"
#include "calls/registry.h"
#include "data/json.h"

namespace {

using namespace mw;
using namespace mw::calls;

std::vector<Reply> kept;

Method method(const char* name, const char* params, Handler handler, Capability needs = Capability::none) {
  Method made;
  made.name = name;
  made.params = Json::parse(params);
  made.result = {{"type", "object"}};
  made.example_params = made.example_result = Json::object();
  made.needs = needs;
  made.handler = std::move(handler);
  return made;
}

Registry& registry() {
  static Registry* made = [] {
    auto* fresh = new Registry([](const Caller&, Capability needs) { return needs <= Capability::visit; });
    fresh->add_schema("Name", Json::parse(R"({"type":"string","pattern":"^[a-z]+$"})"), "A name.");
    fresh->add(
        method("a", R"({"type":"object","additionalProperties":false,"properties":{"x":{"type":"integer","minimum":-3},
      "n":{"$ref":"#/components/schemas/Name"},"l":{"type":"array","maxItems":3,"items":{"type":"number"}}}})",
               [](const Caller&, const Json& params, Reply reply) { reply.result(params); }));
    fresh->add(method("b", R"({"type":"object"})",
                      [](const Caller&, const Json&, Reply reply) { kept.push_back(std::move(reply)); }));
    fresh->add(method("c", R"({"type":"object"})", [](const Caller&, const Json&, Reply) {}));
    fresh->add(method("d", R"({"type":"object"})", [](const Caller&, const Json&, Reply reply) {
      reply.error(Error{ErrorKind::conflict, "x", "no"});
    }));
    fresh->add(method(
        "e", R"({"type":"object"})", [](const Caller&, const Json&, Reply reply) { reply.result(1); },
        Capability::operate));
    return fresh;
  }();
  return *made;
}

void check(const Json& answer) {
  MW_ASSERT(answer.is_object() && answer["jsonrpc"] == "2.0" && answer.contains("id"));
  MW_ASSERT(answer.contains("result") != answer.contains("error"));
  if (answer.contains("error"))
    MW_ASSERT(answer["error"]["code"].is_number_integer() && !answer["error"]["message"].get<std::string>().empty());
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static std::uint64_t session = 0;
  int sent = 0;
  registry().handle({SessionId{++session}, VisitorId{1}, "fuzz", false, trust::Role::guest, 0}, as_text({data, size}),
                    0, [&sent](std::string text) {
                      ++sent;
                      const auto answer = mw::data::parse_json(text);
                      MW_ASSERT(answer.ok());
                      if (!answer->is_array()) return check(*answer);
                      MW_ASSERT(!answer->empty() && answer->size() <= static_cast<std::size_t>(limits::kBatchCalls));
                      for (const Json& one : *answer) check(one);
                    });
  bool even = false;
  for (Reply& reply : kept)
    (even = !even) ? reply.result(Json::object()) : reply.error(failure(ErrorKind::full, "no place"));
  kept.clear();
  MW_ASSERT(sent <= 1);
  registry().forget(SessionId{session});
  return 0;
}
