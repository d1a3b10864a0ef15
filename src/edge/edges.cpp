#include "edge/edges.h"

#include "base/format.h"
#include "edge/loop.h"
#include "edge/policy.h"
#include "edge/shared.h"
#include "platform/process.h"
#include "runtime/log.h"

namespace mw::edge {

struct Edges::State {
  State(EdgesConfig config, Policy policy, Control& control, const ContentSource& content, runtime::Metrics& metrics)
      : shared(std::move(config), std::move(policy), control, content, metrics) {}

  Shared shared;
  std::vector<std::unique_ptr<EdgeLoop>> loops;
  std::shared_ptr<platform::TlsServer> tls;
  std::uint16_t port = 0;
  bool started = false;
};

namespace {

Status check(const EdgesConfig& config) {
  if (config.loops < 1 || config.loops > limits::kEdgeLoops)
    return invalid("loops", mw::format("expected 1 to {}, found {}", limits::kEdgeLoops, config.loops));
  if (config.tls_certificate.empty() != config.tls_key.empty())
    return invalid(config.tls_key.empty() ? "tls_key" : "tls_certificate", "TLS needs both a certificate and a key");
  if (config.max_connections < 1 || config.max_connections > limits::kConnectionsPerHost)
    return invalid("max_connections",
                   mw::format("expected 1 to {}, found {}", limits::kConnectionsPerHost, config.max_connections));
  if (config.max_connections_per_address < 1) return invalid("max_connections_per_address", "expected at least 1");
  return ok();
}

}  // namespace

Edges::Edges(std::unique_ptr<State> state) : state_(std::move(state)) {}
Edges::~Edges() { stop(); }

Result<std::unique_ptr<Edges>> Edges::make(EdgesConfig config, Control& control, const ContentSource& content,
                                           runtime::Metrics& metrics) {
  MW_TRY(check(config));
  auto policy = Policy::make(config);
  if (!policy) return std::move(policy).error();
  std::shared_ptr<platform::TlsServer> tls;
  if (!config.tls_certificate.empty()) {
    auto loaded = platform::TlsServer::load(config.tls_certificate, config.tls_key);
    if (!loaded) return std::move(loaded).error();
    tls = std::move(*loaded);
  }
  const int loops = config.loops;
  std::uint16_t port = config.port;
  auto state = std::make_unique<State>(std::move(config), std::move(*policy), control, content, metrics);
  for (int i = 0; i < loops; ++i) {
    auto loop = std::make_unique<EdgeLoop>(state->shared, static_cast<std::size_t>(i));
    MW_TRY(loop->listen(port, tls));
    port = loop->port();
    state->loops.push_back(std::move(loop));
  }
  state->port = port;
  state->tls = std::move(tls);
  metrics.gauge("manyworlds_edge_loops", "Event loops that serve connections.").set(loops);
  return std::unique_ptr<Edges>(new Edges(std::move(state)));
}

void Edges::start() {
  MW_ASSERT(!state_->started);
  state_->started = true;
  platform::raise_descriptor_limit();
  const auto& cores = state_->shared.config.cores;
  for (std::size_t i = 0; i < state_->loops.size(); ++i) state_->loops[i]->start(i < cores.size() ? cores[i] : -1);
}

Status Edges::reload_certificate() {
  if (!state_->tls) return ok();
  const auto& config = state_->shared.config;
  return state_->tls->reload(config.tls_certificate, config.tls_key);
}

std::uint16_t Edges::port() const { return state_->port; }
std::size_t Edges::sessions() const { return state_->shared.sessions.load(std::memory_order_relaxed); }
bool Edges::draining() const { return state_->shared.draining.load(std::memory_order_relaxed); }

void Edges::drain(std::string_view reason) {
  state_->shared.draining.store(true, std::memory_order_relaxed);
  for (auto& loop : state_->loops) loop->drain(std::string(reason));
}

void Edges::stop() {
  for (auto& loop : state_->loops) loop->stop();
}

void Edges::set_tick(std::uint32_t tick, std::int64_t began_ns) { state_->shared.tick_clock.set(tick, began_ns); }

double Edges::take_busy() { return state_->shared.busy.exchange(0, std::memory_order_relaxed); }

void Edges::open_track(TrackId track, tracks::TrackKind kind) {
  for (auto& loop : state_->loops)
    loop->command({.kind = Command::Kind::open_track, .track_kind = kind, .track = track});
}
void Edges::close_track(TrackId track) {
  for (auto& loop : state_->loops) loop->command({.kind = Command::Kind::close_track, .track = track});
}
void Edges::publish(tracks::FrameRef frame, tracks::FrameRef rekey) {
  for (auto& loop : state_->loops) loop->command({.kind = Command::Kind::publish, .frame = frame, .rekey = rekey});
}
void Edges::flush() {
  for (auto& loop : state_->loops) loop->command({.kind = Command::Kind::flush});
}

namespace {
EdgeLoop* loop_of(std::vector<std::unique_ptr<EdgeLoop>>& loops, SessionId session) {
  const std::size_t index = edge_of(session);
  return session && index < loops.size() ? loops[index].get() : nullptr;
}
}  // namespace

void Edges::subscribe(SessionId session, TrackId track, tracks::FrameRef first) {
  if (EdgeLoop* const loop = loop_of(state_->loops, session))
    loop->command({.kind = Command::Kind::subscribe, .track = track, .session = session, .frame = std::move(first)});
}
void Edges::unsubscribe(SessionId session, TrackId track) {
  if (EdgeLoop* const loop = loop_of(state_->loops, session))
    loop->command({.kind = Command::Kind::unsubscribe, .track = track, .session = session});
}
void Edges::choose(SessionId session, TrackId base, tracks::ChoiceRef choice) {
  if (EdgeLoop* const loop = loop_of(state_->loops, session))
    loop->command({.kind = Command::Kind::choose, .track = base, .session = session, .choice = std::move(choice)});
}
void Edges::send_text(SessionId session, std::string json) {
  if (EdgeLoop* const loop = loop_of(state_->loops, session))
    loop->command({.kind = Command::Kind::send_text, .session = session, .text = std::move(json)});
}
void Edges::send_frame(SessionId session, tracks::FrameRef frame) {
  if (EdgeLoop* const loop = loop_of(state_->loops, session))
    loop->command({.kind = Command::Kind::send_frame, .session = session, .frame = std::move(frame)});
}
void Edges::close(SessionId session, tracks::CloseCode code, std::string_view reason) {
  if (EdgeLoop* const loop = loop_of(state_->loops, session))
    loop->command({.kind = Command::Kind::close, .code = code, .session = session, .text = std::string(reason)});
}

}  // namespace mw::edge
