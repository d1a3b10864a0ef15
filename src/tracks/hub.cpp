#include "tracks/hub.h"

#include <algorithm>

#include "base/assert.h"
#include "base/limits.h"

namespace mw::tracks {

Hub::~Hub() = default;

void Hub::open(TrackId id, TrackKind kind) {
  auto track = std::make_unique<Track>();
  track->id = id;
  track->kind = kind;
  if (kind == TrackKind::ordered) track->ring.resize(limits::kOrderedBacklogFrames);
  const bool added = tracks_.emplace(id, std::move(track)).second;
  MW_ASSERT(added);
  due_.reserve(tracks_.size());
}

void Hub::close(TrackId id) {
  const auto found = tracks_.find(id);
  if (found == tracks_.end()) return;
  std::erase(due_, found->second.get());
  for (const Cursor& cursor : found->second->cursors) forget(cursor.subscriber, *found->second);
  tracks_.erase(found);
}

bool Hub::subscribe(Subscriber subscriber, TrackId id) {
  Track* const track = find(id);
  if (track == nullptr) return false;
  if (subscriber >= subscribers_.size()) subscribers_.resize(std::size_t{subscriber} + 1);
  auto& list = subscribers_[subscriber].list;
  if (list.size() >= limits::kSubscriptionsPerSession) return false;
  if (std::any_of(list.begin(), list.end(), [&](const Subscription& one) { return one.track == track; })) return false;
  list.push_back({track, static_cast<std::uint32_t>(track->cursors.size())});
  Cursor& cursor = track->cursors.emplace_back();
  cursor.subscriber = subscriber;
  cursor.position = track->end;
  if (track->kind == TrackKind::latest) serve_latest(*track, cursor);
  return true;
}

void Hub::unsubscribe(Subscriber subscriber, TrackId id) {
  Track* const track = find(id);
  if (track == nullptr || subscriber >= subscribers_.size()) return;
  auto& list = subscribers_[subscriber].list;
  const auto found =
      std::find_if(list.begin(), list.end(), [&](const Subscription& one) { return one.track == track; });
  if (found == list.end()) return;
  const std::uint32_t cursor = found->cursor;
  list.erase(found);
  remove_cursor(*track, cursor);
}

void Hub::leave(Subscriber subscriber) {
  if (subscriber >= subscribers_.size()) return;
  // Taken out first: removing a cursor looks at the lists of others only.
  const std::vector<Subscription> list = std::move(subscribers_[subscriber].list);
  subscribers_[subscriber] = {};
  for (const Subscription& one : list) remove_cursor(*one.track, one.cursor);
}

std::size_t Hub::subscriptions(TrackId id) const {
  const Track* const track = find(id);
  return track == nullptr ? 0 : track->cursors.size();
}

std::size_t Hub::backlog_bytes(TrackId id) const {
  const Track* const track = find(id);
  return track == nullptr ? 0 : track->ring_bytes;
}

// The last cursor takes the removed one's place, and its owner learns the new index. It may have been due at its old place, so
// the round begins anew; who has the newest frame is passed at no cost.
void Hub::remove_cursor(Track& track, std::uint32_t index) {
  MW_ASSERT(index < track.cursors.size());
  const std::uint32_t last = static_cast<std::uint32_t>(track.cursors.size() - 1);
  if (index != last) {
    track.cursors[index] = track.cursors[last];
    for (Subscription& one : subscribers_[track.cursors[index].subscriber].list)
      if (one.track == &track) one.cursor = index;
  }
  track.cursors.pop_back();
  if (track.due != 0) track.due = track.cursors.size();
  if (track.due == 0) std::erase(due_, &track);
}

void Hub::forget(Subscriber subscriber, const Track& track) {
  std::erase_if(subscribers_[subscriber].list, [&](const Subscription& one) { return one.track == &track; });
}

}  // namespace mw::tracks
