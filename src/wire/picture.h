// What a client sees of a crowd: the poses tracks that it holds, each with a decoder of its own, laid together into one row
// for each person (schema/frames.md, "Several tracks"). The newest tick of a person wins, of the same tick the finer level.
// Absence from a track's new group is not departure: whoever no track has any more goes after kOrphanTicks. Aggregates stand
// beside the rows, one for each track of theirs.
// Compiled native and to WebAssembly; integers only. Hostile bytes are bounded: kTracksMax decoders, limits::kAvatarsPerWorld
// people, kMembersMax members over all tracks; a frame costs time in proportion to its members plus, when people come or
// go, one pass over the people. No allocation once the vectors reached their size and the tracks are there.
// Thread: belongs to one.
#pragma once

#include <cstdint>
#include <memory>
#include <vector>

#include "base/limits.h"
#include "base/result.h"
#include "wire/aggregate.h"
#include "wire/frame.h"
#include "wire/poses.h"

namespace mw::wire {

class Picture {
 public:
  static constexpr std::uint32_t kOrphanTicks = 20;  // 1 s
  static constexpr std::size_t kTracksMax = 4'096;
  static constexpr std::size_t kMembersMax = 4 * limits::kAvatarsPerWorld;

  // Rows 0 to size() - 1, in no order. A row keeps its place until somebody goes.
  struct Columns {
    std::vector<std::uint32_t> entity;
    std::vector<std::int32_t> x, y, z;  // cm
    std::vector<std::uint8_t> yaw;  // 256 steps a turn
    std::vector<std::uint8_t> animation, speaking, level;
    std::vector<std::uint32_t> tick;  // of which this is the pose
  };

  struct TrackAggregate {
    std::uint32_t track = 0;
    Aggregate aggregate;
  };

  // Takes pose_keyframe, pose_rekey, pose_delta, pose_aggregate and pose_end; other kinds change nothing. Errors: those of PoseDecoder and
  // decode_aggregate; `conflict` for a delta or rekey of a track without a keyframe, and for a track that changes between poses and
  // aggregates; `too_large` over a bound, and then the track is let go.
  Status take(const FrameView& frame);

  const Columns& columns() const { return columns_; }
  std::size_t size() const { return columns_.entity.size(); }
  const std::vector<TrackAggregate>& aggregates() const {
    return aggregates_;
  }  // the newest of each, ascending by track
  std::size_t tracks() const { return tracks_.size() + aggregates_.size(); }
  std::uint32_t newest_tick() const { return newest_; }  // of all frames; 0 before the first

 private:
  struct Member {
    std::uint32_t entity = 0, row = 0;  // the row is a guess that `row_of` checks
  };
  struct Track {
    std::uint32_t id = 0;
    PoseDecoder decoder;
    std::vector<Member> members;  // in the decoder's order, ascending by entity
  };
  struct Orphan {
    std::uint32_t entity = 0, since = 0;
  };

  std::size_t lower(std::uint32_t track) const;
  std::size_t lower_aggregate(std::uint32_t track) const;
  bool has_poses(std::uint32_t track) const;
  bool has_aggregate(std::uint32_t track) const;
  Status aggregate(const FrameView& frame);
  Status keyframe(const FrameView& frame);
  void end(std::uint32_t track);
  bool add_people(const std::vector<Pose>& poses);
  void hold(Track& track);
  void release(const std::vector<Member>& members);
  void lay(Track& track);
  void advance(std::uint32_t tick);
  void remove_gone();
  Member* find(std::uint32_t entity);
  std::uint32_t row_of(Member& member);

  std::vector<std::unique_ptr<Track>> tracks_;  // ascending by id
  std::vector<TrackAggregate> aggregates_;  // ascending by track
  Columns columns_;
  std::vector<std::uint32_t> holders_, orphaned_;  // of each row: tracks that have it; when the last let it go
  std::vector<std::uint8_t> queued_;  // of each row: whether it stands in orphans_
  std::vector<Member> index_;  // everybody, ascending by entity
  std::vector<Orphan> orphans_;  // oldest first
  std::vector<Member> before_, merged_;  // scratch
  std::vector<std::uint32_t> gone_;
  std::size_t members_ = 0;
  std::uint32_t newest_ = 0;
  bool begun_ = false;
};

}  // namespace mw::wire
