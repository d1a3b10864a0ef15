// The host's log with witnesses and through backups: by files alone, and between two whole hosts over loopback.
#include "server/public_log.h"

#include <gtest/gtest.h>

#include <chrono>
#include <filesystem>
#include <fstream>
#include <future>
#include <map>
#include <thread>

#include "edge/fetch.h"
#include "records/checkpoint.h"
#include "server/backup.h"
#include "server/host.h"
#include "trust/keeper.h"

namespace mw::server {
namespace {

namespace fs = std::filesystem;

edge::Fetched fetched(const std::string& method, const std::string& url, const std::string& body = "",
                      const std::string& bearer = "") {
  edge::FetchRules rules;
  rules.loopback = true;
  std::vector<std::pair<std::string, std::string>> headers;
  if (!body.empty()) headers.emplace_back("Content-Type", "application/json");
  if (!bearer.empty()) headers.emplace_back("Authorization", "Bearer " + bearer);
  auto answer = edge::fetch({method, url, headers, body}, rules);
  return answer.ok() ? *std::move(answer) : edge::Fetched{};
}

// One host's folder, and its log as it stands there while the host is stopped.
class Place {
 public:
  explicit Place(const std::string& name)
      : root_(fs::temp_directory_path() / ("public-log-test-" + name + std::to_string(::getpid()))) {
    fs::remove_all(root_);
    fs::create_directories(root_ / "worlds/ruin");  // a world that does not open: it is not about worlds here
    std::ofstream(root_ / "worlds/ruin/world.toml") << "name = \"ruin\"\n";
    fs::create_directories(root_ / "data");
  }
  ~Place() { fs::remove_all(root_); }
  std::string operator/(const std::string& name) const { return (root_ / name).string(); }

  struct Opened {
    std::unique_ptr<records::Journal> journal;
    std::unique_ptr<trust::Keeper> keeper;
    std::unique_ptr<PublicLog> log;
  };
  Opened open(std::uint64_t known = 0) const {
    Opened opened;
    opened.journal = records::Journal::open({*this / "data/manyworlds.db", "", 0, false}).value();
    opened.keeper =
        trust::Keeper::load(*opened.journal, [](std::span<Byte> out) { crypto::random_bytes(out); }, 1).value();
    PublicLogSetup setup;
    setup.data = *this / "data";
    setup.known_size = known;
    auto log = PublicLog::open(std::move(setup), *opened.keeper);
    EXPECT_TRUE(log.ok()) << log.error().text();
    opened.log = *std::move(log);
    return opened;
  }
  static Result<std::uint64_t> append(PublicLog& log, const std::string& entry) {
    std::promise<Result<std::uint64_t>> done;
    log.append(Bytes(entry.begin(), entry.end()),
               [&](Result<std::uint64_t> index) { done.set_value(std::move(index)); });
    return done.get_future().get();
  }
  void append(int entries) const {
    const auto opened = open();
    for (int i = 0; i < entries; ++i) EXPECT_TRUE(append(*opened.log, "entry " + std::to_string(i)).ok());
  }
  std::string key(const std::string& path) const {
    const auto opened = open();
    std::promise<std::string> body;
    opened.log->handle({false, path, ""}, [&](edge::HttpReply reply) { body.set_value(reply.body); });
    auto text = body.get_future().get();
    text.pop_back();
    return text;
  }
  std::unique_ptr<Host> start(std::uint16_t port, const std::vector<std::string>& witness_for,
                              const std::vector<std::string>& witnesses) const {
    HostStart given;
    given.options.port = port;
    given.options.data = *this / "data";
    given.options.witness_for = witness_for;
    given.options.witnesses = witnesses;
    given.options.fetch_loopback = true;
    given.worlds = *this / "worlds";
    auto started = Host::start(std::move(given));
    EXPECT_TRUE(started.ok()) << started.error().text();
    return started.ok() ? std::move(started).value() : nullptr;
  }

 private:
  fs::path root_;
};

std::string url_of(std::uint16_t port) { return "http://127.0.0.1:" + std::to_string(port); }

// What host.status says about the log, as its operator sees it.
Json log_status(Host& host) {
  static std::map<std::string, std::string> bearers;  // by the link, which works once
  std::string& bearer = bearers[host.operator_link()];
  const auto rpc = url_of(host.port()) + "/rpc";
  const auto call = [&](const std::string& method, Json params) {
    const Json request{{"jsonrpc", "2.0"}, {"id", 1}, {"method", method}, {"params", std::move(params)}};
    return Json::parse(fetched("POST", rpc, request.dump(), bearer).body)["result"];
  };
  if (bearer.empty()) {
    const auto& link = host.operator_link();
    bearer = call("operator.claim", {{"token", link.substr(link.find('=') + 1)}})["token"];
  }
  return call("host.status", Json::object())["log"];
}

Json wait_for(Host& host, const std::function<bool(const Json&)>& fits) {
  Json log;
  for (int i = 0; i < 150; ++i) {
    log = log_status(host);
    if (fits(log)) break;
    std::this_thread::sleep_for(std::chrono::milliseconds(100));
  }
  EXPECT_TRUE(fits(log)) << log;
  return log;
}

TEST(PublicLog, ABackupHoldsItAndARestoredOneSaysThatItIs) {
  const Place place("a"), back("b");
  const auto origin = [&] {
    auto opened = place.open();
    for (int i = 0; i < 3; ++i) EXPECT_TRUE(Place::append(*opened.log, "one").ok());
    const auto report = write_backup({place / "data", ""}, place / "backup");  // while it is open
    EXPECT_TRUE(report.ok()) << report.error().text();
    EXPECT_EQ(report->log_entries, 3u);
    EXPECT_TRUE(Place::append(*opened.log, "two").ok());
    EXPECT_EQ(opened.log->status().restored, "");
    return opened.log->origin();
  }();
  const auto restored = restore_backup(place / "backup", back / "restored", false);
  ASSERT_TRUE(restored.ok()) << restored.error().text();
  EXPECT_EQ(restored->log_entries, 3u);
  EXPECT_FALSE(restored->log_kept);
  fs::remove_all(back / "data");
  fs::rename(back / "restored/data", back / "data");
  {
    const auto opened = back.open();
    const auto status = opened.log->status();
    EXPECT_EQ(status.origin, origin);
    EXPECT_EQ(status.recorded, 3u);
    EXPECT_TRUE(status.open);
    EXPECT_TRUE(status.restored.starts_with("from a backup on ")) << status.restored;
    EXPECT_EQ(Place::append(*opened.log, "other").value(), 3u);
  }
  // The database knows of more than data/log has: read-only, and it says why.
  const auto opened = back.open(5);
  EXPECT_FALSE(opened.log->status().open);
  const auto refused = Place::append(*opened.log, "never");
  ASSERT_FALSE(refused.ok());
  EXPECT_EQ(refused.error().kind, ErrorKind::unavailable);
  EXPECT_NE(refused.error().text().find("an older copy"), std::string::npos) << refused.error().text();
}

TEST(PublicLog, ARestoreOverALogThatWentOnKeepsIt) {
  const Place place("c");
  place.append(2);
  ASSERT_TRUE(write_backup({place / "data", ""}, place / "backup").ok());
  place.append(3);
  const auto kept = restore_backup(place / "backup", place / "", true);
  ASSERT_TRUE(kept.ok()) << kept.error().text();
  EXPECT_TRUE(kept->log_kept);
  EXPECT_EQ(place.open().log->status().recorded, 5u);
  EXPECT_EQ(place.open().log->status().restored, "");
  // Another history under the same name is replaced.
  fs::remove_all(place / "data/log");
  place.append(1);
  ASSERT_TRUE(restore_backup(place / "backup", place / "", true).ok());
  EXPECT_EQ(place.open().log->status().recorded, 2u);
}

TEST(PublicLog, TwoHostsWitnessEachOtherAndCatchARestoredOne) {
  const Place a("d"), b("e"), old("f");
  a.append(3);
  b.append(1);
  const auto log_a = a.key("/log/key"), log_b = b.key("/log/key");
  const auto witness_a = a.key("/witness/key"), witness_b = b.key("/witness/key");
  // Their ports, so that each can be told of the other's.
  const std::uint16_t port_a = a.start(0, {}, {})->port(), port_b = b.start(0, {}, {})->port();
  const std::vector<std::string> by_a{witness_a + " " + url_of(port_a)}, by_b{witness_b + " " + url_of(port_b)};
  {
    const auto host_a = a.start(port_a, {log_b}, by_b);
    ASSERT_TRUE(host_a);
    const auto waiting = wait_for(*host_a, [](const Json& log) { return !log["witnesses"][0]["problem"].empty(); });
    EXPECT_FALSE(waiting["open"]);  // nobody has confirmed that this is the newest copy
    const auto host_b = b.start(port_b, {log_a}, by_a);
    ASSERT_TRUE(host_b);
    wait_for(*host_a, [](const Json& log) { return log["open"] == true && log["final"] == 3; });
    wait_for(*host_b, [](const Json& log) { return log["open"] == true && log["final"] == 1; });
    const auto checkpoint = records::parse_signed_checkpoint(fetched("GET", url_of(port_a) + "/log/checkpoint").body);
    ASSERT_TRUE(checkpoint.ok());
    const auto keys = std::vector{records::parse_verifier_key(witness_b).value()};
    EXPECT_EQ(records::verify_note(checkpoint->note, keys).value().size(), 1u);
    std::string metrics;  // once a second
    for (int i = 0; i < 40 && metrics.find("manyworlds_log_final_entries 3") == std::string::npos; ++i) {
      std::this_thread::sleep_for(std::chrono::milliseconds(100));
      metrics = fetched("GET", url_of(port_a) + "/metrics").body;
    }
    EXPECT_NE(metrics.find("manyworlds_log_final_entries 3"), std::string::npos);
    EXPECT_NE(metrics.find("manyworlds_witness_cosigned_total"), std::string::npos);
    ASSERT_TRUE(write_backup({a / "data", ""}, a / "backup").ok());
  }
  a.append(2);
  const auto host_b = b.start(port_b, {log_a}, {});
  {
    wait_for(*a.start(port_a, {}, by_b), [](const Json& log) { return log["final"] == 5; });
  }
  ASSERT_TRUE(restore_backup(a / "backup", old / "restored", false).ok());
  fs::remove_all(old / "data");
  fs::rename(old / "restored/data", old / "data");
  const auto host = old.start(port_a, {}, by_b);
  const auto caught = wait_for(*host, [](const Json& log) {
    return log["reason"].get<std::string>().find("has seen 5 entries of this log, here are 3") != std::string::npos;
  });
  EXPECT_FALSE(caught["open"]);
  EXPECT_NE(caught["restored"], "");
}

}  // namespace
}  // namespace mw::server
