#include "world/event_track.h"

#include "base/limits.h"
#include "wire/frame.h"

namespace mw::world {
namespace {

constexpr std::size_t kFrameTarget = limits::kDownstreamFrameBytes / 4;

}  // namespace

void EventTrack::add(const Json& event) {
  auto text = data::to_text(event);
  if (frames_.empty() || frames_.back().size() + text.size() > kFrameTarget) {
    frames_.push_back("[" + text);
  } else {
    frames_.back() += ',';
    frames_.back() += text;
  }
}

tracks::FrameRef EventTrack::make(std::string_view events, bool keyframe) {
  bytes_.clear();
  wire::append_frame(bytes_, {wire::FrameKind::events, track_.value, 1, sequence_, 0}, as_bytes(events));
  return pool_.make({track_, 1, sequence_, keyframe}, bytes_);
}

void EventTrack::flush(tracks::Outlet& outlet) {
  if (frames_.empty()) return;
  for (auto& events : frames_) {
    events += ']';
    ++sequence_;
    outlet.publish(make(events, false));
  }
  frames_.clear();
}

tracks::FrameRef EventTrack::snapshot(const Json& event) {
  MW_ASSERT(!pending());
  return make("[" + data::to_text(event) + "]", true);
}

}  // namespace mw::world
