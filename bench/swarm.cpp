#include "bench/swarm.h"

#include <sys/epoll.h>
#include <unistd.h>

#include <algorithm>
#include <cmath>
#include <numbers>

#include "base/format.h"
#include "base/limits.h"
#include "bench/process.h"
#include "wire/claim.h"
#include "wire/frame.h"

namespace mw::bench {
namespace {

constexpr std::size_t kSentKept = 40;  // two seconds of claims
enum CallId { kOpen = 1, kEnter = 2, kSubscribe = 3 };

std::int16_t millimetres_per_second(float metres) {
  return static_cast<std::int16_t>(std::lround(std::clamp(metres, -30.0f, 30.0f) * 1000));
}

std::uint16_t yaw_steps(float radians) {
  return static_cast<std::uint16_t>(std::lround(radians / (2 * std::numbers::pi_v<float>)*65536) & 0xffff);
}

// The host rounds millimetres to centimetres; the exact rule does not matter here, so both neighbours match.
bool same_place(std::int32_t a, std::int32_t b) { return std::abs(a - b) <= 1; }

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
    ++lost_;
    problem_ = why;
  };
  bots_.reserve(options_.clients);
  for (std::size_t i = 0; i < options_.clients; ++i) {
    bots_.push_back(Bot{nullptr, Walker(options_.trace, options_.side_m, options_.seed + i)});
    bots_[i].sampled = i < options_.sampled;
    if (bots_[i].sampled) bots_[i].decoder = std::make_unique<wire::PoseDecoder>();
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
      bot.track = message["result"].value("id", 0u);
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
  by_entity_[bot.entity] = bot.link->index();
  call(bot, kSubscribe, "track.subscribe", {{"track", world["tracks"]["poses"]}});
}

void Swarm::correct(Bot& bot, ByteView frame) {
  ++stats_.corrections;
  const auto correction = wire::decode_correction(frame);
  if (!correction.ok()) return;
  bot.epoch = correction->epoch;
  bot.y = static_cast<float>(correction->y_mm) / 1000;
  const float x = static_cast<float>(correction->x_mm) / 1000, z = static_cast<float>(correction->z_mm) / 1000;
  bot.walker.put(x, z, x, z);
}

void Swarm::binary(Bot& bot, std::size_t size, ByteView payload) {
  stats_.bytes += size;
  if (!payload.empty() && payload[0] == static_cast<Byte>(wire::FrameKind::correction)) return correct(bot, payload);
  ++stats_.pose_frames;
  if (bot.link->index() == 0) stats_.frame_sizes.push_back(static_cast<std::uint32_t>(size));
  ByteView rest = payload;
  while (bot.sampled && !options_.raw && !rest.empty()) {
    const auto frame = wire::read_frame(rest);
    if (!frame.ok()) {
      ++stats_.undecodable;
      return;
    }
    const auto& header = frame->header;
    if (header.track != bot.track) continue;
    const Status status = header.kind == wire::FrameKind::pose_keyframe
                              ? bot.decoder->keyframe(header.group, frame->payload)
                              : bot.decoder->delta(header.group, frame->payload);
    if (!status.ok()) {
      ++stats_.undecodable;
      continue;
    }
    stats_.sampled_bytes += size;
    take_poses(bot);
  }
}

void Swarm::take_poses(Bot& bot) {
  const double now = monotonic_seconds();
  stats_.sampled_poses += bot.decoder->poses().size();
  for (const wire::Pose& pose : bot.decoder->poses()) {
    const auto found = by_entity_.find(pose.entity.value);
    if (found == by_entity_.end()) continue;
    const auto& sent = bots_[found->second].sent;
    // The newest claim that this pose can be: "no change" is news too.
    const auto match = std::find_if(sent.rbegin(), sent.rend(), [&](const Sent& one) {
      return same_place(one.x_cm, pose.x_cm) && same_place(one.z_cm, pose.z_cm);
    });
    if (match == sent.rend()) {
      ++stats_.unmatched;
    } else {
      stats_.ages_ms.push_back(static_cast<float>((now - match->time) * 1000));
    }
  }
}

void Swarm::send_claim(Bot& bot, double now) {
  if (!bot.inside) return;
  bot.walker.step(1.0f / static_cast<float>(options_.claims_hz));
  const Mover& mover = bot.walker.now();
  wire::PoseClaim claim;
  claim.epoch = bot.epoch;
  claim.sequence = ++bot.sequence;
  claim.time_ms = static_cast<std::uint32_t>(now * 1000);
  claim.x_mm = static_cast<std::int32_t>(std::lround(mover.x * 1000));
  claim.y_mm = static_cast<std::int32_t>(std::lround(bot.y * 1000));
  claim.z_mm = static_cast<std::int32_t>(std::lround(mover.z * 1000));
  claim.vx_mm_s = millimetres_per_second(mover.vx);
  claim.vz_mm_s = millimetres_per_second(mover.vz);
  claim.yaw = yaw_steps(mover.yaw);
  bot.link->send_binary(wire::encode(claim));
  bot.sent.push_back({claim.x_mm / 10, claim.z_mm / 10, now});
  if (bot.sent.size() > kSentKept) bot.sent.pop_front();
  ++stats_.claims;
  watch(bot);
}

void Swarm::watch(Bot& bot) {
  const bool wanted = bot.link->state() != Link::State::closed && bot.link->wants_write();
  if (bot.link->fd() < 0 || wanted == bot.registered_write) return;
  epoll_event event{};
  event.events = EPOLLIN | (wanted ? EPOLLOUT : 0u);
  event.data.u64 = bot.link->index();
  epoll_ctl(epoll_, EPOLL_CTL_MOD, bot.link->fd(), &event);
  bot.registered_write = wanted;
}

void Swarm::poll(int timeout_ms) {
  epoll_event events[512];
  const int count = epoll_wait(epoll_, events, 512, timeout_ms);
  for (int i = 0; i < count; ++i) {
    Bot& bot = bots_[events[i].data.u64];
    bot.link->keep_binary(bot.sampled);
    if (events[i].events & EPOLLOUT) bot.link->on_writable();
    if (events[i].events & (EPOLLIN | EPOLLHUP | EPOLLERR)) bot.link->on_readable();
    watch(bot);
  }
}

Status Swarm::join(double per_second, double timeout_s) {
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
  }
  return ok();
}

SwarmStats Swarm::walk(double seconds, bool count) {
  stats_ = {};
  started_ = monotonic_seconds();
  slot_ = 0;
  const std::size_t period = static_cast<std::size_t>(1000 / options_.claims_hz);
  for (;;) {
    const double now = monotonic_seconds();
    if (now - started_ >= seconds) break;
    const auto due = static_cast<std::uint64_t>((now - started_) * 1000);
    // Claims are spread over the period, as those of strangers are.
    for (; slot_ <= due; ++slot_)
      for (std::size_t i = slot_ % period; i < bots_.size(); i += period) send_claim(bots_[i], now);
    poll(1);
  }
  SwarmStats stats = std::move(stats_);
  stats_ = {};
  return count ? stats : SwarmStats{};
}

}  // namespace mw::bench
