// Publish and drain: what runs for every frame times every subscriber. No allocation, lock, exception or log here.
#include <algorithm>

#include "base/assert.h"
#include "base/limits.h"
#include "tracks/hub.h"

namespace mw::tracks {

Hub::Track* Hub::find(TrackId id) const {
  const auto found = tracks_.find(id);
  return found == tracks_.end() ? nullptr : found->second.get();
}

void Hub::publish(const FrameRef& frame) {
  Track* const track = find(frame->info().track);
  if (track == nullptr) return;
  ++stats_.published;
  if (track->kind == TrackKind::latest)
    publish_latest(*track, frame);
  else
    publish_ordered(*track, frame);
}

void Hub::publish_latest(Track& track, const FrameRef& frame) {
  const FrameInfo& info = frame->info();
  MW_ASSERT(info.group != 0);
  const std::uint32_t current = track.keyframe ? track.keyframe->info().group : 0;
  if (info.keyframe) {
    if (info.group <= current) return void(++stats_.stale);
    track.keyframe = frame;
    track.newest = FrameRef();
  } else {
    const std::uint32_t newest = track.newest ? track.newest->info().sequence : 0;
    if (info.group != current || info.sequence <= newest) return void(++stats_.stale);
    track.newest = frame;
  }
  if (track.due == 0 && !track.cursors.empty()) due_.push_back(&track);
  track.due = track.cursors.size();
}

bool Hub::fan_out(std::size_t budget) {
  while (!due_.empty()) {
    Track& track = *due_.back();
    while (track.due != 0) {
      if (budget-- == 0) return true;
      serve_next(track);
    }
    due_.pop_back();
  }
  return false;
}

void Hub::serve_next(Track& track) noexcept {
  if (track.next >= track.cursors.size()) track.next = 0;
  if (!serve_latest(track, track.cursors[track.next])) ++stats_.passed_over;
  ++track.next;
  --track.due;
}

bool Hub::serve_latest(const Track& track, Cursor& cursor) noexcept {
  if (!track.keyframe) return true;
  const std::uint32_t group = track.keyframe->info().group;
  if (cursor.group != group) {
    if (!give(cursor.subscriber, track.keyframe)) return false;
    cursor.group = group;
    cursor.position = 1;
  }
  if (track.newest && cursor.position <= track.newest->info().sequence) {
    if (!give(cursor.subscriber, track.newest)) return false;
    cursor.position = std::uint64_t{track.newest->info().sequence} + 1;
  }
  return true;
}

void Hub::publish_ordered(Track& track, const FrameRef& frame) {
  const std::size_t bytes = frame->payload().size();
  while (track.end - track.begin == track.ring.size() ||
         (track.end != track.begin && track.ring_bytes + bytes > limits::kOrderedBacklogBytes))
    drop_oldest(track);
  track.ring[track.end % track.ring.size()] = frame;
  track.ring_bytes += bytes;
  ++track.end;
  std::uint64_t slowest = track.end;
  for (Cursor& cursor : track.cursors) {
    if (cursor.group == kCutOff) continue;
    if (cursor.position < track.begin) {
      cursor.group = kCutOff;
      ++stats_.cut_off;
      sink_.cut_off(cursor.subscriber, track.id);
      continue;
    }
    serve_ordered(track, cursor);
    slowest = std::min(slowest, cursor.position);
  }
  while (track.begin < slowest) drop_oldest(track);  // nobody needs them any more
}

bool Hub::serve_ordered(const Track& track, Cursor& cursor) noexcept {
  if (cursor.group == kCutOff || cursor.position < track.begin) return true;  // the next publish cuts it off
  while (cursor.position < track.end) {
    if (!give(cursor.subscriber, track.ring[cursor.position % track.ring.size()])) return false;
    ++cursor.position;
  }
  return true;
}

void Hub::drop_oldest(Track& track) noexcept {
  FrameRef& oldest = track.ring[track.begin % track.ring.size()];
  track.ring_bytes -= oldest->payload().size();
  oldest = FrameRef();
  ++track.begin;
}

bool Hub::give(Subscriber subscriber, const FrameRef& frame) noexcept {
  if (!sink_.offer(subscriber, frame)) return false;
  ++stats_.sent;
  stats_.bytes += frame->message().size();
  return true;
}

void Hub::drained(Subscriber subscriber) {
  if (subscriber >= subscribers_.size()) return;
  Subscriptions& mine = subscribers_[subscriber];
  for (const Subscription& one : mine.list)
    if (one.track->kind == TrackKind::ordered && !serve_ordered(*one.track, one.track->cursors[one.cursor])) return;
  const std::size_t count = mine.list.size();
  for (std::size_t i = 0; i < count; ++i) {
    const std::size_t which = (mine.turn + i) % count;
    const Subscription& one = mine.list[which];
    if (one.track->kind != TrackKind::latest) continue;
    if (!serve_latest(*one.track, one.track->cursors[one.cursor])) {
      mine.turn = static_cast<std::uint32_t>(which);  // its turn comes first, so that no track starves
      return;
    }
  }
}

}  // namespace mw::tracks
