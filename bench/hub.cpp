#include "bench/hub.h"

#include <time.h>

#include <cmath>
#include <memory>
#include <utility>
#include <vector>

#include "tracks/hub.h"

namespace mw::bench {
namespace {

constexpr TrackId kBase{1};
constexpr std::size_t kWarmUpTicks = 6;

enum class Way : std::uint8_t { one_track, shared, own };

class Nowhere final : public tracks::Hub::Sink {
 public:
  bool offer(tracks::Hub::Subscriber, const tracks::FrameRef& message) noexcept override {
    bytes += message->message().size();
    return true;
  }
  void cut_off(tracks::Hub::Subscriber, TrackId) noexcept override {}
  std::size_t bytes = 0;
};

double processor_ns() {
  timespec time{};
  clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time);
  return static_cast<double>(time.tv_sec) * 1e9 + static_cast<double>(time.tv_nsec);
}

double measure(const HubOptions& options, Way way) {
  tracks::FramePool pool;
  Nowhere sink;
  tracks::Hub hub(sink);
  hub.open(kBase, tracks::TrackKind::latest);
  std::vector<TrackId> ids;
  ids.reserve(options.tracks);
  for (std::size_t i = 0; i < options.tracks; ++i) {
    ids.push_back(TrackId{static_cast<std::uint32_t>(10 + i)});
    hub.open(ids.back(), tracks::TrackKind::latest);
  }
  auto choice = std::make_shared<const tracks::Choice>(ids);
  for (std::size_t i = 0; i < options.viewers; ++i) {
    const auto viewer = static_cast<tracks::Hub::Subscriber>(i);
    hub.subscribe(viewer, kBase);
    if (way == Way::own) choice = std::make_shared<const tracks::Choice>(ids);
    if (way != Way::one_track) hub.choose(viewer, kBase, choice);
  }
  const Bytes small(options.frame_bytes), large(options.frame_bytes * options.tracks);
  double spent = 0;
  for (std::size_t i = 0; i < kWarmUpTicks + options.ticks; ++i) {
    const auto sequence = static_cast<std::uint32_t>(i);
    if (way == Way::one_track) {
      hub.publish(pool.make({kBase, 1, sequence, i == 0}, large));
    } else {
      for (const TrackId id : ids) hub.publish(pool.make({id, 1, sequence, i == 0}, small));
    }
    const double start = processor_ns();
    hub.flush();
    while (hub.fan_out(options.viewers)) {
    }
    if (i >= kWarmUpTicks) spent += processor_ns() - start;
  }
  return std::round(spent / static_cast<double>(options.ticks) / static_cast<double>(options.viewers) * 10) / 10;
}

}  // namespace

Result<Json> run_hub(const HubOptions& options) {
  return Json{
      {"benchmark", "hub"},
      {"viewers", options.viewers},
      {"tracks", options.tracks},
      {"frame_bytes", options.frame_bytes},
      {"one_track_ns", measure(options, Way::one_track)},
      {"shared_ns", measure(options, Way::shared)},
      {"own_ns", measure(options, Way::own)},
  };
}

}  // namespace mw::bench
