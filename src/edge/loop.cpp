#include "edge/loop.h"

#include <algorithm>
#include <mutex>
#include <thread>
#include <utility>

#include "base/format.h"
#include "runtime/log.h"

namespace mw::edge {

using tracks::CloseCode;

namespace {

constexpr std::int64_t kSweepMs = 250;
constexpr std::int64_t kCountMs = 1000;
constexpr int kNiceness = 10;  // the tick has a time to keep, and what an edge sends waits for it anyway
constexpr std::size_t kSlice = 128;  // sends between two looks at the sockets, which report as many at a time
constexpr std::size_t kSliceMax = 2048;
constexpr std::size_t kCallersKept = 4096;  // addresses whose rate of POST /rpc is remembered
constexpr int kCallsPerAddress = limits::kCallsPerSecond * 10;  // many people share an address
constexpr int kCallsBurstPerAddress = limits::kCallsBurst * 10;

runtime::LogLimit refusals(1);

SessionId make_id(std::uint32_t generation, std::uint32_t slot, std::size_t edge) {
  return SessionId{std::uint64_t{generation} << 32 | std::uint64_t{slot} << 8 | edge};
}
std::uint32_t slot_of(SessionId id) { return static_cast<std::uint32_t>(id.value >> 8 & 0xff'ffff); }

static_assert(limits::kConnectionsPerHost < 1u << 24, "a slot has 24 bits in a session id");
static_assert(limits::kEdgeLoops <= 256, "an edge has 8 bits in a session id");

}  // namespace

// Lets replies come from other threads, and after the loop is gone.
struct EdgeLoop::ReplyGate {
  std::mutex mutex;
  EdgeLoop* loop = nullptr;
};

struct EdgeLoop::Instruments {
  struct Pair {
    runtime::Counter* counter;
    const std::uint64_t* number;
    std::uint64_t told = 0;
  };
  std::vector<Pair> pairs;
  runtime::Gauge* tracks = nullptr;
  runtime::Gauge* commands = nullptr;
  runtime::Histogram* fan_out = nullptr;
};

EdgeLoop::EdgeLoop(Shared& shared, std::size_t index)
    : shared_(shared),
      index_(index),
      loop_(mw::format("edge-{}", index)),
      hub_(*this),
      wake_(loop_.reactor(), [this] { take_commands(); }),
      sweep_timer_(loop_.reactor(), [this] { sweep(); }),
      instruments_(std::make_unique<Instruments>()),
      gate_(std::make_shared<ReplyGate>()) {
  gate_->loop = this;
  slow_.reserve(1024);
  const runtime::Metrics::Labels edge{{"edge", mw::format("{}", index)}};
  const auto count = [&](const char* name, const char* help, const std::uint64_t& number) {
    instruments_->pairs.push_back(
        {&shared.metrics.counter(mw::format("manyworlds_edge_{}_total", name), help, edge), &number});
  };
  const tracks::Hub::Stats& hub = hub_.stats();
  count("accepted", "Connections accepted.", counts_.accepted);
  count("refused", "Connections refused at the door, over a limit.", counts_.refused);
  count("requests", "HTTP requests.", counts_.requests);
  count("request_errors", "HTTP requests that were refused.", counts_.request_errors);
  count("calls", "JSON-RPC messages taken in.", counts_.calls);
  count("claims", "Pose claims taken in.", counts_.claims);
  count("claims_dropped", "Pose claims over the rate of a session.", counts_.claims_dropped);
  count("claims_invalid", "Pose claims that are none.", counts_.claims_invalid);
  count("clock_pings", "Clock pings answered.", counts_.pings);
  count("received_bytes", "Bytes received.", counts_.bytes_in);
  count("texts_sent", "Replies and notifications sent.", counts_.text_out);
  count("closed_slow", "Sessions cut off because they did not keep up.", counts_.closed_slow);
  count("closed_flooding", "Sessions closed for flooding.", counts_.closed_flooding);
  count("closed_bad", "Sessions closed for what they sent.", counts_.closed_bad);
  count("closed_silent", "Sessions closed after silence.", counts_.closed_silent);
  count("frames_published", "Frames published on tracks.", hub.published);
  count("frames_sent", "Frames sent, counted for each subscriber.", hub.sent);
  count("frame_messages", "Messages that carried those frames.", hub.messages);
  count("frame_messages_composed", "Messages put together anew; the others share one of those.", hub.composed);
  count("frame_sent_bytes", "Bytes of those messages.", hub.bytes);
  count("frames_passed_over", "Frames that a busy subscriber skipped.", hub.passed_over);
  count("frames_stale", "Frames published for no current group.", hub.stale);
  instruments_->tracks = &shared.metrics.gauge("manyworlds_edge_tracks", "Open tracks.", edge);
  instruments_->commands =
      &shared.metrics.gauge("manyworlds_edge_commands_waiting", "Instructions of the control loop that wait.", edge);
  instruments_->fan_out = &shared.metrics.histogram(
      "manyworlds_edge_fan_out_seconds",
      "From the begin of a tick until its frames were with every socket that could take them.",
      {0.001, 0.002, 0.005, 0.01, 0.02, 0.03, 0.04, 0.05, 0.1, 0.25}, edge);
}

EdgeLoop::~EdgeLoop() { stop(); }

Status EdgeLoop::listen(std::uint16_t port, std::shared_ptr<platform::TlsServer> tls) {
  auto listener =
      platform::Listener::open(loop_.reactor(), shared_.config.listen, port, shared_.config.loops > 1, std::move(tls));
  if (!listener) return std::move(listener).error();
  listener_ = std::move(*listener);
  return ok();
}

void EdgeLoop::start(int core) {
  listener_->start([this](platform::Stream stream) { accept(std::move(stream)); });
  sweep_timer_.after(std::chrono::milliseconds(kSweepMs));
  loop_.start(core, kNiceness);
}

void EdgeLoop::accept(platform::Stream stream) {
  const platform::Endpoint& peer = stream.peer();
  if (shared_.connections.fetch_add(1, std::memory_order_relaxed) >= shared_.config.max_connections) {
    shared_.connections.fetch_sub(1, std::memory_order_relaxed);
    ++counts_.refused;
    refusals.log(runtime::LogLevel::warning, "edge", "connection refused: the host is full",
                 {{"address", peer.address}});
    return;
  }
  // Proxies carry many visitors, and what is on this machine is its operator's.
  const bool counted = !peer.loopback && !shared_.policy.trusted_proxy(peer.address);
  if (counted && !shared_.addresses.enter(peer.address)) {
    shared_.connections.fetch_sub(1, std::memory_order_relaxed);
    ++counts_.refused;
    refusals.log(runtime::LogLevel::warning, "edge", "connection refused: too many from one address",
                 {{"address", peer.address}});
    return;
  }
  std::uint32_t slot = 0;
  if (free_slots_.empty()) {
    slot = static_cast<std::uint32_t>(slots_.size());
    slots_.emplace_back();
    generations_.push_back(0);
  } else {
    slot = free_slots_.back();
    free_slots_.pop_back();
  }
  ++counts_.accepted;
  slots_[slot] = std::make_unique<Connection>(*this, slot, make_id(++generations_[slot], slot, index_),
                                              std::move(stream), counted);
  slots_[slot]->start();
}

Connection* EdgeLoop::find(SessionId id) {
  const std::uint32_t slot = slot_of(id);
  if (slot >= slots_.size() || !slots_[slot] || slots_[slot]->id() != id) return nullptr;
  return slots_[slot].get();
}

Connection* EdgeLoop::find_session(SessionId id) {
  Connection* const connection = find(id);
  return connection != nullptr && connection->session() ? connection : nullptr;
}

void EdgeLoop::bury(Connection& connection) {
  const std::uint32_t slot = connection.slot();
  if (graveyard_.empty()) loop_.post([this] { reap(); });
  graveyard_.push_back(std::move(slots_[slot]));
  free_slots_.push_back(slot);
}

void EdgeLoop::reap() { graveyard_.clear(); }

void EdgeLoop::command(Command&& command) {
  // The ring takes the command only when it says so.
  while (!commands_.push(std::move(command))) {  // NOLINT(bugprone-use-after-move)
    if (stopped_.load(std::memory_order_acquire)) return;
    wake_.notify();
    std::this_thread::yield();
  }
  wake_.notify();
}

// What had come by now, then a slice of the fan-out; the sockets that have something to read come before the next. After many
// reads the slice is longer, so that an overload is shared by both directions.
void EdgeLoop::take_commands() {
  Command command;
  for (std::size_t left = commands_.size(); left != 0 && commands_.pop(command); --left) execute(command);
  const std::uint64_t reads = std::exchange(reads_, 0);
  const bool more = hub_.fan_out(std::clamp<std::size_t>(reads, kSlice, kSliceMax));
  close_the_slow();
  if (!more) note_served();
  if (more || commands_.size() != 0) wake_.notify();
}

void EdgeLoop::execute(Command& command) {
  switch (command.kind) {
    case Command::Kind::open_track: return hub_.open(command.track, command.track_kind);
    case Command::Kind::close_track: return hub_.close(command.track);
    case Command::Kind::publish: return hub_.publish(command.frame, command.rekey);
    case Command::Kind::flush: note_flush(); return hub_.flush();
    default: break;
  }
  Connection* const session = find_session(command.session);
  if (session == nullptr) return;
  switch (command.kind) {
    case Command::Kind::subscribe:
      if (command.frame) session->send_frame(std::move(command.frame));
      if (session->session()) hub_.subscribe(session->slot(), command.track);
      break;
    case Command::Kind::unsubscribe: hub_.unsubscribe(session->slot(), command.track); break;
    case Command::Kind::choose: hub_.choose(session->slot(), command.track, std::move(command.choice)); break;
    case Command::Kind::send_text: session->send_text(command.text); break;
    case Command::Kind::send_frame: session->send_frame(std::move(command.frame)); break;
    case Command::Kind::close: session->close(command.code, command.text); break;
    default: break;
  }
}

void EdgeLoop::note_flush() {
  const std::int64_t now = platform::monotonic_ns();
  const auto share = static_cast<float>(busy_.since_last(now, platform::thread_cpu_ns()));
  float busiest = shared_.busy.load(std::memory_order_relaxed);
  while (share > busiest && !shared_.busy.compare_exchange_weak(busiest, share, std::memory_order_relaxed)) {
  }
  if (flushed_ns_ != 0) return;
  std::uint32_t since_us = 0;
  shared_.tick_clock.tick(now, since_us);
  flushed_ns_ = now - std::int64_t{since_us} * 1000;
}

void EdgeLoop::note_served() {
  if (flushed_ns_ == 0) return;
  const auto took_ns = platform::monotonic_ns() - std::exchange(flushed_ns_, 0);
  instruments_->fan_out->observe(static_cast<double>(took_ns) / 1e9);
}

void EdgeLoop::cut_off(tracks::Hub::Subscriber subscriber, TrackId) noexcept { slow_.push_back(subscriber); }

void EdgeLoop::close_the_slow() {
  for (const tracks::Hub::Subscriber slot : slow_)
    if (slots_[slot]) slots_[slot]->close(CloseCode::too_slow, "an ordered track went on without this session");
  slow_.clear();
}

bool EdgeLoop::may_call(const std::string& address, std::int64_t now_ms) {
  if (callers_.size() >= kCallersKept && callers_.count(address) == 0) return false;
  return callers_.try_emplace(address, kCallsPerAddress, kCallsBurstPerAddress).first->second.take(now_ms);
}

std::function<void(HttpReply)> EdgeLoop::replier(SessionId connection, std::uint32_t call) {
  return [gate = gate_, connection, call](HttpReply reply) {
    const std::lock_guard lock(gate->mutex);
    if (gate->loop == nullptr) return;
    gate->loop->loop_.post([loop = gate->loop, connection, call, answer = std::move(reply)]() mutable {
      if (Connection* const waiting = loop->find(connection)) waiting->http_reply(call, std::move(answer));
    });
  };
}

void EdgeLoop::sweep() {
  const std::int64_t now = now_ms();
  for (std::size_t slot = 0; slot < slots_.size(); ++slot)
    if (slots_[slot]) slots_[slot]->sweep(now);
  if (now - counted_ms_ >= kCountMs) {
    counted_ms_ = now;
    publish_counts();
    std::erase_if(callers_, [&](const auto& caller) { return caller.second.idle(now); });
  }
  sweep_timer_.after(std::chrono::milliseconds(kSweepMs));
}

void EdgeLoop::publish_counts() {
  for (Instruments::Pair& pair : instruments_->pairs) {
    pair.counter->add(static_cast<double>(*pair.number - pair.told));
    pair.told = *pair.number;
  }
  instruments_->tracks->set(static_cast<double>(hub_.tracks()));
  instruments_->commands->set(static_cast<double>(commands_.size()));
}

void EdgeLoop::drain(std::string reason) {
  loop_.post([this, text = std::move(reason)] {
    for (std::size_t slot = 0; slot < slots_.size(); ++slot)
      if (slots_[slot]) slots_[slot]->drain(text);
  });
}

void EdgeLoop::stop() {
  if (stopped_.exchange(true, std::memory_order_acq_rel)) return;
  {
    const std::lock_guard lock(gate_->mutex);
    gate_->loop = nullptr;
  }
  const auto close_all = [this] {
    if (listener_) listener_->close();
    sweep_timer_.cancel();
    for (std::size_t slot = 0; slot < slots_.size(); ++slot)
      if (slots_[slot]) slots_[slot]->end();
    publish_counts();
  };
  loop_.run_and_wait(close_all);
  loop_.stop();
  close_all();  // where the loop never ran
  graveyard_.clear();
  Command left;
  while (commands_.pop(left)) left = Command();  // frames go back to their pool
}

}  // namespace mw::edge
