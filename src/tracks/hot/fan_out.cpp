// Rounds over the viewers of latest tracks, and drains. No allocation, lock, exception or log here once the vectors have their size.
#include <algorithm>

#include "base/assert.h"
#include "base/limits.h"
#include "tracks/hub.h"

namespace mw::tracks {

Hub::Track* Hub::find(TrackId id) const {
  const auto found = tracks_.find(id);
  return found == tracks_.end() ? nullptr : found->second;
}

void Hub::publish(const FrameRef& frame, const FrameRef& rekey) {
  Track* const track = find(frame->info().track);
  if (track == nullptr) return;
  ++stats_.published;
  if (track->kind == TrackKind::ordered) return publish_ordered(*track, frame);
  pending_.push_back({frame, rekey});
  if (pending_.size() >= kPendingFrames) flush();
}

void Hub::flush() {
  for (const Pending& one : pending_) take_latest(one.frame, one.rekey);
  pending_.clear();
  if (chosen_) due_ = viewers_.size();
  chosen_ = false;
}

void Hub::take_latest(const FrameRef& frame, const FrameRef& rekey) {
  Track* const track = find(frame->info().track);
  if (track == nullptr) return;
  const FrameInfo& info = frame->info();
  MW_ASSERT(info.group != 0);
  const std::uint32_t current = track->keyframe ? track->keyframe->info().group : 0;
  if (info.keyframe) {
    if (info.group <= current) return void(++stats_.stale);
    track->keyframe = frame;
    track->rekey = rekey;
    track->newest = FrameRef();
  } else {
    const std::uint32_t newest = track->newest ? track->newest->info().sequence : 0;
    if (info.group != current || info.sequence <= newest) return void(++stats_.stale);
    track->newest = frame;
  }
  ++revision_;
  due_ = viewers_.size();
}

bool Hub::fan_out(std::size_t budget) {
  while (due_ != 0) {
    if (budget == 0) return true;
    if (next_ >= viewers_.size()) next_ = 0;
    if (serve(viewers_[next_])) --budget;
    ++next_;
    --due_;
  }
  return false;
}

// Says whether anything was offered, which is what costs.
bool Hub::serve(Viewer& viewer) noexcept {
  Subscriptions& subscriber = subscribers_[viewer.subscriber];
  if (subscriber.blocked) {
    ++stats_.passed_over;
    return false;
  }
  refresh(*viewer.selection);
  bool offered = false;
  while (viewer.state != viewer.selection->newest) {
    State& from = *viewer.state;
    State* const to = take_step(from, *viewer.selection);
    if (from.step) {
      offered = true;
      if (!give(viewer.subscriber, from.step, from.step_frames)) {
        ++stats_.passed_over;
        if (from.references == 1) {  // by the time it drains there is a newer one
          from.step = FrameRef();
          from.step_to = 0;
        }
        if (to->references == 0) release(to);
        return true;
      }
    }
    ++to->references;
    viewer.state = to;
    release(&from);
  }
  return offered;
}

bool Hub::give(Subscriber subscriber, const FrameRef& message, std::uint32_t frames) noexcept {
  if (!sink_.offer(subscriber, message)) {
    subscribers_[subscriber].blocked = true;
    return false;
  }
  stats_.sent += frames;
  ++stats_.messages;
  stats_.bytes += message->message().size();
  return true;
}

void Hub::drained(Subscriber subscriber) {
  if (subscriber >= subscribers_.size()) return;
  Subscriptions& mine = subscribers_[subscriber];
  mine.blocked = false;
  for (const Subscription& one : mine.list)
    if (one.track->kind == TrackKind::ordered && !serve_ordered(*one.track, one.track->cursors[one.index])) return;
  const std::size_t count = mine.list.size();
  for (std::size_t i = 0; i < count; ++i) {
    const std::size_t which = (mine.turn + i) % count;
    const Subscription& one = mine.list[which];
    if (one.track->kind != TrackKind::latest) continue;
    serve(viewers_[one.index]);
    if (mine.blocked) {
      mine.turn = static_cast<std::uint32_t>(which);  // its turn comes first, so that no track starves
      return;
    }
  }
}

}  // namespace mw::tracks
