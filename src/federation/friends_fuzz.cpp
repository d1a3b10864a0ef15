// Strategy: the first byte chooses a call, the second the host that makes it; the rest is its params as JSON. Ada and Bo live here; Ada
// is a friend of Eve at evil.example, and has asked Mia at mia.example.
// Invariants: no crash; every call is answered exactly once; whoever is spoken of lives at the calling host, or it is refused; nobody
// becomes a friend who was not asked; lists and messages keep their bounds, and texts and names are clean.
#include <cstddef>
#include <cstdint>

#include "base/assert.h"
#include "base/text.h"
#include "federation/friends.h"

using namespace mw;
using federation::Friends;

namespace {

const std::string kAda = "did:webvh:QmfGEUAcMpzo25kF2Rhn8L5FAXysfGnkzjwdKoNPi615XQ:a.example:people:ada",
                  kBo = "did:webvh:QmfGEUAcMpzo25kF2Rhn8L5FAXysfGnkzjwdKoNPi615XQ:a.example:people:bo",
                  kEve = "did:webvh:QmfGEUAcMpzo25kF2Rhn8L5FAXysfGnkzjwdKoNPi615XQ:evil.example:people:eve",
                  kMia = "did:webvh:QmfGEUAcMpzo25kF2Rhn8L5FAXysfGnkzjwdKoNPi615XQ:mia.example:people:mia";

struct Home {
  records::InlineStore store{records::Journal::open({":memory:", "", 0, false}).value(),
                             [](const std::function<void()>& work) { work(); }};
  std::unique_ptr<Friends> friends;

  Home() {
    friends = Friends::load(store.journal(), {"a.example", [](std::span<Byte>) {}}).value();
    friends->attach(store);
    Friends::Links links;
    links.account = [](const std::string& did) { return did == kAda ? "ada" : did == kBo ? "bo" : ""; };
    links.call = [](const auto&, const auto&, const Json&, const auto& done) { done(Json::object()); };
    friends->connect(std::move(links));
    for (const auto* did : {&kEve, &kMia})
      friends->ask({"ada", kAda, "Ada"}, *did, 0, [](const auto& asked) { MW_ASSERT(asked.ok()); });
    friends->receive("friend.answer", "evil.example", {{"from", kEve}, {"to", kAda}, {"accepted", true}}, 0,
                     [](const auto& answered) { MW_ASSERT(answered.ok()); });
  }
};

void check(const Friends& friends, const std::string& account) {
  std::size_t requests = 0;
  for (const auto& one : friends.list(account, 1'000)) {
    MW_ASSERT(one.did != kAda && valid_utf8(one.name));
    if (one.state == federation::FriendState::asks) ++requests;
    if (one.state == federation::FriendState::friends)
      MW_ASSERT(account == "ada" && (one.did == kEve || one.did == kMia));
    for (const auto& message : friends.messages(account, one.did))
      MW_ASSERT(valid_utf8(message.text) && count_scalars(message.text) <= federation::kFriendTextChars);
    MW_ASSERT(friends.messages(account, one.did).size() <= federation::kFriendMessages);
  }
  MW_ASSERT(requests <= federation::kFriendRequests);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size < 2) return 0;
  Home home;  // anew: what one input does is no other's
  const auto& methods = Friends::methods();
  const char* hosts[] = {"evil.example", "mia.example", "b.example"};
  const auto params = data::parse_json(as_text({data + 2, size - 2}));
  if (!params.ok() || !params->is_object()) return 0;
  const std::string host = hosts[data[1] % std::size(hosts)];
  for (int twice = 0; twice < 2; ++twice) {
    int answers = 0;
    home.friends->receive(methods[data[0] % methods.size()], host, *params, 1'000, [&](const Result<Json>& answer) {
      ++answers;
      if (answer.ok())
        MW_ASSERT((*params)["from"].get<std::string>().find(":" + host + ":") != std::string::npos);
      else
        MW_ASSERT(!answer.error().message.empty());
    });
    MW_ASSERT(answers == 1);
  }
  check(*home.friends, "ada");
  check(*home.friends, "bo");
  return 0;
}
