// For tests: a control side on a journal in memory, with an outlet that notes what it is told and a clock that the test moves.
// Thread: the test's.
#pragma once

#include <deque>
#include <map>
#include <set>

#include "server/control.h"
#include "server/methods.h"
#include "server/peers.h"
#include "server/test_title_log.h"
#include "server/title_follower.h"
#include "server/title_log.h"
#include "wire/frame.h"

namespace mw::server {

class NotingOutlet final : public tracks::Outlet {
 public:
  struct Peer {
    std::vector<Json> texts;
    std::vector<Bytes> frames;
    std::set<TrackId> tracks;
    std::map<TrackId, tracks::ChoiceRef> choices;  // by base: its tracks come instead
    std::optional<tracks::CloseCode> closed;
  };
  void open_track(TrackId track, tracks::TrackKind) override { open.insert(track); }
  void close_track(TrackId track) override { open.erase(track); }
  void publish(tracks::FrameRef frame, tracks::FrameRef) override {
    EXPECT_TRUE(open.contains(frame->info().track));
    ++published;
    for (auto& [id, peer] : peers)
      if (gets(peer, frame->info().track)) note(peer, frame);
  }
  void subscribe(SessionId session, TrackId track, tracks::FrameRef first) override {
    peers[session].tracks.insert(track);
    if (first) note(peers[session], first);
  }
  void unsubscribe(SessionId session, TrackId track) override {
    peers[session].tracks.erase(track);
    peers[session].choices.erase(track);
  }
  void flush() override { ++flushes; }
  void choose(SessionId session, TrackId base, tracks::ChoiceRef choice) override {
    if (peers[session].tracks.contains(base)) peers[session].choices[base] = std::move(choice);
  }
  void send_text(SessionId session, std::string json) override { peers[session].texts.push_back(Json::parse(json)); }
  void send_frame(SessionId session, tracks::FrameRef frame) override { note(peers[session], frame); }
  void close(SessionId session, tracks::CloseCode code, std::string_view) override { peers[session].closed = code; }

  std::map<SessionId, Peer> peers;
  std::set<TrackId> open;
  std::size_t published = 0, flushes = 0;

 private:
  static bool gets(const Peer& peer, TrackId track) {
    for (const auto& [base, choice] : peer.choices)
      if (choice && std::ranges::binary_search(choice->tracks(), track)) return true;
    return peer.tracks.contains(track) && !peer.choices.contains(track);
  }
  static void note(Peer& peer, const tracks::FrameRef& frame) {
    const auto payload = frame->payload();
    peer.frames.emplace_back(payload.begin(), payload.end());
  }
};

// Passes on to a real store, and says no when the test wants it.
class MoodyStore final : public records::Store {
 public:
  MoodyStore(std::unique_ptr<records::Journal> journal, Post post)
      : store_(std::move(journal), post), post_(std::move(post)) {}
  void commit(records::Batch batch, Done done) override {
    if (!refuse) return store_.commit(std::move(batch), std::move(done));
    post_([done = std::move(done)] { done(failure(ErrorKind::full, "the disk is full")); });
  }
  void fold(std::string stream, records::Snapshot snapshot, std::size_t keep, Finished done) override {
    store_.fold(std::move(stream), std::move(snapshot), keep, std::move(done));
  }
  void copy_to(std::string path, Finished done) override { store_.copy_to(std::move(path), std::move(done)); }
  void run(std::function<void(records::Journal&)> work, std::function<void()> then) override {
    store_.run(std::move(work), std::move(then));
  }
  std::size_t waiting() const override { return 0; }
  records::Journal& journal() { return store_.journal(); }
  bool refuse = false;

 private:
  records::InlineStore store_;
  Post post_;
};

// A floor of 100 m with a wall along x = 10, and one model.
inline world::World::Setup flat_world(const std::string& name = "flat") {
  world::World::Setup setup;
  setup.description.name = name;
  setup.description.title = {"Flat", "平地"};
  setup.description.description = {"A floor", "地面"};
  setup.description.capacity = 10;
  setup.description.edit = trust::EditPolicy::everyone;
  const float h = 50;
  const std::vector<motion::Triangle> scene{{{-h, 0, -h}, {-h, 0, h}, {h, 0, h}},
                                            {{-h, 0, -h}, {h, 0, h}, {h, 0, -h}},
                                            {{10, 0, -h}, {10, 4, -h}, {10, 4, h}},
                                            {{10, 0, -h}, {10, 4, h}, {10, 0, h}}};
  setup.ground.collision.set_body(0, scene, {});
  setup.ground.spawn = {{0, 0, 0}, 0, 1};
  auto catalogue = std::make_shared<world::Catalogue>();
  catalogue->push_back({"crate", {"Crate", "箱子"}, "/models/crate.glb", "", {}});
  setup.catalogue = std::move(catalogue);
  setup.links = {"/worlds/flat/scene.glb", "/worlds/flat/collision.bin", "/people/person.glb"};
  return setup;
}

class Harness {
 public:
  // `public_url`: the host can be a home.
  explicit Harness(std::string path = ":memory:", std::string public_url = "")
      : home(std::move(public_url)), path_(std::move(path)) {
    for (const char c : home) entropy_ = (entropy_ * 31 + static_cast<Byte>(c)) % 2147483647;  // a key of its own
    start();
  }
  ~Harness() { control.reset(); }

  void start() {
    auto journal = records::Journal::open({path_, "", 0, false});
    MW_ASSERT(journal.ok());
    abroad.reset();
    carrying.reset();
    titles.reset();
    title_log.reset();
    followed.clear();
    avatars.reset();
    friends.reset();
    host_calls.reset();
    travel.reset();
    accounts.reset();
    if (!home.empty())
      accounts = federation::Accounts::load(*journal.value(), federation::home_of(home, "Test").value(),
                                            [](std::span<Byte> out) { crypto::random_bytes(out); })
                     .value();
    auto loaded = trust::Keeper::load(
        **journal,
        [this](std::span<Byte> out) {
          for (auto& b : out) b = static_cast<Byte>(entropy_ = entropy_ * 48271 % 2147483647);
        },
        now.unix_ms);
    MW_ASSERT(loaded.ok());
    keeper = std::move(loaded).value();
    if (accounts) {
      auto setup = travel_setup(options, accounts->home(), *keeper, [this](auto url, auto, auto answer) {
        posted.push_back(
            [this, url, answer] { answer(fetch ? fetch(url) : failure(ErrorKind::unavailable, "no network")); });
      });
      travel = federation::Travel::load(*journal.value(), std::move(setup).value()).value();
      host_calls = std::make_unique<HostCalls>(calls_setup(), *travel);
      friends = load_friends(*journal.value(), accounts->home()).value();
    }
    if (!avatar_folder.empty()) {
      const auto post = [this](std::function<void()> work) { posted.push_back(std::move(work)); };
      avatar_files = std::make_shared<AvatarFiles>(avatar_folder, nullptr, post, false);
      avatars = Avatars::load(*journal.value(), avatar_rules, *avatar_files, [](std::span<Byte> out) {
                  crypto::random_bytes(out);
                }).value();
      avatars->reach([this](auto url, auto, auto answer) {
        posted.push_back(
            [this, url, answer] { answer(fetch ? fetch(url) : failure(ErrorKind::unavailable, "no network")); });
      });
    }
    store = std::make_unique<MoodyStore>(std::move(journal).value(),
                                         [this](std::function<void()> work) { posted.push_back(std::move(work)); });
    keeper->attach(*store);
    if (accounts) accounts->attach(*store);
    if (travel) travel->attach(*store);
    if (friends) friends->attach(*store);
    if (avatars) avatars->attach(*store);
    if (travel) {
      open_titles();
      open_abroad();
    }
    control = std::make_unique<Control>(
        ControlSetup{"Test", "1", {}, {}, "a test without a name", {}},
        ControlServices{outlet, pool, *store, *keeper, accounts.get(), titles.get(), travel.get(), carrying.get(),
                        host_calls.get(), abroad.get(), friends.get(), avatars.get()});
    control->registry().check_results(true);
  }
  HostCalls::Setup calls_setup() {
    auto setup = host_calls_setup(accounts->home(), *keeper).value();
    setup.now_ms = [this] { return now.unix_ms; };
    setup.ask = [this](edge::FetchRequest request, std::size_t, auto answer) {
      posted.push_back([this, request = std::move(request), answer] {
        if (call_out) return call_out(request, answer);
        answer(failure(ErrorKind::unavailable, "no network"));
      });
    };
    return setup;
  }
  // Titles over a log in memory, and what others bring held against theirs, as the network of the test shows them.
  void open_titles() {
    const auto later = [this](std::function<void()> work) { posted.push_back(std::move(work)); };
    title_log = std::make_unique<MemoryTitleLog>(log_storage, *keeper, later);
    titles = std::make_unique<federation::Titles>(*title_log, *store,
                                                  [this](VisitorId who) { return kept_title_key(*keeper, who); });
    titles->start([](const Status& status) { EXPECT_TRUE(status.ok()); });
    carrying = std::make_unique<federation::Carrying>(federation::Carrying::Setup{
        travel->did(), crypto::public_key(keeper->public_key()).value(),
        [this](federation::LogQuestion question, auto answer) {
          posted.push_back([this, question = std::move(question), answer] { answer(read_log(question)); });
        },
        log_key_of(*travel, [this] { return now.unix_ms; }),
        [this](std::int64_t now_ms) { return title_log->clock(now_ms); }});
  }
  void open_abroad() {
    abroad = federation::Abroad::load(
                 store->journal(),
                 {[this](VisitorId who) { return kept_title_key(*keeper, who); },
                  [this](federation::LogQuestion question, auto answer) {
                    posted.push_back([this, question = std::move(question), answer] { answer(read_log(question)); });
                  },
                  [this](const std::string& host, const std::string& method, Json params, auto answer) {
                    host_calls->send(host, method, std::move(params), std::move(answer));
                  },
                  [this](std::int64_t now_ms) { return title_log->clock(now_ms); }})
                 .value();
    abroad->attach(*store);
  }
  Result<federation::Standings> read_log(const federation::LogQuestion& question) {
    auto at = followed.find(question.host);
    if (at == followed.end()) {
      auto made = FollowedLog::make(question.host, question.host_key, {});
      MW_TRY(made);
      at = followed.emplace(question.host, *std::move(made)).first;
    }
    MW_TRY(at->second.follow([this](const std::string& url, std::size_t) { return fetch(url); }));
    return at->second.answer(question);
  }
  // As a crash: nothing is said to anybody, nothing in memory is left.
  void restart() {
    control.reset();
    posted.clear();
    store.reset();
    outlet.peers.clear();
    start();
  }
  void add(world::World::Setup setup) {
    bool done = false;
    control->add_world(std::move(setup), now, [&](Status status) {
      EXPECT_TRUE(status.ok());
      done = true;
    });
    pump();
    EXPECT_TRUE(done);
  }
  void pump() {
    while (!posted.empty()) {
      auto work = std::move(posted.front());
      posted.pop_front();
      work();
    }
  }
  void tick(int count = 1) {
    for (int i = 0; i < count; ++i) {
      now.s += 0.05;
      now.unix_ms += 50;
      control->tick(++ticks, now);
      pump();
    }
  }
  SessionId connect(const std::string& address = "10.0.0.1") {
    const SessionId session{(++last_session_ << 8)};
    control->session_opened(session, {address, "", false}, now);
    return session;
  }
  // The answer to one call: {"result":..} or {"error":..}.
  Json call(SessionId session, const std::string& method, Json params = Json::object(), bool pumped = true) {
    const auto id = ++last_id_;
    control->call(session,
                  Json{{"jsonrpc", "2.0"}, {"id", id}, {"method", method}, {"params", std::move(params)}}.dump(), now);
    if (pumped) pump();
    return answer(session, id);
  }
  Json answer(SessionId session, std::uint64_t id) {
    for (const auto& text : outlet.peers[session].texts)
      if (text.value("id", Json()) == Json(id)) return text;
    return nullptr;
  }
  std::uint64_t last_id() const { return last_id_; }
  Json open(SessionId session, Json more = Json::object()) {
    Json params{{"protocol", 1}};
    params.update(more);
    return call(session, "session.open", std::move(params));
  }
  Json enter(SessionId session, const std::string& world = "flat") {
    return call(session, "world.enter", {{"world", world}});
  }
  // A visitor inside: {"session":.., "open":.., "enter":..}.
  SessionId visitor(const std::string& world = "flat", Json more = Json::object()) {
    const auto session = connect();
    const auto opened = open(session, std::move(more));
    EXPECT_TRUE(opened.contains("result")) << opened;
    const auto entered = enter(session, world);
    EXPECT_TRUE(entered.contains("result")) << entered;
    return session;
  }
  SessionId make_operator(SessionId session) {
    std::string token;
    keeper->issue_link(now.unix_ms, [&](Result<std::string> made) { token = std::move(made).value(); });
    pump();
    EXPECT_TRUE(call(session, "operator.claim", {{"token", token}}).contains("result"));
    return session;
  }
  // Events of all ordered frames that a session got, newest last.
  std::vector<Json> events(SessionId session) {
    std::vector<Json> all;
    for (const auto& bytes : outlet.peers[session].frames) {
      ByteView rest(bytes);
      const auto frame = wire::read_frame(rest);
      if (!frame.ok() || frame->header.kind != wire::FrameKind::events) continue;
      for (auto& event : Json::parse(as_text(frame->payload))) all.push_back(event);
    }
    return all;
  }
  Json last_event(SessionId session, const std::string& type) {
    Json found;
    for (auto& event : events(session))
      if (event["type"] == type) found = event;
    return found;
  }
  Json notification(SessionId session, const std::string& method) {
    Json found;
    for (const auto& text : outlet.peers[session].texts)
      if (text.value("method", "") == method) found = text["params"];
    return found;
  }

  std::string home;
  world::Now now{100, 1'700'000'000'000};
  std::uint32_t ticks = 0;
  NotingOutlet outlet;
  tracks::FramePool pool;
  std::deque<std::function<void()>> posted;
  std::unique_ptr<trust::Keeper> keeper;
  std::unique_ptr<MoodyStore> store;
  std::unique_ptr<federation::Accounts> accounts;
  HostOptions options;  // of travel, from the next start on
  std::function<Result<std::string>(const std::string& url)> fetch;  // what other hosts answer
  std::function<void(const edge::FetchRequest& request, HostCalls::Done<edge::Fetched>)> call_out;  // and to calls
  std::unique_ptr<federation::Travel> travel;  // where there are accounts
  std::unique_ptr<HostCalls> host_calls;  // likewise
  std::unique_ptr<federation::Friends> friends;  // likewise
  records::MemoryStorage log_storage;
  std::unique_ptr<MemoryTitleLog> title_log;  // these where there are accounts, too
  std::unique_ptr<federation::Titles> titles;
  std::unique_ptr<federation::Carrying> carrying;
  std::unique_ptr<federation::Abroad> abroad;
  std::map<std::string, FollowedLog> followed;  // by home
  std::string avatar_folder;  // from the next start on, people may bring figures of their own
  AvatarRules avatar_rules;
  std::shared_ptr<AvatarFiles> avatar_files;
  std::unique_ptr<Avatars> avatars;
  std::unique_ptr<Control> control;

 private:
  std::string path_;
  std::uint64_t entropy_ = 12345, last_session_ = 0, last_id_ = 0;
};

}  // namespace mw::server
