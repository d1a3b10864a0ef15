#include "bench/peer.h"

#include <sys/epoll.h>
#include <unistd.h>

#include <algorithm>
#include <cmath>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <memory>
#include <string>
#include <vector>

#include "base/format.h"
#include "bench/distribution.h"
#include "bench/link.h"
#include "bench/process.h"

namespace mw::bench {
namespace {

namespace fs = std::filesystem;

constexpr const char* kFolder = "bench/peers/colyseus";
constexpr int kServerCore = 0, kClientCore = 1;
constexpr double kEnoughHz = 19, kHz = 20;
constexpr double kJoinsPerSecond = 150, kWarmUpSeconds = 2, kProbeSeconds = 5;
constexpr Byte kJoinRoom = 10, kRoomDataBytes = 17;  // of its protocol

// The load: each client takes a seat, answers the greeting, and from then on counts bytes and sends its pose.
class Load {
 public:
  Load(const PeerOptions& options, int port, std::vector<std::string> seats) : port_(port), seats_(std::move(seats)) {
    epoll_ = epoll_create1(EPOLL_CLOEXEC);
    events_.text = [](Link&, std::string_view) {};
    events_.binary = [this](Link& link, std::size_t size, ByteView) { taken(bots_[link.index()], size); };
    events_.closed = [this](Link&, std::string_view why) {
      ++lost;
      problem = why;
    };
    for (std::size_t i = 0; i < seats_.size(); ++i)
      bots_.push_back({nullptr, Walker(options.trace, options.side_m, options.seed + i)});
  }
  Load(const Load&) = delete;
  Load& operator=(const Load&) = delete;
  ~Load() {
    events_ = {};
    bots_.clear();
    ::close(epoll_);
  }

  Status join(double timeout_s) {
    const double start = monotonic_seconds();
    std::size_t next = 0;
    while (inside_ < bots_.size()) {
      const double elapsed = monotonic_seconds() - start;
      if (elapsed > timeout_s || lost > 0)
        return failure(ErrorKind::unavailable, format("{} of {} inside; {}", inside_, bots_.size(), problem));
      for (; next < bots_.size() && static_cast<double>(next) < elapsed * kJoinsPerSecond; ++next) {
        auto& link = bots_[next].link;
        link = std::make_unique<Link>(events_, next);
        MW_TRY(link->connect({.host = "127.0.0.1", .port = port_, .path = seats_[next], .protocol = ""}, nullptr));
        epoll_event event{};
        event.events = EPOLLIN | EPOLLOUT;
        event.data.u64 = next;
        epoll_ctl(epoll_, EPOLL_CTL_ADD, link->fd(), &event);
      }
      poll();
    }
    return ok();
  }

  void walk(double seconds) {
    bytes = messages = sent = 0;
    const double start = monotonic_seconds();
    std::uint64_t slot = 0;
    for (double now = start; now - start < seconds; now = monotonic_seconds()) {
      for (const auto due = static_cast<std::uint64_t>((now - start) * 1000); slot <= due; ++slot)
        for (std::size_t i = slot % 50; i < bots_.size(); i += 50) send_pose(bots_[i], i == 0, now);
      poll();
    }
  }

  std::uint64_t bytes = 0, messages = 0, sent = 0, lost = 0;
  std::string problem;

 private:
  struct Bot {
    std::unique_ptr<Link> link;
    Walker walker;
    bool greeted = false, watched_for_write = true;
  };

  void taken(Bot& bot, std::size_t size) {
    if (!bot.greeted) {  // the first message: the room's greeting; it wants to be told that we have it
      bot.greeted = true;
      bot.link->send_binary({&kJoinRoom, 1});
      ++inside_;
      return;
    }
    bytes += size;
    ++messages;
  }

  void send_pose(Bot& bot, bool tells_time, double now) {
    if (!bot.greeted || bot.link->state() != Link::State::open) return;
    bot.walker.step(static_cast<float>(1 / kHz));
    const Mover& mover = bot.walker.now();
    const float y = tells_time ? static_cast<float>(std::fmod(now * 1000, 1 << 20)) : 0;
    const float pose[4] = {mover.x, y, mover.z, mover.yaw};
    Byte message[3 + sizeof pose] = {kRoomDataBytes, 0xa1, 'p'};  // the type's name, in MessagePack
    std::memcpy(message + 3, pose, sizeof pose);
    bot.link->send_binary(message);
    ++sent;
  }

  void poll() {
    epoll_event events[512];
    const int count = epoll_wait(epoll_, events, 512, 1);
    for (int i = 0; i < count; ++i) {
      Bot& bot = bots_[events[i].data.u64];
      if (events[i].events & EPOLLOUT) bot.link->on_writable();
      if (events[i].events & (EPOLLIN | EPOLLHUP | EPOLLERR)) bot.link->on_readable();
      const bool wanted = bot.link->state() != Link::State::closed && bot.link->wants_write();
      if (bot.link->fd() < 0 || wanted == bot.watched_for_write) continue;
      epoll_event event{};
      event.events = EPOLLIN | (wanted ? EPOLLOUT : 0u);
      event.data.u64 = events[i].data.u64;
      epoll_ctl(epoll_, EPOLL_CTL_MOD, bot.link->fd(), &event);
      bot.watched_for_write = wanted;
    }
  }

  int port_;
  std::vector<std::string> seats_;
  int epoll_ = -1;
  Link::Events events_;
  std::vector<Bot> bots_;
  std::size_t inside_ = 0;
};

Result<std::string> wait_for_file(const std::string& file, const Process& process, double timeout_s) {
  const double until = monotonic_seconds() + timeout_s;
  while (!fs::exists(file)) {
    if (!process.running() || monotonic_seconds() > until)
      return failure(ErrorKind::unavailable, format("the peer made no {}", file));
    usleep(50'000);
  }
  std::ifstream in(file);
  return std::string(std::istreambuf_iterator<char>(in), {});
}

Json probe(int port, const std::string& folder, Load& load) {
  const std::string log = folder + "/probe.log";
  const auto process = Process::start({"/bin/bash", "tools/with-node", format("{}/probe.mjs", kFolder),
                                       std::to_string(port), format("{}", kProbeSeconds)},
                                      kClientCore, log);
  if (!process.ok()) return {};
  for (int i = 0; i < 30 && process->running(); ++i) load.walk(1);
  std::ifstream in(log);
  std::string line, last;
  while (std::getline(in, line)) last = line;
  const auto json = data::parse_json(last);
  return json.ok() ? *json : Json(last);
}

Result<Json> measure(const PeerOptions& options, std::size_t clients, const std::string& folder, bool with_probe) {
  const std::string ready = format("{}/ready-{}-{}", folder, clients, with_probe ? 1 : 0);
  const auto server =
      Process::start({"/bin/bash", "tools/with-node", format("{}/server.mjs", kFolder), ready, std::to_string(clients)},
                     kServerCore, folder + "/server.log");
  if (!server.ok()) return server.error();
  const auto text = wait_for_file(ready, *server, 30);
  if (!text.ok()) return text.error();
  const auto said = data::parse_json(*text);
  if (!said.ok()) return said.error();
  const int port = (*said)["port"].get<int>();
  Load load(options, port, (*said)["seats"].get<std::vector<std::string>>());
  MW_TRY(load.join(20 + static_cast<double>(clients) / 20));
  load.walk(kWarmUpSeconds);
  const double cpu = server->cpu_seconds(), own = own_cpu_seconds(), start = monotonic_seconds();
  load.walk(options.seconds);
  const double wall = monotonic_seconds() - start, people = static_cast<double>(clients);
  if (load.lost > 0) return failure(ErrorKind::unavailable, format("{} were cut off: {}", load.lost, load.problem));
  const auto messages = static_cast<double>(load.messages), bytes = static_cast<double>(load.bytes);
  Json out{{"clients", clients},
           {"delivered_hz", rounded(messages / people / wall, 2)},
           {"upstream_hz", rounded(static_cast<double>(load.sent) / people / wall, 2)},
           {"server_core", rounded((server->cpu_seconds() - cpu) / wall, 3)},
           {"client_core", rounded((own_cpu_seconds() - own) / wall, 3)},
           {"mbit_per_client", rounded(bytes * 8e-6 / people / wall, 3)},
           {"bytes_per_pose", rounded(bytes / std::max(1.0, messages * people), 2)},
           {"memory_mb", rounded(static_cast<double>(server->memory_bytes()) / 1048576, 1)}};
  if (with_probe) out["probe"] = probe(port, folder, load);
  return out;
}

Result<Json> search(const PeerOptions& options, const std::string& folder) {
  const double until = monotonic_seconds() + options.patience_s;
  std::size_t enough = 0, too_many = 0;
  Json runs = Json::array();
  for (std::size_t next = options.first; next > 0 && monotonic_seconds() < until;) {
    auto run = measure(options, next, folder, false);
    // Who cannot even let them in is beyond its knee.
    const bool kept = run.ok() && run->value("delivered_hz", 0.0) >= kEnoughHz;
    runs.push_back(run.ok() ? *run : Json{{"clients", next}, {"delivered_hz", 0}, {"problem", run.error().text()}});
    (kept ? enough : too_many) = next;
    if (too_many > 0 && too_many - enough <= std::max<std::size_t>(25, too_many / 10)) break;
    next = too_many == 0 ? next * 2 : (enough + too_many) / 2;
  }
  if (enough == 0)
    return failure(ErrorKind::unavailable, "the peer kept 19 patches a second at no size: " + runs.dump());
  auto best = measure(options, enough, folder, true);
  if (!best.ok()) return best.error();
  (*best)["peer"] = "Colyseus 0.18.17, schema";
  (*best)["runs"] = std::move(runs);
  return best;
}

}  // namespace

Result<Json> run_colyseus(const PeerOptions& options) {
  if (!fs::exists(format("{}/server.mjs", kFolder)))
    return failure(ErrorKind::not_found, format("there is no {} here: run this in the project's folder", kFolder));
  std::string folder = (fs::temp_directory_path() / "manyworlds-peer-XXXXXX").string();
  if (!mkdtemp(folder.data())) return failure(ErrorKind::unavailable, "cannot make a temporary folder");
  raise_file_limit();
  const std::string log = folder + "/install.log";
  {
    const auto install = Process::start({"/bin/bash", "tools/build-bench-peers"}, -1, log);
    if (!install.ok()) return install.error();
    while (install->running()) usleep(100'000);
  }
  auto result = search(options, folder);
  if (!result.ok() && !fs::exists(format("{}/node_modules", kFolder))) {
    std::ifstream in(log);
    result = failure(ErrorKind::unavailable, std::string(std::istreambuf_iterator<char>(in), {}));
  }
  std::error_code ignored;
  fs::remove_all(folder, ignored);
  return result;
}

}  // namespace mw::bench
