// Which latest tracks a viewer gets under its subscription to a base track: the host's choice, made a few times a second (DESIGN.md,
// "The crowd"). Immutable and shared by everybody who gets the same; a hub counts it once, not per viewer.
// Thread: made on the control loop, read on every edge loop.
#pragma once

#include <algorithm>
#include <functional>
#include <memory>
#include <span>
#include <utility>
#include <vector>

#include "base/assert.h"
#include "base/ids.h"

namespace mw::tracks {

class Choice {
 public:
  // `tracks` in ascending order, each once (asserted). Tracks that are not open (yet, or any more) are passed over while they are not.
  explicit Choice(std::vector<TrackId> tracks) : tracks_(std::move(tracks)) {
    MW_ASSERT(std::adjacent_find(tracks_.begin(), tracks_.end(), std::greater_equal<>()) == tracks_.end());
  }
  std::span<const TrackId> tracks() const { return tracks_; }

 private:
  std::vector<TrackId> tracks_;
};

using ChoiceRef = std::shared_ptr<const Choice>;

}  // namespace mw::tracks
