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

constexpr Micros kTick = kSecond / limits::kTickHz;
constexpr std::uint32_t kTicksAtOnce = 5;  // of a home: its scenario lasts long, and looks at no poses
constexpr std::int64_t kClockSeen = 4'000;  // ms; witnesses find out what is more wrong than that

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

Host::Host(std::string name, std::vector<std::string> worlds, Events& events, Network& network, Random random,
           std::optional<HostAddress> address)
    : name_(std::move(name)),
      worlds_(std::move(worlds)),
      events_(events),
      network_(network),
      random_(random),
      address_(std::move(address)),
      disk_(random_.split()),
      vfs_(name_, disk_) {
  if (address_) address_->internet->join(address_->authority, *this);
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
  posted_last_ = 0;
  events_.trace(name_, "starts");
  auto opened = open_store();
  if (opened.ok() && address_) opened = open_home();
  if (!opened.ok()) return fail_to_start(opened.error());
  if (!address_) alive([this] { open_worlds(); });
  events_.after(kTick, [this, life = life_] { tick(life); });
}

// Only a crash or a full disk may keep a host from starting.
void Host::fail_to_start(const Error& error) {
  if (!disk_.off() && error.kind != ErrorKind::full && on_violation)
    on_violation("the host does not start: " + error.text());
  if (!disk_.off()) disk_.turn_off();
  fall();
}

void Host::post(Micros delay, std::function<void()> callback) {
  posted_last_ = std::max(posted_last_ + 1, events_.now() + delay);
  const std::uint64_t number = ++posts_;
  posted_.emplace(number, std::move(callback));
  events_.after(posted_last_ - events_.now(), [this, life = life_, number] {
    if (life != life_ || !up_) return;
    const auto posted = posted_.extract(number);
    alive(posted.mapped());
  });
}

Status Host::open_store() {
  auto journal = records::Journal::open({"host.db", vfs_.name(), 0, false});
  MW_TRY(journal);
  auto keeper = trust::Keeper::load(**journal, entropy(), now().unix_ms);
  MW_TRY(keeper);
  keeper_ = *std::move(keeper);
  pool_ = std::make_unique<tracks::FramePool>();
  outlet_ = std::make_unique<Outlet>(*this);
  // The store's thread takes its time; answers come back in order.
  store_ = std::make_unique<records::InlineStore>(*std::move(journal), [this](std::function<void()> callback) {
    post(random_.between(100, 8'000), std::move(callback));
  });
  keeper_->attach(*store_);
  return ok();
}

std::function<void(std::span<Byte>)> Host::entropy() {
  return [this](std::span<Byte> out) {
    for (Byte& byte : out) byte = static_cast<Byte>(random_.next());
  };
}

Status Host::open_home() {
  Home::Setup setup;
  setup.authority = address_->authority;
  setup.disk = &disk_;
  setup.internet = address_->internet;
  setup.store = store_.get();
  setup.keeper = keeper_.get();
  setup.entropy = entropy();
  setup.now_ms = [this] { return now().unix_ms; };
  setup.clock = [this] {
    if (std::abs(clock_error_ms()) < kClockSeen) return ok();
    return Status(failure(ErrorKind::unavailable, "this host's clock is wrong"));
  };
  setup.post = [this, life = life_](std::function<void()> callback) {
    if (life == life_ && up_) post(random_.between(100, 8'000), std::move(callback));
  };
  auto home = Home::open(std::move(setup), [this](const Status& read) {
    if (!read.ok() && !disk_.off() && on_violation) on_violation("titles are not read: " + read.error().text());
    open_worlds();
  });
  MW_TRY(home);
  home_ = *std::move(home);
  return ok();
}

void Host::open_worlds() {
  server::ControlServices services{*outlet_, *pool_, *store_, *keeper_};
  if (home_ != nullptr) home_->provide(services);
  control_ = std::make_unique<server::Control>(server::ControlSetup{name_, "1.0.0", {}, {}}, services);
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
  const std::uint32_t ticks = address_ ? kTicksAtOnce : 1;
  if (control_ != nullptr) alive([this, ticks] { control_->tick(ticks_ += ticks, now()); });
  events_.after(kTick * ticks, [this, life] { tick(life); });
}

// The disk is off already. Everything in memory is gone, and nobody is told.
void Host::fall() {
  up_ = false;
  ++life_;
  network_.vanish(*this);
  control_.reset();
  posted_.clear();
  home_.reset();
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

void Host::serve(const edge::PublicRequest& request, std::function<void(edge::HttpReply)> answer) {
  MW_ASSERT(home_ != nullptr && ready());
  alive([&] { home_->serve(request, std::move(answer)); });
}

Result<std::string> Host::document(const std::string& path) {
  MW_ASSERT(home_ != nullptr);
  return home_->document(path);
}

void Host::link_closed(LinkId link) {
  if (!up_ || control_ == nullptr) return;
  outlet_->forget(SessionId{link});
  alive([&] { control_->session_closed(SessionId{link}, edge::Parting::lost, now()); });
}

}  // namespace mw::sim
