#include "trust/carried.h"

#include <gtest/gtest.h>

#include "base/limits.h"
#include "crypto/canonical.h"
#include "trust/lease.h"
#include "trust/test_titles.h"

namespace mw::trust {
namespace {

constexpr std::int64_t kNowMs = kTestNow * 1'000;
const Party kAda(1), kHome(99), kHere(50), kElsewhere(51);
const std::string kHost = "did:web:b.example";

// Ada's bench in the log of her home, as a destination has scanned it.
struct Scene {
  Scene() {
    TitleCreate form;
    form.content = crypto::sha256(as_bytes(*crypto::canonical_json(bench())));
    form.owner = kAda.id();
    record(make_title(form, {kAda}));
    asset = index.titles().begin()->first;
  }
  static Json bench() { return {{"type", "manyworlds thing 1"}, {"model", "bench"}, {"name", "The red one"}}; }
  void record(const TitleRecord& made) {
    const auto judged = index.apply(log.add(made), format_title(made));
    EXPECT_EQ(judged.verdict, Judgement::Verdict::counts) << judged.why;
  }
  void lease(const std::string& host, const Party& holder, std::int64_t from_s, std::int64_t until_s) {
    const auto& title = *index.find(asset);
    record(make_title(TitleLease{asset, title.head().record, title.lease ? title.lease->number + 1 : 1, host,
                                 holder.id(), from_s, until_s},
                      {kAda}));
  }
  // What the destination finds by following the log itself.
  Result<Lease> check(const CarriedThing& told, std::int64_t now_ms = kNowMs + 10'000) const {
    auto verifier = TitleVerifier::make(log.policy()).value();
    EXPECT_TRUE(verifier.follow(log.checkpoint(4), log.fetch()).ok());
    const auto standing = verifier.standing(asset);
    EXPECT_TRUE(standing.ok());
    return check_carried(told, *standing, kHost, kHere.id(), now_ms);
  }
  CarriedThing told() const { return {title_hash_text(asset), kTestLog, bench()}; }
  TestLog log;
  TitleIndex index{kTestLog};
  AssetId asset{};
};

std::string refusal(const Result<Lease>& result) {
  return result.ok() ? "shown" : result.error().field + ": " + result.error().message;
}

TEST(Carried, IsShownUnderItsLease) {
  Scene scene;
  EXPECT_EQ(scene.check(scene.told()).error().kind, ErrorKind::unavailable) << "it may come with the next checkpoint";
  scene.lease(kHost, kHere, kTestNow, kTestNow + 600);
  const auto lease = scene.check(scene.told());
  ASSERT_TRUE(lease.ok()) << lease.error().text();
  EXPECT_FALSE(may_show(*lease, kHere.id(), kNowMs + 4'999).ok());
  EXPECT_TRUE(may_show(*lease, kHere.id(), kNowMs + 5'000).ok());
}

TEST(Carried, AnExpiredLeaseShowsNothing) {
  Scene scene;
  scene.lease(kHost, kHere, kTestNow, kTestNow + 600);
  EXPECT_TRUE(scene.check(scene.told(), kNowMs + 594'999).ok());
  EXPECT_NE(refusal(scene.check(scene.told(), kNowMs + 595'000)).find("has ended"), std::string::npos);
}

TEST(Carried, ALeaseToAnotherHostIsRefusedByName) {
  Scene scene;
  scene.lease("did:web:c.example", kElsewhere, kTestNow, kTestNow + 600);
  const auto refused = scene.check(scene.told());
  EXPECT_EQ(refused.error().kind, ErrorKind::forbidden);
  EXPECT_NE(refusal(refused).find("did:web:c.example"), std::string::npos);
  // In this host's name, to a key that is not its own; and the other way round.
  for (const auto& [host, holder] :
       {std::pair(kHost, kElsewhere), std::pair(std::string("did:web:c.example"), kHere)}) {
    Scene other;
    other.lease(host, holder, kTestNow, kTestNow + 600);
    EXPECT_EQ(other.check(other.told()).error().field, "carried/lease");
  }
  // It is over: what is asked for now may be in a later checkpoint.
  EXPECT_EQ(scene.check(scene.told(), kNowMs + 600'000).error().kind, ErrorKind::unavailable);
}

TEST(Carried, AnotherThingUnderTheTitleIsRefused) {
  Scene scene;
  scene.lease(kHost, kHere, kTestNow, kTestNow + 600);
  auto told = scene.told();
  told.thing["model"] = "palace";
  EXPECT_EQ(scene.check(told).error().field, "carried/thing");
  told.thing = Json::object();
  EXPECT_EQ(scene.check(told).error().field, "carried/thing");
}

TEST(Carried, AForeignTitleIsRefusedBeforeAnybodyIsAsked) {
  const std::string asset = title_hash_text(Scene().asset), own = log_origin(kHome.id());
  EXPECT_TRUE(carried_asset({asset, own, {}}, kHome.id()).ok());
  const auto foreign = carried_asset({asset, log_origin(kElsewhere.id()), {}}, kHome.id());
  EXPECT_EQ(foreign.error().field, "carried/log");
  EXPECT_EQ(foreign.error().kind, ErrorKind::forbidden);
  EXPECT_EQ(carried_asset({"none", own, {}}, kHome.id()).error().field, "carried/asset");
}

}  // namespace
}  // namespace mw::trust
