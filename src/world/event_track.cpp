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

std::vector<tracks::FrameRef> EventTrack::snapshot(Json event, const List& list) {
  MW_ASSERT(!pending());
  Json& first = event[list.name] = Json::array();
  std::size_t bytes = 0, taken = 0;
  for (; taken < list.items.size() && bytes < kFrameTarget; ++taken) {
    bytes += data::to_text(list.items[taken]).size() + 1;
    first.push_back(list.items[taken]);
  }
  add(event);
  for (; taken < list.items.size(); ++taken) add(list.follow(list.items[taken]));
  std::vector<tracks::FrameRef> parts;
  parts.reserve(frames_.size());
  for (const auto& events : frames_) parts.push_back(make(events + "]", true));
  frames_.clear();
  return parts;
}

}  // namespace mw::world
