#include "sim/host.h"

#include <algorithm>
#include <map>
#include <utility>

#include "base/format.h"
#include "base/limits.h"

namespace mw::sim {

// Delivers into the virtual network. Ordered tracks keep the promise of tracks/outlet.h: the snapshot first, then every
// frame. Latest tracks carry poses, which no scenario looks at; they go nowhere.
class Host::Outlet final : public tracks::Outlet {
 public:
  Outlet(Host& host) : host_(host) {}

  void open_track(TrackId track, tracks::TrackKind kind) override { tracks_[track] = {kind, {}}; }
  void close_track(TrackId track) override { tracks_.erase(track); }
  void publish(tracks::FrameRef frame, tracks::FrameRef) override {
    const auto track = tracks_.find(frame->info().track);
    MW_ASSERT(track != tracks_.end());
    if (track->second.kind == tracks::TrackKind::latest) return;
    for (const SessionId session : track->second.subscribers) send(session, *frame);
  }
  void subscribe(SessionId session, TrackId track, tracks::FrameRef first) override {
    const auto found = tracks_.find(track);
    MW_ASSERT(found != tracks_.end());
    found->second.subscribers.insert(session);
    if (first) send(session, *first);
  }
  void unsubscribe(SessionId session, TrackId track) override {
    if (const auto found = tracks_.find(track); found != tracks_.end()) found->second.subscribers.erase(session);
  }
  void flush() override {}
  void choose(SessionId, TrackId, tracks::ChoiceRef) override {}
  void send_text(SessionId session, std::string json) override {
    if (host_.up_ && !host_.disk_.off()) host_.network_.send(session.value, host_, {false, std::move(json)});
  }
  void send_frame(SessionId session, tracks::FrameRef frame) override { send(session, *frame); }
  void close(SessionId session, tracks::CloseCode, std::string_view) override { host_.network_.close(session.value); }
  void forget(SessionId session) {
    for (auto& [id, track] : tracks_) track.subscribers.erase(session);
  }

 private:
  // A host whose power is gone says nothing more, whatever its code still does in this event.
  void send(SessionId session, const tracks::Frame& frame) {
    if (host_.up_ && !host_.disk_.off())
      host_.network_.send(session.value, host_, {true, std::string(as_text(frame.payload()))});
  }
  struct Track {
    tracks::TrackKind kind = tracks::TrackKind::latest;
    std::set<SessionId> subscribers;
  };
  Host& host_;
  std::map<TrackId, Track> tracks_;
};

namespace {

world::World::Setup setup_of(const std::string& name, std::shared_ptr<const world::Catalogue> catalogue) {
  world::World::Setup setup;
  setup.description.name = name;
  setup.description.title = {"Laboratory", "实验室"};
  setup.description.description = {"A floor.", "一块地板。"};
  setup.description.edit = trust::EditPolicy::everyone;
  const motion::Vec3 a{-50, 0, -50}, b{50, 0, -50}, c{50, 0, 50}, d{-50, 0, 50};
  const motion::Triangle floor[] = {{a, c, b}, {a, d, c}};
  setup.ground.collision.set_body(0, floor, {});
  setup.catalogue = std::move(catalogue);
  setup.links = {"/scene", "/collision", "/person"};
  return setup;
}

}  // namespace

Host::Host(std::string name, std::vector<std::string> worlds, Events& events, Network& network, Random random)
    : name_(std::move(name)),
      worlds_(std::move(worlds)),
      events_(events),
      network_(network),
      random_(random),
      disk_(random_.split()),
      vfs_(name_, disk_) {
  auto catalogue = std::make_shared<world::Catalogue>();
  for (const char* model : {"bench", "tree", "lamp"})
    catalogue->push_back({model, {model, model}, format("/models/{}.glb", model), "", {}});
  catalogue_ = std::move(catalogue);
}

Host::~Host() {
  up_ = false;
  ++life_;
  control_.reset();
  posted_.clear();
}

void Host::start() {
  MW_ASSERT(!up_);
  ++life_;
  up_ = true;
  opened_ = 0;
  events_.trace(name_, "starts");
  if (!open_store()) return;
  alive([this] { open_worlds(); });
  events_.after(kSecond / limits::kTickHz, [this, life = life_] { tick(life); });
}

bool Host::open_store() {
  const auto give_up = [this](const Error& error) {
    // Only a crash or a full disk may keep a host from starting.
    if (!disk_.off() && error.kind != ErrorKind::full && on_violation)
      on_violation("the host does not start: " + error.text());
    if (!disk_.off()) disk_.turn_off();
    fall();
    return false;
  };
  auto journal = records::Journal::open({"host.db", vfs_.name(), 0, false});
  if (!journal.ok()) return give_up(journal.error());
  auto keeper = trust::Keeper::load(
      **journal,
      [this](std::span<Byte> out) {
        for (Byte& byte : out) byte = static_cast<Byte>(random_.next());
      },
      events_.unix_ms());
  if (!keeper.ok()) return give_up(keeper.error());
  keeper_ = *std::move(keeper);
  pool_ = std::make_unique<tracks::FramePool>();
  outlet_ = std::make_unique<Outlet>(*this);
  // The store's thread takes its time; answers come back in order.
  auto last = std::make_shared<Micros>(0);
  store_ = std::make_unique<records::InlineStore>(
      *std::move(journal), [this, life = life_, last](std::function<void()> callback) {
        *last = std::max(*last + 1, events_.now() + random_.between(100, 8'000));
        const std::uint64_t number = ++posts_;
        posted_.emplace(number, std::move(callback));
        events_.after(*last - events_.now(), [this, life, number] {
          if (life != life_ || !up_) return;
          const auto posted = posted_.extract(number);
          alive(posted.mapped());
        });
      });
  keeper_->attach(*store_);
  return true;
}

void Host::open_worlds() {
  control_ = std::make_unique<server::Control>(server::ControlSetup{name_, "1.0.0", {}, {}},
                                               server::ControlServices{*outlet_, *pool_, *store_, *keeper_});
  for (const auto& world : worlds_)
    control_->add_world(setup_of(world, catalogue_), now(),
                        [this, world](const Status& status) { world_opened(world, status); });
}

void Host::world_opened(const std::string& world, const Status& status) {
  if (disk_.off()) return;
  if (!status.ok()) {
    if (on_violation) on_violation(format("{} does not open: {}", world, status.error().text()));
    return;
  }
  if (++opened_ == worlds_.size() && on_started) on_started(*this);
}

void Host::alive(const std::function<void()>& event) {
  event();
  if (crashed_by_disk()) fall();
}

void Host::tick(std::uint64_t life) {
  if (life != life_ || !up_) return;
  alive([this] { control_->tick(++ticks_, now()); });
  events_.after(kSecond / limits::kTickHz, [this, life] { tick(life); });
}

// The disk is off already. Everything in memory is gone, and nobody is told.
void Host::fall() {
  up_ = false;
  ++life_;
  network_.vanish(*this);
  control_.reset();
  posted_.clear();
  keeper_.reset();
  store_.reset();
  outlet_.reset();
  pool_.reset();
  events_.trace(name_, "is down");
}

void Host::crash(bool power_was_cut) {
  disk_.turn_off();
  if (up_) fall();
  events_.trace(name_, power_was_cut ? "lost its power" : "was killed");
  disk_.set_full(false);
  disk_.turn_on(power_was_cut);
}

void Host::link_opened(LinkId link) {
  if (!up_ || control_ == nullptr) return network_.break_link(link);
  alive([&] { control_->session_opened(SessionId{link}, {format("client-{}", link), "", true}, now()); });
}

void Host::received(LinkId link, const Message& message) {
  if (!up_ || control_ == nullptr || message.binary) return;
  alive([&] { control_->call(SessionId{link}, message.bytes, now()); });
}

void Host::link_closed(LinkId link) {
  if (!up_ || control_ == nullptr) return;
  outlet_->forget(SessionId{link});
  alive([&] { control_->session_closed(SessionId{link}, edge::Parting::lost, now()); });
}

}  // namespace mw::sim
