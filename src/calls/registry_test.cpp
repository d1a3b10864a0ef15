#include "calls/registry.h"

#include <gtest/gtest.h>

#include <optional>
#include <stdexcept>

#include "base/limits.h"
#include "calls/errors.h"

namespace mw::calls {
namespace {

Json number_field(const char* name) {
  return {{"type", "object"},
          {"required", {name}},
          {"additionalProperties", false},
          {"properties", {{name, {{"type", "number"}}}}}};
}

class RegistryTest : public ::testing::Test {
 protected:
  RegistryTest() {
    registry_.check_results(true);
    registry_.set_observer([this](const Finished& finished) {
      observed_.push_back(std::string(finished.method) + " " + std::to_string(finished.code));
    });
    Method subtract;
    subtract.name = "subtract";
    subtract.summary = "The difference of two numbers.";
    subtract.needs = Capability::none;
    subtract.params = Json::parse(R"({"type":"object","additionalProperties":false,"required":["minuend","subtrahend"],
      "properties":{"minuend":{"type":"number"},"subtrahend":{"type":"number"}}})");
    subtract.result = {{"type", "number"}};
    subtract.example_params = {{"minuend", 42}, {"subtrahend", 23}};
    subtract.example_result = 19;
    subtract.handler = [](const Caller&, const Json& params, Reply reply) {
      reply.result(params["minuend"].get<double>() - params["subtrahend"].get<double>());
    };
    registry_.add(subtract);
    add("update", [this](const Caller&, const Json&, Reply reply) {
      ++updates_;
      reply.result(Json::object());
    });
    add("later", [this](const Caller&, const Json&, Reply reply) { kept_.push_back(std::move(reply)); });
    add("forgetful", [](const Caller&, const Json&, Reply) {});
    add("throws", [](const Caller&, const Json&, Reply) { throw std::runtime_error("inside"); });
    add("wrong", [](const Caller&, const Json&, Reply reply) { reply.result(3); });
    add("old", [](const Caller&, const Json&, Reply reply) {
      reply.error(failure(ErrorKind::version, "speak 1"), {{"min", 1}, {"max", 1}, {"yours", 7}});
    });
    add("missing", [](const Caller&, const Json&, Reply reply) {
      reply.error(Error{ErrorKind::not_found, "world", "no such world"});
    });
    add("secret", [](const Caller&, const Json&, Reply reply) { reply.result(Json::object()); }, Capability::operate);
    add("dear", [](const Caller&, const Json&, Reply reply) { reply.result(Json::object()); }, Capability::none, 100);
  }

  void add(const char* name, Handler handler, Capability needs = Capability::none, int cost = 1) {
    Method method;
    method.name = name;
    method.summary = "For the test.";
    method.needs = needs;
    method.cost = cost;
    method.params = {{"type", "object"}};
    method.result = {{"type", "object"}};
    method.example_params = Json::object();
    method.example_result = Json::object();
    method.handler = std::move(handler);
    registry_.add(std::move(method));
  }

  std::string ask(std::string_view text, double now_s = 0) {
    // Shared, because an answer may come after the test has gone on.
    const auto answer = std::make_shared<std::string>("(nothing)");
    registry_.handle(caller_, text, now_s, [answer](std::string response) { *answer = std::move(response); });
    return *answer;
  }
  int code(std::string_view text, double now_s = 0) {
    const auto answer = data::parse_json(ask(text, now_s));
    return answer.ok() && answer->contains("error") ? (*answer)["error"]["code"].get<int>() : 0;
  }

  Registry registry_{[](const Caller& caller, Capability needs) { return trust::may(caller.role, needs); }};
  Caller caller_{SessionId{7}, VisitorId{1}, "127.0.0.1", false, trust::Role::guest, 0};
  int updates_ = 0;
  std::vector<std::string> observed_;
  std::vector<Reply> kept_;  // goes first: replies that are dropped are answered, and observed
};

// The examples of JSON-RPC 2.0, section 7 (those with parameters by name; we take no others).
TEST_F(RegistryTest, AnswersTheExamplesOfTheSpecification) {
  EXPECT_EQ(ask(R"({"jsonrpc": "2.0", "method": "subtract", "params": {"subtrahend": 23, "minuend": 42}, "id": 3})"),
            R"({"id":3,"jsonrpc":"2.0","result":19.0})");
  EXPECT_EQ(ask(R"({"jsonrpc": "2.0", "method": "update", "params": {}})"), "(nothing)");
  EXPECT_EQ(updates_, 1);
  EXPECT_EQ(ask(R"({"jsonrpc": "2.0", "method": "foobar", "id": "1"})"),
            R"({"error":{"code":-32601,"message":"no such method"},"id":"1","jsonrpc":"2.0"})");
  EXPECT_EQ(code(R"({"jsonrpc": "2.0", "method": "foobar, "params": "bar", "baz])"), kParseError);
  EXPECT_EQ(code(R"({"jsonrpc": "2.0", "method": 1, "params": "bar"})"), kInvalidRequest);
  EXPECT_EQ(code(R"([{"jsonrpc": "2.0", "method")"), kParseError);
  EXPECT_EQ(code("[]"), kInvalidRequest);
  EXPECT_EQ(ask("[1]"),
            R"([{"error":{"code":-32600,"message":"expected a request object"},"id":null,"jsonrpc":"2.0"}])");
  EXPECT_EQ(data::parse_json(ask("[1,2,3]"))->size(), 3u);
  const auto mixed = *data::parse_json(ask(R"([
      {"jsonrpc": "2.0", "method": "subtract", "params": {"minuend": 42, "subtrahend": 23}, "id": "2"},
      {"jsonrpc": "2.0", "method": "update", "params": {}},
      {"foo": "boo"},
      {"jsonrpc": "2.0", "method": "foo.get", "params": {"name": "myself"}, "id": "5"}])"));
  ASSERT_EQ(mixed.size(), 3u);
  EXPECT_EQ(mixed[0]["result"], 19.0);
  EXPECT_EQ(mixed[1]["error"]["code"], kInvalidRequest);
  EXPECT_EQ(mixed[1]["id"], nullptr);
  EXPECT_EQ(mixed[2]["error"]["code"], kMethodNotFound);
  EXPECT_EQ(ask(R"([{"jsonrpc": "2.0", "method": "update"}, {"jsonrpc": "2.0", "method": "update"}])"), "(nothing)");
}

TEST_F(RegistryTest, NamesTheFieldThatIsWrong) {
  EXPECT_EQ(ask(R"({"jsonrpc":"2.0","id":1,"method":"subtract","params":{"minuend":"x","subtrahend":1}})"),
            R"({"error":{"code":-32602,"data":{"field":"minuend","message":"expected a number, found \"x\""},)"
            R"("message":"minuend: expected a number, found \"x\""},"id":1,"jsonrpc":"2.0"})");
  EXPECT_EQ(code(R"({"jsonrpc":"2.0","id":1,"method":"subtract","params":[42,23]})"), kInvalidParams);
  EXPECT_EQ(code(R"({"jsonrpc":"2.0","id":1,"method":"subtract"})"), kInvalidParams);
}

TEST_F(RegistryTest, ChecksTheEnvelope) {
  EXPECT_EQ(code(R"({"jsonrpc":"1.0","id":1,"method":"update"})"), kInvalidRequest);
  EXPECT_EQ(code(R"({"id":1,"method":"update"})"), kInvalidRequest);
  EXPECT_EQ(code(R"({"jsonrpc":"2.0","id":{},"method":"update"})"), kInvalidRequest);
  EXPECT_EQ(code(R"({"jsonrpc":"2.0","id":true,"method":"update"})"), kInvalidRequest);
  EXPECT_EQ(code(R"({"jsonrpc":"2.0","id":")" + std::string(300, 'x') + R"(","method":"update"})"), kInvalidRequest);
  EXPECT_EQ(code(R"({"jsonrpc":"2.0","id":1,"method":"update","params":7})"), kInvalidRequest);
  EXPECT_EQ(updates_, 0);
  EXPECT_EQ(ask(R"({"jsonrpc":"2.0","id":null,"method":"update"})"), R"({"id":null,"jsonrpc":"2.0","result":{}})");
}

TEST_F(RegistryTest, AnswersLaterAndOnlyOnce) {
  EXPECT_EQ(ask(R"({"jsonrpc":"2.0","id":1,"method":"later"})"), "(nothing)");
  std::string answer;
  registry_.handle(caller_, R"([{"jsonrpc":"2.0","id":2,"method":"update"},{"jsonrpc":"2.0","id":3,"method":"later"}])",
                   0, [&answer](std::string text) { answer = std::move(text); });
  ASSERT_EQ(kept_.size(), 2u);
  EXPECT_EQ(answer, "");
  kept_[1].result(Json::object());
  EXPECT_EQ(answer, R"([{"id":2,"jsonrpc":"2.0","result":{}},{"id":3,"jsonrpc":"2.0","result":{}}])");
}

TEST_F(RegistryTest, AReplyThatOutlivesTheRegistryIsHarmless) {
  std::optional<Reply> kept;
  {
    Registry registry([](const Caller&, Capability) { return true; });
    Method method;
    method.name = "later";
    method.params = method.result = {{"type", "object"}};
    method.example_params = method.example_result = Json::object();
    method.handler = [&kept](const Caller&, const Json&, Reply reply) { kept.emplace(std::move(reply)); };
    registry.add(std::move(method));
    registry.handle({}, R"({"jsonrpc":"2.0","id":1,"method":"later"})", 0, [](std::string) { FAIL(); });
  }
  kept->result(Json::object());
}

TEST_F(RegistryTest, AlwaysAnswers) {
  EXPECT_EQ(ask(R"({"jsonrpc":"2.0","id":1,"method":"forgetful"})"),
            R"({"error":{"code":-32603,"message":"the call was not answered"},"id":1,"jsonrpc":"2.0"})");
  EXPECT_EQ(code(R"({"jsonrpc":"2.0","id":1,"method":"throws"})"), kInternalError);
  EXPECT_EQ(code(R"({"jsonrpc":"2.0","id":1,"method":"wrong"})"), kInternalError);
}

TEST_F(RegistryTest, CarriesErrorsOfHandlers) {
  const auto old = *data::parse_json(ask(R"({"jsonrpc":"2.0","id":1,"method":"old"})"));
  EXPECT_EQ(old["error"], Json::parse(R"({"code":-32000,"message":"speak 1","data":{"min":1,"max":1,"yours":7}})"));
  const auto missing = *data::parse_json(ask(R"({"jsonrpc":"2.0","id":1,"method":"missing"})"));
  EXPECT_EQ(
      missing["error"],
      Json::parse(
          R"({"code":-32002,"message":"world: no such world","data":{"field":"world","message":"no such world"}})"));
}

TEST_F(RegistryTest, ChecksTheCapability) {
  EXPECT_EQ(code(R"({"jsonrpc":"2.0","id":1,"method":"secret"})"), kForbidden);
  caller_.role = trust::Role::host_operator;
  EXPECT_EQ(code(R"({"jsonrpc":"2.0","id":1,"method":"secret"})"), 0);
}

TEST_F(RegistryTest, BoundsSizeAndBatches) {
  EXPECT_EQ(code("\"" + std::string(limits::kCallBytes, 'x') + "\""), kTooLarge);
  std::string batch = "[";
  for (int i = 0; i <= limits::kBatchCalls; ++i)
    batch += std::string(i > 0 ? "," : "") + R"({"jsonrpc":"2.0","method":"update"})";
  EXPECT_EQ(code(batch + "]"), kTooLarge);
  EXPECT_EQ(updates_, 0);
}

TEST_F(RegistryTest, CountsAgainstTheQuota) {
  const auto update = R"({"jsonrpc":"2.0","id":1,"method":"update"})";
  for (int i = 0; i < limits::kCallsBurst; ++i) ASSERT_EQ(code(update), 0) << i;
  EXPECT_EQ(code(update), kRateLimited);
  EXPECT_EQ(code("garbage"), kRateLimited);  // garbage counts as well
  EXPECT_EQ(code(update, 0.5), 0);           // and time heals
  Caller other = caller_;
  other.session = SessionId{8};
  std::swap(caller_, other);
  EXPECT_EQ(code(update), 0);  // another session has its own
  std::swap(caller_, other);
  EXPECT_EQ(code(R"({"jsonrpc":"2.0","id":1,"method":"dear"})", 0.5), kRateLimited);
  EXPECT_EQ(code(R"({"jsonrpc":"2.0","id":1,"method":"dear"})", 10), 0);
  registry_.forget(caller_.session);
  EXPECT_EQ(code(R"({"jsonrpc":"2.0","id":1,"method":"dear"})", 10), 0);
}

TEST_F(RegistryTest, CountsHttpCallersByAddress) {
  caller_ = {SessionId{}, VisitorId{}, "192.0.2.1", true, trust::Role::none, 0};
  const auto update = R"({"jsonrpc":"2.0","id":1,"method":"update"})";
  for (int i = 0; i < limits::kCallsBurst; ++i) ASSERT_EQ(code(update), 0);
  EXPECT_EQ(code(update), kRateLimited);
  caller_.address = "192.0.2.2";
  EXPECT_EQ(code(update), 0);
}

TEST_F(RegistryTest, ABatchCostsWhatItsCallsCost) {
  std::string batch = "[";
  for (int i = 0; i < limits::kBatchCalls; ++i)
    batch += std::string(i > 0 ? "," : "") + R"({"jsonrpc":"2.0","method":"update"})";
  batch += "]";
  for (int i = 0; i < limits::kCallsBurst / limits::kBatchCalls; ++i) EXPECT_EQ(ask(batch), "(nothing)");
  EXPECT_EQ(code(batch), kRateLimited);
  EXPECT_EQ(updates_, limits::kCallsBurst / limits::kBatchCalls * limits::kBatchCalls);
}

TEST_F(RegistryTest, MetersAndTraces) {
  double clock = 100;
  registry_.set_clock([&clock] { return clock += 0.25; });
  ask(R"({"jsonrpc":"2.0","id":1,"method":"update"})");
  ask(R"({"jsonrpc":"2.0","id":1,"method":"missing"})");
  ask(R"({"jsonrpc":"2.0","id":1,"method":"nonsense"})");
  for (const Meter& meter : registry_.meters()) {
    if (meter.method != "missing" && meter.method != "update") continue;
    EXPECT_EQ(meter.calls, 1u);
    EXPECT_EQ(meter.errors, meter.method == "missing" ? 1u : 0u);
    EXPECT_GT(meter.seconds, 0);
  }
  EXPECT_EQ(observed_, (std::vector<std::string>{"update 0", "missing -32002", "nonsense -32601"}));
}

TEST_F(RegistryTest, GivesEachCallATrace) {
  std::vector<std::uint64_t> traces;
  registry_.set_observer([&traces](const Finished& finished) { traces.push_back(finished.trace); });
  ask(R"([{"jsonrpc":"2.0","method":"update"},{"jsonrpc":"2.0","method":"update"}])");
  ASSERT_EQ(traces.size(), 2u);
  EXPECT_NE(traces[0], traces[1]);
  caller_.trace = 99;
  ask(R"({"jsonrpc":"2.0","method":"update"})");
  EXPECT_EQ(traces.back(), 99u);
}

TEST_F(RegistryTest, DiscoversItself) {
  registry_.set_host_version("1.2.3");
  const auto answer = *data::parse_json(ask(R"({"jsonrpc":"2.0","id":1,"method":"rpc.discover"})"));
  EXPECT_EQ(answer["result"], registry_.openrpc());
  EXPECT_EQ(answer["result"]["info"]["version"], "1.2.3");
  EXPECT_EQ(answer["result"]["methods"][1]["name"], "subtract");
  EXPECT_EQ(answer["result"]["methods"][1]["params"][0],
            Json::parse(R"({"name":"minuend","required":true,"schema":{"type":"number"}})"));
}

TEST_F(RegistryTest, RefusesMistakesOfOurs) {
  Method twice;
  twice.name = "update";
  EXPECT_DEATH(registry_.add(twice), "by_name");
  Method wrong_example;
  wrong_example.name = "example";
  wrong_example.params = number_field("a");
  wrong_example.result = {{"type", "object"}};
  wrong_example.example_params = {{"a", "text"}};
  wrong_example.example_result = Json::object();
  wrong_example.handler = [](const Caller&, const Json&, Reply) {};
  EXPECT_DEATH(registry_.add(wrong_example), "a: expected a number");
}

TEST(Documents, SayTheSameInThreeForms) {
  Registry registry([](const Caller&, Capability) { return true; });
  registry.add_schema("Pet",
                      Json::parse(R"({"type":"object","additionalProperties":false,"required":["name"],"properties":{
    "name":{"type":"string","maxLength":24,"description":"Shown above it."},
    "place":{"type":"array","items":{"type":"number"},"minItems":3,"maxItems":3},
    "mood":{"enum":["calm","wild"]},"friends":{"type":"array","items":{"$ref":"#/components/schemas/Pet"}}}})"),
                      "A pet.");
  Method find;
  find.name = "pet.find";
  find.summary = "Finds a pet.";
  find.params = number_field("id");
  find.result = {{"$ref", "#/components/schemas/Pet"}};
  find.example_params = {{"id", 3}};
  find.example_result = {{"name", "Rex"}};
  find.handler = [](const Caller&, const Json&, Reply) {};
  registry.add(find);
  registry.add_notification("pet.barked", "It barks.", number_field("times"), {{"times", 2}});

  const std::string types = registry.typescript();
  EXPECT_NE(types.find("/** A pet. */\nexport interface Pet {\n  friends?: Pet[];\n  mood?: \"calm\" | \"wild\";\n"
                       "  /** Shown above it. */\n  name: string;\n  place?: [number, number, number];\n}\n"),
            std::string::npos)
      << types;
  EXPECT_NE(types.find("export interface PetFindParams {\n  id: number;\n}\n"), std::string::npos) << types;
  EXPECT_NE(types.find("export type PetFindResult = Pet;\n"), std::string::npos);
  EXPECT_NE(types.find("  \"pet.find\": { params: PetFindParams; result: PetFindResult };\n"), std::string::npos);
  EXPECT_NE(types.find("  \"pet.barked\": PetBarkedParams;\n"), std::string::npos);
  EXPECT_NE(types.find("rate_limited: -32006,"), std::string::npos);

  const std::string page = registry.reference_markdown();
  EXPECT_NE(page.find("### pet.find\n\nFinds a pet."), std::string::npos);
  EXPECT_NE(page.find("| `id` | number | yes |"), std::string::npos) << page;
  EXPECT_NE(page.find("Result: [Pet](#pet)"), std::string::npos);
  EXPECT_NE(page.find("| `name` | string, at most 24 characters | yes | Shown above it. |"), std::string::npos) << page;
  EXPECT_NE(page.find("| -32006 | `rate_limited` |"), std::string::npos);

  const Json document = registry.openrpc();
  EXPECT_EQ(document["components"]["schemas"]["Pet"]["required"], Json::array({"name"}));
  EXPECT_EQ(document["x-notifications"][0]["name"], "pet.barked");
}

TEST(Errors, EveryKindHasACodeAndAStatus) {
  EXPECT_EQ(code_of(ErrorKind::invalid), -32602);
  EXPECT_EQ(code_of(ErrorKind::damaged), kInternalError);
  EXPECT_EQ(http_status_of(ErrorKind::rate_limited), 429);
  EXPECT_EQ(http_status_of(ErrorKind::full), 503);
  EXPECT_EQ(error_object(failure(ErrorKind::full, "no place")), Json::parse(R"({"code":-32004,"message":"no place"})"));
}

TEST(NotificationText, IsJsonRpc) {
  EXPECT_EQ(notification("world.queue", {{"position", 3}}),
            R"({"jsonrpc":"2.0","method":"world.queue","params":{"position":3}})");
}

}  // namespace
}  // namespace mw::calls
