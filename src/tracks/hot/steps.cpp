// Steps: from what a viewer was sent to the newest of its choice, in one message. No allocation, lock, exception or log here once the
// vectors have their size.
#include <algorithm>

#include "base/assert.h"
#include "tracks/hub.h"
#include "wire/frame.h"

namespace mw::tracks {

Hub::State* Hub::fresh_state() {
  if (spare_states_.empty()) {
    state_store_.push_back(std::make_unique<State>());
    spare_states_.reserve(state_store_.capacity());  // so that giving back never allocates
    spare_states_.push_back(state_store_.back().get());
  }
  State* const state = spare_states_.back();
  spare_states_.pop_back();
  state->serial = ++serial_;
  return state;
}

// Gives back one reference, or a state that nobody took.
void Hub::release(State* state) noexcept {
  if (state->references != 0 && --state->references != 0) return;
  state->step = FrameRef();
  state->step_to = 0;
  state->marks.clear();
  spare_states_.push_back(state);
}

Hub::Mark Hub::mark_of(const Track* track, TrackId id) {
  if (track == nullptr || !track->keyframe) return {id};
  return {id, track->keyframe->info().group, track->newest ? track->newest->info().sequence : 0};
}

void Hub::resolve(Selection& selection) {
  const auto ids = selection.choice->tracks();
  for (std::size_t i = 0; i < ids.size(); ++i) {
    Track*& track = selection.tracks[i];
    if (track == nullptr || track->id != ids[i]) track = find(ids[i]);
    if (track != nullptr && track->kind != TrackKind::latest) track = nullptr;
  }
  selection.layout = layout_;
}

// Makes `newest` say what is newest. Marks that did not change leave it the same state, so that nobody has a step to take.
void Hub::refresh(Selection& selection) {
  if (selection.checked == revision_) return;
  selection.checked = revision_;
  if (selection.layout != layout_) resolve(selection);
  const auto ids = selection.choice->tracks();
  const std::vector<Mark>& known = selection.newest->marks;
  std::size_t same = 0;
  while (same < ids.size() && mark_of(selection.tracks[same], ids[same]) == known[same]) ++same;
  if (same == ids.size()) return;
  State* const state = fresh_state();
  state->marks.reserve(ids.size());
  state->marks.assign(known.begin(), known.begin() + static_cast<std::ptrdiff_t>(same));
  for (std::size_t i = same; i < ids.size(); ++i) state->marks.push_back(mark_of(selection.tracks[i], ids[i]));
  state->references = 1;
  release(selection.newest);
  selection.newest = state;
}

// Puts the step from `from` towards the newest state into `from.step` (empty where there is nothing to say), and returns where
// it leads: the newest state, or one on the way there when a message would grow too long.
Hub::State* Hub::take_step(State& from, Selection& selection) {
  State* const to = selection.newest;
  if (from.step_to == to->serial) return to;
  const std::size_t done = gather(from, selection);
  const std::uint32_t frames = static_cast<std::uint32_t>(pieces_.size()) + ended_;
  from.step = frames == 0 ? FrameRef() : compose(selection.choice->tracks().empty() ? TrackId{} : to->marks[0].track);
  from.step_frames = frames;
  if (done == selection.tracks.size()) {
    from.step_to = to->serial;
    return to;
  }
  from.step_to = 0;  // whoever comes next goes another way
  return partly(from, *to, done);
}

// Collects what is due between two states, and returns how many tracks of the choice that covers: all of them, or those with which the
// message is long enough.
std::size_t Hub::gather(const State& from, const Selection& selection) {
  pieces_.clear();
  ends_.clear();
  piece_bytes_ = 0;
  ended_ = 0;
  auto had = from.marks.begin();
  const std::vector<Mark>& marks = selection.newest->marks;
  for (std::size_t i = 0; i < marks.size(); ++i) {
    if (piece_bytes_ >= kMessageBytes) return i;
    for (; had != from.marks.end() && had->track < marks[i].track; ++had) gather_end(*had);
    const bool known = had != from.marks.end() && had->track == marks[i].track;
    gather(known ? *had++ : Mark{marks[i].track}, marks[i], selection.tracks[i]);
  }
  for (; had != from.marks.end(); ++had) gather_end(*had);
  return marks.size();
}

void Hub::gather(const Mark& before, const Mark& now, const Track* track) {
  if (before == now) return;
  if (now.group == 0) return gather_end(before);
  const auto add = [&](const FrameRef& frame) {
    pieces_.push_back(&frame);
    piece_bytes_ += frame->payload().size();
  };
  const bool opens = before.group != now.group;
  if (opens) add(track->rekey && before.group != 0 && before.group + 1 == now.group ? track->rekey : track->keyframe);
  if (now.sequence != 0 && (opens || now.sequence > before.sequence)) add(track->newest);
}

void Hub::gather_end(const Mark& mark) {
  if (mark.group == 0) return;
  wire::append_frame(ends_, {.kind = wire::FrameKind::pose_end, .track = mark.track.value}, {});
  ++ended_;
}

// The ends come last: what took a track's place is there before it goes.
FrameRef Hub::compose(TrackId track) {
  if (pieces_.size() == 1 && ended_ == 0) return *pieces_[0];
  views_.clear();
  for (const FrameRef* piece : pieces_) views_.push_back((*piece)->payload());
  if (ended_ != 0) views_.push_back(ends_);
  ++stats_.composed;
  return pool_.make({.track = track}, views_);
}

Hub::State* Hub::partly(const State& from, const State& to, std::size_t done) {
  State* const state = fresh_state();
  state->marks.assign(to.marks.begin(), to.marks.begin() + static_cast<std::ptrdiff_t>(done));
  for (const Mark& mark : from.marks)
    if (mark.track >= to.marks[done].track) state->marks.push_back(mark);
  return state;
}

}  // namespace mw::tracks
