#include "bench/swarm.h"

#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <cmath>
#include <numbers>

#include "base/format.h"
#include "base/limits.h"
#include "bench/process.h"
#include "wire/frame.h"

namespace mw::bench {
namespace {

enum CallId { kOpen = 1, kEnter = 2, kSubscribe = 3 };
constexpr std::size_t kHeldPerClient = 64;  // messages on their way; the newest is dropped over it
constexpr std::uint64_t kSlotsPerLook = 100;  // a sampled client looks ten times a second, each at moments of its own
constexpr std::uint64_t kSlotsPerPing = 500;
constexpr double kCaughtUpS = 0.15;
constexpr int kStalledBytes = 8 << 10, kReadingBytes = 512 << 10;
constexpr double kTickS = 1.0 / limits::kTickHz;

std::int16_t millimetres_per_second(float metres) {
  return static_cast<std::int16_t>(std::lround(std::clamp(metres, -30.0f, 30.0f) * 1000));
}

std::uint16_t yaw_steps(float radians) {
  return static_cast<std::uint16_t>(std::lround(radians / (2 * std::numbers::pi_v<float>)*65536) & 0xffff);
}

bool is_pose(wire::FrameKind kind) {
  const auto number = static_cast<unsigned>(kind);
  return number == 1 || number == 2 || (number >= 6 && number <= 8);  // and what the codec does not know yet
}

// Nine in ten of those that are shown at the full level are known as of that tick.
bool caught_up(const wire::Picture& picture, double tick) {
  const auto& columns = picture.columns();
  std::size_t full = 0, fresh = 0;
  for (std::size_t row = 0; row < picture.size(); ++row) {
    if (columns.level[row] != 0) continue;
    ++full;
    if (columns.tick[row] >= tick) ++fresh;
  }
  return picture.newest_tick() >= tick && 10 * fresh >= 9 * full;
}

}  // namespace

Swarm::Swarm(const SwarmOptions& options) : options_(options) {
  epoll_ = epoll_create1(EPOLL_CLOEXEC);
  if (options_.address.tls) {
    tls_ = SSL_CTX_new(TLS_client_method());
    SSL_CTX_set_verify(tls_, SSL_VERIFY_NONE, nullptr);  // the bench's own certificate, on loopback
    SSL_CTX_set_mode(tls_,
                     SSL_MODE_ENABLE_PARTIAL_WRITE | SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER | SSL_MODE_RELEASE_BUFFERS);
  }
  events_.opened = [this](Link& link) { opened(bots_[link.index()]); };
  events_.text = [this](Link& link, std::string_view json) { text(bots_[link.index()], json); };
  events_.binary = [this](Link& link, std::size_t size, ByteView payload) {
    binary(bots_[link.index()], size, payload);
  };
  events_.closed = [this](Link& link, std::string_view why) {
    Bot& bot = bots_[link.index()];
    if (bot.inside) --inside_;
    bot.inside = false;
    truth_.remove(bot.entity);
    ++lost_;
    problem_ = why;
  };
  bots_.reserve(options_.clients);
  for (std::size_t i = 0; i < options_.clients; ++i) {
    bots_.push_back(Bot{nullptr, Walker(options_.trace, options_.side_m, options_.seed + i)});
    if (i < options_.sampled) bots_[i].eye = std::make_unique<Eye>();
  }
}

Swarm::~Swarm() {
  events_ = {};
  bots_.clear();
  if (epoll_ >= 0) ::close(epoll_);
  if (tls_) SSL_CTX_free(tls_);
}

void Swarm::call(Bot& bot, int id, std::string_view method, Json params) {
  bot.link->send_text(Json{{"jsonrpc", "2.0"}, {"id", id}, {"method", method}, {"params", std::move(params)}}.dump());
}

void Swarm::opened(Bot& bot) {
  if (options_.raw) {
    bot.inside = true;
    ++inside_;
    return;
  }
  call(bot, kOpen, "session.open", {{"protocol", 1}, {"name", format("{} {}", options_.name, bot.link->index() + 1)}});
}

void Swarm::text(Bot& bot, std::string_view json) {
  const auto parsed = data::parse_json(json);
  if (!parsed.ok()) return bot.link->close("the host sent no JSON");
  const Json& message = *parsed;
  if (message.contains("error")) return bot.link->close(message["error"].value("message", "error"));
  if (message.value("method", "") == "world.entered") return entered(bot, message["params"]["world"]);
  switch (message.contains("id") && message["id"].is_number() ? message["id"].get<int>() : 0) {
    case kOpen: return call(bot, kEnter, "world.enter", {{"world", options_.world}});
    case kEnter:
      if (message["result"].value("state", "") == "entered") entered(bot, message["result"]["world"]);
      return;
    case kSubscribe:
      bot.inside = true;
      ++inside_;
      return;
    default: return;
  }
}

void Swarm::entered(Bot& bot, const Json& world) {
  const Json& place = world["place"]["position"];
  const float x = place[0].get<float>(), z = place[2].get<float>();
  bot.entity = world["entity"].get<std::uint32_t>();
  bot.epoch = world["epoch"].get<std::uint8_t>();
  bot.y = place[1].get<float>();
  bot.walker.put(x, z, options_.spread ? 0 : x, options_.spread ? 0 : z);
  call(bot, kSubscribe, "track.subscribe", {{"track", world["tracks"]["poses"]}});
}

void Swarm::correct(Bot& bot, ByteView frame) {
  ++stats_.corrections;
  const auto correction = wire::decode_correction(frame);
  if (!correction.ok()) return;
  bot.epoch = correction->epoch;
  bot.y = static_cast<float>(correction->y_mm) / 1000;
  bot.claimed_at = -1;
  const float x = static_cast<float>(correction->x_mm) / 1000, z = static_cast<float>(correction->z_mm) / 1000;
  bot.walker.put(x, z, options_.spread ? 0 : x, options_.spread ? 0 : z);
}

void Swarm::binary(Bot& bot, std::size_t size, ByteView payload) {
  const double now = monotonic_seconds();
  const std::size_t index = bot.link->index();
  const auto kind = payload.empty() ? wire::FrameKind::pose_delta : static_cast<wire::FrameKind>(payload[0]);
  if (record_) {
    auto& slots = stats_.slots[index];
    const auto slot = static_cast<std::size_t>((now - recorded_) / kTickS);
    if (slots.size() <= slot) slots.resize(slot + 1, 0);
    slots[slot] += static_cast<std::uint32_t>(size);
  }
  stats_.bytes += size;
  if (kind == wire::FrameKind::correction) return correct(bot, payload);
  if (kind == wire::FrameKind::clock && bot.eye) return see_clock(bot, payload, now);
  ++stats_.messages;
  if (!bot.stalled && host_clock_.ready()) {
    const double tick = host_clock_.target_at(now);
    stats_.arrival_ms.add((tick - std::floor(tick)) * limits::kTickMs);
  }
  if (!bot.eye || options_.raw) return;
  if (options_.delay_s > 0) return hold(down_, {now + options_.delay_s, index, Bytes(payload.begin(), payload.end())});
  see(bot, payload, now);
}

void Swarm::see(Bot& bot, ByteView message, double now) {
  const std::uint64_t before = bot.eye->poses();
  for (ByteView rest = message; !rest.empty();) {
    const std::size_t left = rest.size();
    const auto frame = wire::read_frame(rest);
    if (!frame.ok() || (is_pose(frame->header.kind) && !bot.eye->take(*frame).ok())) ++stats_.undecodable;
    if (!frame.ok()) break;
    if (is_pose(frame->header.kind)) stats_.sampled_bytes += left - rest.size();
  }
  bot.eye->taken(now);
  stats_.sampled_poses += bot.eye->poses() - before;
}

void Swarm::see_clock(Bot& bot, ByteView frame, double now) {
  const auto answer = wire::decode_clock_answer(frame);
  if (!answer.ok()) return;
  const double tick = answer->tick + answer->since_tick_us * 1e-6 * limits::kTickHz;
  // The way without the delay that we hold back ourselves tells the truth; the client knows its own way alone.
  host_clock_.sample(bot.ping_sent, now, tick);
  bot.eye->clock().sample(bot.ping_made, now + options_.delay_s, tick);
}

void Swarm::ping(Bot& bot, double now) {
  bot.ping_made = now;
  bot.ping_sent = now + options_.delay_s;
  send(bot, wire::encode(wire::ClockPing{++bot.pings}), now);
}

void Swarm::hold(std::deque<Held>& queue, Held held) {
  if (queue.size() >= kHeldPerClient * bots_.size()) {
    ++stats_.dropped;
    return;
  }
  queue.push_back(std::move(held));
}

void Swarm::send(Bot& bot, Bytes message, double now) {
  if (options_.delay_s > 0) return hold(up_, {now + options_.delay_s, bot.link->index(), std::move(message)});
  bot.link->send_binary(message);
  watch(bot);
}

void Swarm::release(double now) {
  for (; !up_.empty() && up_.front().due <= now; up_.pop_front()) {
    Bot& bot = bots_[up_.front().bot];
    if (!bot.inside) continue;
    if (up_.front().message[0] == static_cast<Byte>(wire::FrameKind::clock_ping)) bot.ping_sent = now;
    bot.link->send_binary(up_.front().message);
    watch(bot);
  }
  for (; !down_.empty() && down_.front().due <= now; down_.pop_front())
    see(bots_[down_.front().bot], down_.front().message, now);
}

bool Swarm::claim_due(const Bot& bot, const Mover& mover, double now) const {
  const double silence = now - bot.claimed_at;
  if (options_.input == Input::every_step || bot.claimed_at < 0 || silence >= kReckonedSilence) return true;
  const auto ahead = static_cast<float>(silence);
  const auto guess = [&](std::int32_t place_mm, std::int16_t speed_mm_s) {
    return (static_cast<float>(place_mm) + static_cast<float>(speed_mm_s) * ahead) / 1000;
  };
  const float dx = mover.x - guess(bot.claimed.x_mm, bot.claimed.vx_mm_s);
  const float dz = mover.z - guess(bot.claimed.z_mm, bot.claimed.vz_mm_s);
  const auto turned = static_cast<std::int16_t>(yaw_steps(mover.yaw) - bot.claimed.yaw);
  const auto most = static_cast<int>(kReckonedTurn / (2 * std::numbers::pi_v<float>)*65536);
  return dx * dx + dz * dz > kReckonedM * kReckonedM || std::abs(turned) > most;
}

// Claims where the trace is at `moment`, and brings the truth on by a step, so that it always reaches beyond the present.
void Swarm::step(Bot& bot, double moment, double now) {
  if (!bot.inside) return;
  const Mover mover = bot.walker.now();
  if (claim_due(bot, mover, moment)) {
    wire::PoseClaim& claim = bot.claimed;
    claim.epoch = bot.epoch;
    claim.sequence = ++bot.sequence;
    claim.time_ms = static_cast<std::uint32_t>(moment * 1000);
    claim.x_mm = static_cast<std::int32_t>(std::lround(mover.x * 1000));
    claim.y_mm = static_cast<std::int32_t>(std::lround(bot.y * 1000));
    claim.z_mm = static_cast<std::int32_t>(std::lround(mover.z * 1000));
    claim.vx_mm_s = millimetres_per_second(mover.vx);
    claim.vz_mm_s = millimetres_per_second(mover.vz);
    claim.yaw = yaw_steps(mover.yaw);
    bot.claimed_at = moment;
    ++stats_.claims;
    stats_.late_ms.add((now - moment) * 1000);
    send(bot, wire::encode(claim), now);
  }
  bot.walker.step(static_cast<float>(period()));
  if (options_.raw) return;
  const Mover& next = bot.walker.now();
  truth_.add(bot.entity, moment + period(), next.x, next.z, next.yaw);
}

void Swarm::run_slot(std::uint64_t slot, double now) {
  // Claims are spread over the period, as those of strangers are.
  const auto apart = static_cast<std::uint64_t>(1000 / options_.claims_hz);
  const double moment = started_ + static_cast<double>(slot) * 1e-3;
  for (std::size_t i = slot % apart; i < bots_.size(); i += apart) step(bots_[i], moment, now);
  for (std::size_t i = 0; i < std::min(options_.sampled, bots_.size()); ++i) {
    Bot& bot = bots_[i];
    if (!bot.inside || options_.raw) continue;
    if ((slot + 37 * i) % kSlotsPerPing == 0 || (bot.pings < 3 && (slot + i) % 50 == 0)) ping(bot, now);
    if ((slot + 13 * i) % kSlotsPerLook == 0)
      look(*bot.eye, {truth_, host_clock_, options_.delay_s}, bot.entity, monotonic_seconds(),
           bot.stalled ? stats_.stalled : stats_.sight);
  }
}

void Swarm::watch(Bot& bot, bool changed) {
  const bool wanted = bot.link->state() != Link::State::closed && bot.link->wants_write();
  if (bot.link->fd() < 0 || (wanted == bot.registered_write && !changed)) return;
  epoll_event event{};
  event.events = (bot.stalled ? 0u : static_cast<std::uint32_t>(EPOLLIN)) | (wanted ? EPOLLOUT : 0u);
  event.data.u64 = bot.link->index();
  epoll_ctl(epoll_, EPOLL_CTL_MOD, bot.link->fd(), &event);
  bot.registered_write = wanted;
}

void Swarm::stall(std::size_t one_in) {
  for (std::size_t i = 0; i < bots_.size(); ++i) {
    Bot& bot = bots_[i];
    const bool stalled = one_in > 0 && i % one_in == one_in - 1;
    if (stalled == bot.stalled || !bot.link) continue;
    bot.stalled = stalled;
    // What the kernel would take in meanwhile is not read either; a small buffer fills at once.
    const int room = stalled ? kStalledBytes : kReadingBytes;
    setsockopt(bot.link->fd(), SOL_SOCKET, SO_RCVBUF, &room, sizeof room);
    watch(bot, true);
  }
}

double Swarm::recover(double timeout_s) {
  std::vector<const Eye*> behind;
  for (const Bot& bot : bots_)
    if (bot.stalled && bot.inside && bot.eye) behind.push_back(bot.eye.get());
  stall(0);
  const double start = monotonic_seconds();
  while (monotonic_seconds() - start < timeout_s) {
    walk(0.01);
    const double now = monotonic_seconds();
    const double wanted = host_clock_.target_at(now - kCaughtUpS - options_.delay_s);
    if (std::ranges::all_of(behind, [&](const Eye* eye) { return caught_up(eye->picture(), wanted); }))
      return now - start;
  }
  return -1;
}

void Swarm::poll(int timeout_ms) {
  epoll_event events[512];
  const int count = epoll_wait(epoll_, events, 512, timeout_ms);
  for (int i = 0; i < count; ++i) {
    Bot& bot = bots_[events[i].data.u64];
    bot.link->keep_binary(bot.eye != nullptr);
    if (events[i].events & EPOLLOUT) bot.link->on_writable();
    if (events[i].events & (EPOLLIN | EPOLLHUP | EPOLLERR)) bot.link->on_readable();
    watch(bot);
  }
}

Status Swarm::join(double per_second, double timeout_s, const std::function<void()>& meanwhile) {
  const double start = monotonic_seconds();
  std::size_t next = 0;
  while (inside_ < bots_.size()) {
    const double elapsed = monotonic_seconds() - start;
    if (elapsed > timeout_s || lost_ > 0)
      return failure(ErrorKind::unavailable, format("{} of {} inside after {:.1f} s; {}", inside_, bots_.size(),
                                                    elapsed, problem_.empty() ? "time is up" : problem_));
    while (next < bots_.size() && static_cast<double>(next) < elapsed * per_second) {
      Bot& bot = bots_[next];
      bot.link = std::make_unique<Link>(events_, next);
      MW_TRY(bot.link->connect(options_.address, tls_));
      epoll_event event{};
      event.events = EPOLLIN | EPOLLOUT;
      event.data.u64 = next++;
      epoll_ctl(epoll_, EPOLL_CTL_ADD, bot.link->fd(), &event);
      bot.registered_write = true;
    }
    poll(1);
    if (meanwhile) meanwhile();
  }
  return ok();
}

SwarmStats Swarm::walk(double seconds, bool record) {
  stats_ = {};
  record_ = record;
  if (record) stats_.slots.resize(bots_.size());
  // Slots go on from walk to walk, so that steps stay a period apart.
  if (started_ == 0) started_ = monotonic_seconds();
  recorded_ = monotonic_seconds();
  for (double now = recorded_; now - recorded_ < seconds; now = monotonic_seconds()) {
    release(now);
    const auto due = static_cast<std::uint64_t>((now - started_) * 1000);
    for (; slot_ <= due; ++slot_) run_slot(slot_, now);
    poll(1);
  }
  record_ = false;
  SwarmStats stats = std::move(stats_);
  stats_ = {};
  return stats;
}

}  // namespace mw::bench
