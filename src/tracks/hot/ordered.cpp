// Ordered tracks: what runs for every frame times every subscriber. No allocation, lock, exception or log here.
#include <algorithm>

#include "base/limits.h"
#include "tracks/hub.h"

namespace mw::tracks {

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
    if (cursor.cut_off) continue;
    if (cursor.position < track.begin) {
      cursor.cut_off = true;
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
  if (cursor.cut_off || cursor.position < track.begin) return true;  // the next publish cuts it off
  while (cursor.position < track.end) {
    if (!give(cursor.subscriber, track.ring[cursor.position % track.ring.size()], 1)) return false;
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

}  // namespace mw::tracks
