// Figures that people bring: as calls bring them, what others are told, and what is there after a restart.
#include <gtest/gtest.h>

#include <algorithm>

#include "crypto/crypto.h"
#include "gltf/test_figure.h"
#include "platform/files.h"
#include "server/test_travel.h"

namespace mw::server {
namespace {

namespace figure = gltf::test;

Bytes vrm(const Json& meta = {
              {"avatarPermission", "everyone"}, {"modification", "allowModification"}, {"name", "Ann"}}) {
  return figure::vrm1(gltf::write_glb(figure::figure()), meta);
}

// Ticks after which nothing is shown that nobody has asked for.
constexpr int kLongEnough = static_cast<int>(kAvatarShownMs / 50) + 200;

class AvatarCalls : public testing::Test {
 public:
  AvatarCalls() : h(folder.file("a.db")) {
    h.avatar_folder = folder.file("avatars");
    h.restart();
    h.add(flat_world());
  }
  // The upload, checked, or the error of one of its calls.
  Json checked(SessionId session, const Bytes& file, std::string* upload = nullptr) {
    h.tick(100);  // the quota of calls is full again
    const auto begun = h.call(session, "avatar.begin", {{"bytes", file.size()}});
    if (begun.contains("error")) return begun;
    const auto name = begun["result"]["upload"].get<std::string>();
    if (upload != nullptr) *upload = name;
    for (std::size_t at = 0; at < file.size(); at += kAvatarPart) {
      const auto part = ByteView(file).subspan(at, std::min(kAvatarPart, file.size() - at));
      auto sent = h.call(session, "avatar.send", {{"upload", name}, {"at", at}, {"data", crypto::base64(part)}});
      if (sent.contains("error")) return sent;
    }
    return h.call(session, "avatar.check", {{"upload", name}});
  }
  Json kept(SessionId session, const Bytes& file, const char* right = "free") {
    std::string upload;
    auto about = checked(session, file, &upload);
    if (about.contains("error")) return about;
    return h.call(session, "avatar.keep", {{"upload", upload}, {"right", right}});
  }
  std::string served(const std::string& hash, const std::string& name) {
    const auto blob = h.avatar_files->find("/avatars/" + hash + "/" + name, "");
    return blob ? blob->bytes : std::string();
  }
  std::size_t files() const {
    const auto entries = platform::list_folder(folder.file("avatars"));
    return entries.ok() ? entries->size() : 0;
  }

  platform::TestFolder folder;
  Harness h;
};

TEST_F(AvatarCalls, BringsOneAndOthersSeeIt) {
  const auto session = h.visitor(), other = h.visitor();
  h.call(other, "track.subscribe", {{"track", "world/flat/people"}});
  const auto file = vrm();
  const auto about = kept(session, file);
  ASSERT_TRUE(about.contains("result")) << about;
  const auto hash = about["result"]["hash"].get<std::string>();
  EXPECT_EQ(hash, crypto::hex(crypto::sha256(file)));
  EXPECT_EQ(about["result"]["kind"], "vrm1");
  ASSERT_EQ(about["result"]["levels"].size(), 3u);
  EXPECT_LT(about["result"]["levels"][2]["triangles"], about["result"]["levels"][1]["triangles"]);
  const auto worn = h.call(session, "avatar.wear", {{"hash", hash}});
  ASSERT_TRUE(worn.contains("result")) << worn;
  EXPECT_EQ(worn["result"]["avatar"]["hash"], hash);
  h.tick(2);
  const auto event = h.last_event(other, "changed");
  EXPECT_EQ(event["person"]["avatar"], (Json{{"hash", hash},
                                             {"rank", "excellent"},
                                             {"height", about["result"]["height"]},
                                             {"triangles", about["result"]["cost"]["triangles"]},
                                             {"authors", Json::array()},
                                             {"name", "Ann"}}));
  EXPECT_EQ(served(hash, "0.glb"), as_text(file));
  EXPECT_EQ(Json::parse(served(hash, "about.json"))["hash"], hash);
  EXPECT_FALSE(served(hash, "2.glb").empty());
  EXPECT_TRUE(served(hash, "3.glb").empty());
  const auto off = h.call(session, "avatar.wear");
  EXPECT_FALSE(off["result"].contains("avatar")) << off;
}

TEST_F(AvatarCalls, IsThereAfterARestart) {
  const auto session = h.connect();
  const auto opened = h.open(session);
  h.enter(session);
  const auto hash = kept(session, vrm())["result"]["hash"].get<std::string>();
  h.call(session, "avatar.wear", {{"hash", hash}});
  h.restart();
  h.add(flat_world());
  const auto again = h.connect();
  const auto back = h.open(again, {{"resume", opened["result"]["resume"]}});
  EXPECT_EQ(back["result"]["visitor"]["avatar"]["hash"], hash) << back;
  EXPECT_FALSE(served(hash, "0.glb").empty()) << "others fetch it as soon as they see them";
  const auto list = h.call(again, "avatar.list");
  EXPECT_EQ(list["result"]["worn"], hash);
  ASSERT_EQ(list["result"]["avatars"].size(), 1u);
  EXPECT_EQ(list["result"]["avatars"][0]["licence"]["name"], "Ann");
}

TEST_F(AvatarCalls, RespectsWhoMayWearIt) {
  const auto session = h.visitor();
  const auto mine = vrm({{"avatarPermission", "onlyAuthor"}});
  EXPECT_EQ(kept(session, mine, "free")["error"]["data"]["field"], "right");
  EXPECT_EQ(kept(session, mine, "licensed")["error"]["data"]["field"], "right");
  const auto author = kept(session, mine, "author");
  ASSERT_TRUE(author.contains("result")) << author;
  EXPECT_EQ(author["result"]["levels"].size(), 1u) << "nothing is derived where that is forbidden";
  EXPECT_EQ(author["result"]["no_levels"], "the licence forbids changed copies");
  const auto licensed = vrm({{"avatarPermission", "onlySeparatelyLicensedPerson"}});
  EXPECT_EQ(kept(session, licensed, "free")["error"]["data"]["field"], "right");
  EXPECT_TRUE(kept(session, licensed, "licensed").contains("result"));
}

TEST_F(AvatarCalls, RefusesWhatIsNoFigureAndSaysWhy) {
  const auto session = h.visitor();
  figure::FigureShape lacking;
  lacking.name = [](std::string_view bone) { return bone == "head" ? std::string() : std::string(bone); };
  const auto headless = checked(session, gltf::write_glb(figure::figure(lacking)));
  EXPECT_NE(headless["error"]["message"].get<std::string>().find("the head"), std::string::npos) << headless;
  EXPECT_EQ(h.call(session, "avatar.begin", {{"bytes", limits::kAvatarBytes + 1}})["error"]["data"]["field"], "bytes");
  std::string upload;
  const auto text = checked(session, Bytes(600, 'x'), &upload);
  EXPECT_TRUE(text.contains("error"));
  EXPECT_EQ(h.call(session, "avatar.keep", {{"upload", upload}, {"right", "free"}})["error"]["data"]["field"],
            "upload");
  EXPECT_EQ(files(), 0u);
}

TEST_F(AvatarCalls, TakesPartsInOrderAndOfNobodyElse) {
  const auto session = h.visitor(), other = h.visitor();
  const auto upload = h.call(session, "avatar.begin", {{"bytes", 8}})["result"]["upload"].get<std::string>();
  const auto send = [&](int at, const char* data) {
    return h.call(other, "avatar.send", {{"upload", upload}, {"at", at}, {"data", data}});
  };
  EXPECT_EQ(send(4, "Z2xURg==")["error"]["data"]["field"], "at");
  EXPECT_EQ(send(0, "Z2xURg==")["result"]["received"], 4);
  EXPECT_EQ(h.call(session, "avatar.check", {{"upload", upload}})["error"]["message"], "4 of 8 bytes are there");
  EXPECT_EQ(send(4, "Z2xURmdsVEY=")["error"]["data"]["field"], "data") << "more than was announced";
  EXPECT_EQ(send(4, "not base64")["error"]["data"]["field"], "data");
  EXPECT_EQ(h.call(other, "avatar.check", {{"upload", upload}})["error"]["data"]["field"], "upload");
  h.tick(20 * 60 * 11);
  EXPECT_EQ(send(4, "Z2xURg==")["error"]["data"]["field"], "upload") << "it waited too long";
}

TEST_F(AvatarCalls, IsBoundedForEachVisitorAndForAll) {
  const auto session = h.visitor();
  for (std::size_t i = 0; i < h.avatar_rules.per_visitor; ++i) {
    const auto one = kept(session, vrm({{"avatarPermission", "everyone"}, {"name", "n" + std::to_string(i)}}));
    ASSERT_TRUE(one.contains("result")) << one;
    h.tick(200);
  }
  const auto more = h.call(session, "avatar.begin", {{"bytes", 100}});
  EXPECT_NE(more["error"]["message"].get<std::string>().find("4 figures"), std::string::npos) << more;
  h.avatar_rules.total_bytes = 10;
  h.restart();
  h.add(flat_world());
  const auto full = h.call(h.visitor(), "avatar.begin", {{"bytes", 100}});
  EXPECT_NE(full["error"]["message"].get<std::string>().find("operator"), std::string::npos) << full;
  h.avatar_rules.uploads = false;
  h.restart();
  h.add(flat_world());
  EXPECT_EQ(h.call(h.visitor(), "avatar.begin", {{"bytes", 100}})["error"]["message"],
            "this host takes no figures of one's own");
}

TEST_F(AvatarCalls, RemovesFilesThatNobodyKeeps) {
  const auto session = h.visitor(), other = h.visitor();
  const auto hash = kept(session, vrm())["result"]["hash"].get<std::string>();
  EXPECT_EQ(kept(other, vrm())["result"]["hash"], hash);
  EXPECT_EQ(files(), 4u) << "it is there once";
  h.call(session, "avatar.wear", {{"hash", hash}});
  const auto dropped = h.call(session, "avatar.drop", {{"hash", hash}});
  EXPECT_TRUE(dropped["result"]["avatars"].empty());
  EXPECT_FALSE(dropped["result"].contains("worn"));
  EXPECT_EQ(files(), 4u) << "somebody else keeps it";
  EXPECT_EQ(h.call(session, "avatar.wear", {{"hash", hash}})["error"]["data"]["field"], "hash");
  h.call(other, "avatar.drop", {{"hash", hash}});
  EXPECT_EQ(files(), 0u);
  EXPECT_TRUE(served(hash, "0.glb").empty());
  // What a crash has left is swept at the next start.
  ASSERT_TRUE(platform::write_file(folder.file("avatars") + "/" + std::string(64, 'a') + ".glb", "left").ok());
  h.restart();
  EXPECT_EQ(files(), 0u);
}

TEST_F(AvatarCalls, OperatorsBanAFile) {
  const auto session = h.visitor();
  const auto hash = kept(session, vrm())["result"]["hash"].get<std::string>();
  h.call(session, "avatar.wear", {{"hash", hash}});
  EXPECT_EQ(h.call(session, "avatar.ban", {{"hash", hash}})["error"]["code"], -32001);
  const auto boss = h.make_operator(h.visitor());
  const auto banned = h.call(boss, "avatar.ban", {{"hash", hash}, {"reason", "not theirs"}});
  EXPECT_EQ(banned["result"]["bans"], Json::array({Json{{"hash", hash}, {"reason", "not theirs"}}}));
  EXPECT_EQ(files(), 0u);
  h.tick(2);
  EXPECT_FALSE(h.last_event(boss, "changed")["person"].contains("avatar"));
  EXPECT_EQ(h.call(boss, "avatar.ban", {{"hash", "../x"}})["error"]["data"]["field"], "hash");
  h.restart();
  h.add(flat_world());
  const auto again = kept(h.visitor(), vrm());
  EXPECT_NE(again["error"]["message"].get<std::string>().find("not theirs"), std::string::npos) << again;
  const auto back = h.call(h.make_operator(h.visitor()), "avatar.unban", {{"hash", hash}});
  EXPECT_TRUE(back["result"]["bans"].empty()) << back;
}

TEST_F(AvatarCalls, AFullDiskKeepsNothingAndSaysSo) {
  const auto session = h.visitor();
  h.store->refuse = true;
  EXPECT_EQ(kept(session, vrm())["error"]["message"], "the disk is full");
  h.store->refuse = false;
  EXPECT_TRUE(h.call(session, "avatar.list")["result"]["avatars"].empty());
  EXPECT_EQ(files(), 0u);
}

TEST_F(AvatarCalls, IsShownOnlyWhileItIsWornOrLookedAt) {
  const auto session = h.visitor();
  const auto hash = kept(session, vrm())["result"]["hash"].get<std::string>();
  h.tick(kLongEnough);
  EXPECT_TRUE(served(hash, "0.glb").empty());
  h.call(session, "avatar.wear", {{"hash", hash}});
  h.tick(kLongEnough);
  EXPECT_FALSE(served(hash, "0.glb").empty());
}

TEST(Avatars, AreNotTakenWhereThereIsNoPlaceForThem) {
  Harness h;
  h.add(flat_world());
  EXPECT_TRUE(h.call(h.visitor(), "avatar.begin", {{"bytes", 100}}).contains("error"));
}

// Ada keeps figures at a.localhost and travels to b.localhost.
class FiguresAway : public Travels {
 protected:
  FiguresAway() {
    for (auto* place : {&a, &b}) {
      place->avatar_folder = folder.file(place == &a ? "avatars-a" : "avatars-b");
      place->restart();
      place->add(flat_world());
    }
    ada = a.visitor("flat", {{"name", "Ada"}});
    make_account(a, ada, another, 102);
  }
  TestAuthenticator another{2};  // the fixture's Ada was logged out by the restart
  std::string wear(const Bytes& file, const char* right = "free") {
    a.tick(100);
    const auto upload = a.call(ada, "avatar.begin", {{"bytes", file.size()}})["result"]["upload"];
    for (std::size_t at = 0; at < file.size(); at += kAvatarPart)
      a.call(ada, "avatar.send",
             {{"upload", upload},
              {"at", at},
              {"data", crypto::base64(ByteView(file).subspan(at, std::min(kAvatarPart, file.size() - at)))}});
    a.call(ada, "avatar.check", {{"upload", upload}});
    const auto kept = a.call(ada, "avatar.keep", {{"upload", upload}, {"right", right}});
    EXPECT_TRUE(kept.contains("result")) << kept;
    const auto hash = kept["result"]["hash"].get<std::string>();
    EXPECT_TRUE(a.call(ada, "avatar.wear", {{"hash", hash}}).contains("result"));
    return hash;
  }
  // What is known of her at b after her arrival there.
  Json arrived() {
    const auto told = arrive(b, b.visitor(), credential(b))["result"];
    settle();
    const auto session = b.connect();
    return b.open(session, {{"resume", told["resume"]}})["result"]["visitor"];
  }
  std::string served(const std::string& hash) const {
    const auto blob = b.avatar_files->find("/avatars/" + hash + "/0.glb", "");
    return blob ? blob->bytes : std::string();
  }
};

TEST_F(FiguresAway, ComeAlongAndAreKeptByNobody) {
  const auto file = vrm();
  const auto hash = wear(file);
  const auto told = a.call(ada, "travel.asked", {{"challenge", challenge(b)["result"]["challenge"]}})["result"]["told"];
  EXPECT_EQ(told["figure"], (Json{{"name", "Ann"}}));
  const auto there = arrived();
  EXPECT_EQ(there["avatar"]["hash"], hash) << there;
  EXPECT_EQ(served(hash), as_text(file));
  EXPECT_FALSE(platform::list_folder(folder.file("avatars-b")).ok()) << "no folder was made";
  // Whoever arrives without it is not seen as it.
  a.call(ada, "avatar.wear");
  EXPECT_FALSE(arrived().contains("avatar"));
  // Nobody wears it: it is not shown for ever.
  b.tick(kLongEnough);
  EXPECT_TRUE(served(hash).empty());
  const auto bans = b.call(b.make_operator(b.visitor()), "avatar.bans")["result"];
  EXPECT_EQ(bans["borrowed"], 0) << bans;
}

TEST_F(FiguresAway, AreFetchedOnceAndNotAtAllWhereTheyAre) {
  const auto hash = wear(vrm());
  arrived();
  const int before = fetched;
  arrived();
  const int again = fetched - before;
  // The documents of home and person, as at every arrival, and no file.
  a.call(ada, "avatar.wear");
  const int without = fetched;
  arrived();
  EXPECT_EQ(again, fetched - without);
  EXPECT_FALSE(served(hash).empty());
}

TEST_F(FiguresAway, StayWhenSomebodyHereKeepsTheSameFileNoLonger) {
  const auto file = vrm();
  const auto hash = wear(file);
  const auto resident = b.visitor();
  b.tick(100);
  const auto upload = b.call(resident, "avatar.begin", {{"bytes", file.size()}})["result"]["upload"];
  b.call(resident, "avatar.send", {{"upload", upload}, {"at", 0}, {"data", crypto::base64(file)}});
  b.call(resident, "avatar.check", {{"upload", upload}});
  ASSERT_TRUE(b.call(resident, "avatar.keep", {{"upload", upload}, {"right", "free"}}).contains("result"));
  EXPECT_EQ(arrived()["avatar"]["hash"], hash);
  ASSERT_TRUE(b.call(resident, "avatar.drop", {{"hash", hash}}).contains("result"));
  EXPECT_TRUE(platform::list_folder(folder.file("avatars-b"))->empty());
  EXPECT_EQ(served(hash), as_text(file)) << "she still wears it";
}

TEST_F(FiguresAway, AreAskedForAgainWhereTheirHomeDoesNotAnswer) {
  const auto hash = wear(vrm());
  const auto there = b.fetch;
  int asked = 0, silent = kAvatarFetches - 1;
  b.fetch = [&](const std::string& url) -> Result<std::string> {
    if (url.find("/avatars/") == std::string::npos) return there(url);
    return ++asked <= silent ? failure(ErrorKind::unavailable, "no answer in time") : there(url);
  };
  EXPECT_FALSE(arrived().contains("avatar"));
  const auto pass = [&](int ticks) {  // the clocks of the two agree
    a.tick(ticks);
    b.tick(ticks);
  };
  const int half_a_minute = 40 * limits::kTickHz;
  pass(half_a_minute);
  EXPECT_EQ(asked, kAvatarFetches);
  EXPECT_FALSE(served(hash).empty()) << "it came in the end";
  a.call(ada, "avatar.wear");
  arrived();
  pass(kLongEnough);
  ASSERT_TRUE(served(hash).empty()) << "nobody is here who wears it";
  a.call(ada, "avatar.wear", {{"hash", hash}});
  asked = 0;
  silent = kAvatarFetches;
  arrived();
  pass(2 * half_a_minute);
  EXPECT_EQ(asked, kAvatarFetches) << "at some time it is enough";
}

TEST_F(FiguresAway, AreLeftOutWhereTheyAreNotWhatTheHomeNamed) {
  const auto hash = wear(vrm());
  const auto honest = b.fetch;
  std::string instead;
  b.fetch = [&](const std::string& url) -> Result<std::string> {
    if (url.find("/avatars/") == std::string::npos) return honest(url);
    EXPECT_EQ(url, "http://a.localhost:8080/avatars/" + hash + "/0.glb");
    return instead;
  };
  instead = "no figure at all";
  EXPECT_FALSE(arrived().contains("avatar"));
  instead = std::string(as_text(vrm({{"avatarPermission", "everyone"}, {"name", "Another"}})));
  EXPECT_FALSE(arrived().contains("avatar")) << "another file than was named";
  EXPECT_TRUE(served(hash).empty());
  EXPECT_TRUE(served(crypto::hex(crypto::sha256(as_bytes(instead)))).empty());
}

TEST_F(FiguresAway, AreLeftOutWhereAnOperatorHasBannedThemOrTakesNone) {
  const auto hash = wear(vrm());
  const auto chief = b.make_operator(b.visitor());
  b.call(chief, "avatar.ban", {{"hash", hash}});
  EXPECT_FALSE(arrived().contains("avatar"));
  b.call(chief, "avatar.unban", {{"hash", hash}});
  EXPECT_TRUE(arrived().contains("avatar"));
  // Banned while it is worn: it is gone at once.
  b.call(chief, "avatar.ban", {{"hash", hash}});
  EXPECT_TRUE(served(hash).empty());
  b.avatar_rules.uploads = false;
  b.restart();
  b.add(flat_world());
  EXPECT_FALSE(arrived().contains("avatar"));
}

TEST_F(FiguresAway, AreWornElsewhereByWhomeverTheLicenceLets) {
  // At home she has said that she is its author; a home that tells another right is not followed.
  const auto hash = wear(vrm({{"avatarPermission", "onlyAuthor"}}), "author");
  EXPECT_EQ(arrived()["avatar"]["hash"], hash);
  auto refused = std::optional<Error>();
  b.avatars->borrow(VisitorId{77}, "a.localhost:8080", hash, AvatarRight::free, b.now.unix_ms,
                    [&](const Result<Json>& answer) {
                      if (!answer.ok()) refused = answer.error();
                    });
  b.pump();
  ASSERT_TRUE(refused);
  EXPECT_EQ(refused->kind, ErrorKind::forbidden);
  EXPECT_EQ(refused->field, "right");
}

}  // namespace
}  // namespace mw::server
