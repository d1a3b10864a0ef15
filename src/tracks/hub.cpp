#include "tracks/hub.h"

#include <algorithm>

#include "base/assert.h"
#include "base/limits.h"

namespace mw::tracks {

Hub::Hub(Sink& sink) : sink_(sink) {
  nothing_ = fresh_state();
  nothing_->references = 1;
}

Hub::~Hub() = default;

void Hub::open(TrackId id, TrackKind kind) {
  if (spare_tracks_.empty()) {
    track_store_.push_back(std::make_unique<Track>());
    spare_tracks_.push_back(track_store_.back().get());
  }
  Track* const track = spare_tracks_.back();
  spare_tracks_.pop_back();
  track->id = id;
  track->kind = kind;
  if (kind == TrackKind::ordered) track->ring.resize(limits::kOrderedBacklogFrames);
  if (kind == TrackKind::latest) track->alone = std::make_shared<const Choice>(std::vector<TrackId>{id});
  const bool added = tracks_.emplace(id, track).second;
  MW_ASSERT(added);
  ++layout_;
  ++revision_;
}

void Hub::close(TrackId id) {
  Track* const track = find(id);
  if (track == nullptr) return;
  for (const Cursor& cursor : track->cursors)
    std::erase_if(subscribers_[cursor.subscriber].list, [&](const Subscription& one) { return one.track == track; });
  for (std::size_t i = viewers_.size(); i-- > 0 && track->viewers != 0;)
    if (viewers_[i].base == track) unsubscribe(viewers_[i].subscriber, id);
  *track = Track();
  tracks_.erase(id);
  spare_tracks_.push_back(track);
  ++layout_;
  ++revision_;
  chosen_ = true;  // those who got it are to be told
}

bool Hub::subscribe(Subscriber subscriber, TrackId id) {
  Track* const track = find(id);
  if (track == nullptr) return false;
  if (subscriber >= subscribers_.size()) subscribers_.resize(std::size_t{subscriber} + 1);
  auto& list = subscribers_[subscriber].list;
  if (list.size() >= limits::kSubscriptionsPerSession || find_subscription(subscriber, id) != nullptr) return false;
  if (track->kind == TrackKind::ordered) {
    list.push_back({track, static_cast<std::uint32_t>(track->cursors.size())});
    track->cursors.push_back({subscriber, false, track->end});
    return true;
  }
  list.push_back({track, static_cast<std::uint32_t>(viewers_.size())});
  ++track->viewers;
  ++nothing_->references;
  viewers_.push_back({subscriber, track, enter(track->alone), nothing_});
  serve(viewers_.back());
  return true;
}

void Hub::unsubscribe(Subscriber subscriber, TrackId id) {
  Subscription* const found = find_subscription(subscriber, id);
  if (found == nullptr) return;
  const Subscription one = *found;
  auto& list = subscribers_[subscriber].list;
  list.erase(list.begin() + (found - list.data()));
  remove(one);
}

bool Hub::choose(Subscriber subscriber, TrackId base, ChoiceRef choice) {
  const Subscription* const found = find_subscription(subscriber, base);
  if (found == nullptr || found->track->kind != TrackKind::latest) return false;
  Viewer& viewer = viewers_[found->index];
  if (viewer.selection->choice == choice) return true;
  Selection* const before = viewer.selection;
  viewer.selection = enter(choice);
  exit(before);
  chosen_ = true;
  return true;
}

void Hub::leave(Subscriber subscriber) {
  if (subscriber >= subscribers_.size()) return;
  // One by one: removing a viewer of this subscriber moves another of the same subscriber.
  auto& mine = subscribers_[subscriber];
  while (!mine.list.empty()) {
    const Subscription one = mine.list.back();
    mine.list.pop_back();
    remove(one);
  }
  mine = {};
}

std::size_t Hub::subscriptions(TrackId id) const {
  const Track* const track = find(id);
  if (track == nullptr) return 0;
  return track->kind == TrackKind::latest ? track->viewers : track->cursors.size();
}

std::size_t Hub::backlog_bytes(TrackId id) const {
  const Track* const track = find(id);
  return track == nullptr ? 0 : track->ring_bytes;
}

Hub::Subscription* Hub::find_subscription(Subscriber subscriber, TrackId id) {
  if (subscriber >= subscribers_.size()) return nullptr;
  auto& list = subscribers_[subscriber].list;
  const auto found =
      std::find_if(list.begin(), list.end(), [&](const Subscription& one) { return one.track->id == id; });
  return found == list.end() ? nullptr : &*found;
}

void Hub::remove(const Subscription& one) {
  if (one.track->kind == TrackKind::latest)
    remove_viewer(one.index);
  else
    remove_cursor(*one.track, one.index);
}

// The last one takes the removed one's place, and its owner learns the new index.
void Hub::remove_cursor(Track& track, std::uint32_t index) {
  MW_ASSERT(index < track.cursors.size());
  const std::uint32_t last = static_cast<std::uint32_t>(track.cursors.size() - 1);
  if (index != last) {
    track.cursors[index] = track.cursors[last];
    for (Subscription& one : subscribers_[track.cursors[index].subscriber].list)
      if (one.track == &track) one.index = index;
  }
  track.cursors.pop_back();
}

// The one that moves may have been due at its old place, so the round begins anew; who is up to date is passed at no cost.
void Hub::remove_viewer(std::uint32_t index) {
  MW_ASSERT(index < viewers_.size());
  Viewer& gone = viewers_[index];
  --gone.base->viewers;
  exit(gone.selection);
  release(gone.state);
  const std::uint32_t last = static_cast<std::uint32_t>(viewers_.size() - 1);
  if (index != last) {
    gone = viewers_[last];
    for (Subscription& one : subscribers_[gone.subscriber].list)
      if (one.track == gone.base) one.index = index;
  }
  viewers_.pop_back();
  if (due_ != 0) due_ = viewers_.size();
}

Hub::Selection* Hub::enter(const ChoiceRef& choice) {
  MW_ASSERT(choice != nullptr);
  std::unique_ptr<Selection>& selection = selections_[choice.get()];
  if (!selection) {
    if (spare_selections_.empty()) {
      selection = std::make_unique<Selection>();
    } else {
      selection = std::move(spare_selections_.back());
      spare_selections_.pop_back();
    }
    const auto ids = choice->tracks();
    selection->choice = choice;
    selection->tracks.assign(ids.size(), nullptr);
    selection->newest = fresh_state();
    selection->newest->references = 1;
    selection->newest->marks.reserve(ids.size());
    for (const TrackId id : ids) selection->newest->marks.push_back({id});
    selection->checked = selection->layout = 0;
    selection->viewers = 0;
  }
  ++selection->viewers;
  return selection.get();
}

void Hub::exit(Selection* selection) {
  if (--selection->viewers != 0) return;
  release(selection->newest);
  const auto found = selections_.find(selection->choice.get());
  selection->choice = nullptr;
  spare_selections_.push_back(std::move(found->second));
  selections_.erase(found);
}

}  // namespace mw::tracks
