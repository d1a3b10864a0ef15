#include "wire/picture.h"

#include <algorithm>

namespace mw::wire {
namespace {

// Ticks wrap: later is what lies less than half the numbers ahead.
bool later(std::uint32_t a, std::uint32_t b) { return static_cast<std::int32_t>(a - b) > 0; }

bool by_entity(const auto& a, const auto& b) { return a.entity < b.entity; }

template <typename F>
void each_column(Picture::Columns& c, F&& f) {
  f(c.entity);
  f(c.x);
  f(c.y);
  f(c.z);
  f(c.yaw);
  f(c.animation);
  f(c.speaking);
  f(c.level);
  f(c.tick);
}

}  // namespace

Status Picture::take(const FrameView& frame) {
  switch (frame.header.kind) {
    case FrameKind::pose_keyframe:
    case FrameKind::pose_rekey: return keyframe(frame);
    case FrameKind::pose_delta: {
      if (!has_poses(frame.header.track)) {
        return failure(ErrorKind::conflict, "no keyframe came of the delta's track");
      }
      Track& track = *tracks_[lower(frame.header.track)];
      if (auto status = track.decoder.delta(frame.header.group, frame.payload); !status) return status;
      lay(track);
      return ok();
    }
    case FrameKind::pose_aggregate: return aggregate(frame);
    case FrameKind::pose_end:
      if (!frame.payload.empty()) return invalid("length", "expected no payload");
      end(frame.header.track);
      return ok();
    default: return ok();
  }
}

std::size_t Picture::lower(std::uint32_t track) const {
  const auto at = std::lower_bound(tracks_.begin(), tracks_.end(), track,
                                   [](const auto& held, std::uint32_t id) { return held->id < id; });
  return static_cast<std::size_t>(at - tracks_.begin());
}

std::size_t Picture::lower_aggregate(std::uint32_t track) const {
  const auto at = std::lower_bound(aggregates_.begin(), aggregates_.end(), track,
                                   [](const TrackAggregate& held, std::uint32_t id) { return held.track < id; });
  return static_cast<std::size_t>(at - aggregates_.begin());
}

bool Picture::has_poses(std::uint32_t track) const {
  const std::size_t at = lower(track);
  return at < tracks_.size() && tracks_[at]->id == track;
}

bool Picture::has_aggregate(std::uint32_t track) const {
  const std::size_t at = lower_aggregate(track);
  return at < aggregates_.size() && aggregates_[at].track == track;
}

Status Picture::aggregate(const FrameView& frame) {
  const std::uint32_t id = frame.header.track;
  if (has_poses(id)) return failure(ErrorKind::conflict, "the track is one of poses");
  const auto read = decode_aggregate(frame.payload);
  if (!read) return read.error();
  const std::size_t at = lower_aggregate(id);
  if (!has_aggregate(id)) {
    if (tracks() >= kTracksMax) return failure(ErrorKind::too_large, "more poses tracks than a client holds");
    aggregates_.insert(aggregates_.begin() + static_cast<std::ptrdiff_t>(at), {id, {}});
  }
  aggregates_[at].aggregate = *read;
  advance(read->tick);
  return ok();
}

Status Picture::keyframe(const FrameView& frame) {
  const std::uint32_t id = frame.header.track;
  if (has_aggregate(id)) return failure(ErrorKind::conflict, "the track is one of aggregates");
  const std::size_t at = lower(id);
  const bool known = has_poses(id), rekey = frame.header.kind == FrameKind::pose_rekey;
  if (rekey && !known) return failure(ErrorKind::conflict, "no keyframe came of the rekey's track");
  if (!known && tracks() >= kTracksMax) return failure(ErrorKind::too_large, "more poses tracks than a client holds");
  auto fresh = known ? nullptr : std::make_unique<Track>();
  PoseDecoder& decoder = known ? tracks_[at]->decoder : fresh->decoder;
  const auto status =
      rekey ? decoder.rekey(frame.header.group, frame.payload) : decoder.keyframe(frame.header.group, frame.payload);
  if (!status) return status;
  if (!known) {
    fresh->id = id;
    tracks_.insert(tracks_.begin() + static_cast<std::ptrdiff_t>(at), std::move(fresh));
  }
  Track& track = *tracks_[at];
  const auto& poses = track.decoder.poses();
  if (members_ - track.members.size() + poses.size() > kMembersMax || !add_people(poses)) {
    end(id);
    return failure(ErrorKind::too_large, "more people than a world has");
  }
  members_ = members_ - track.members.size() + poses.size();
  before_.swap(track.members);
  hold(track);
  lay(track);
  release(before_);  // after the frame's tick is known: from then on they count as absent
  return ok();
}

void Picture::end(std::uint32_t track) {
  if (has_aggregate(track))
    aggregates_.erase(aggregates_.begin() + static_cast<std::ptrdiff_t>(lower_aggregate(track)));
  if (!has_poses(track)) return;
  const std::size_t at = lower(track);
  members_ -= tracks_[at]->members.size();
  release(tracks_[at]->members);
  tracks_.erase(tracks_.begin() + static_cast<std::ptrdiff_t>(at));
}

// Makes rows for those who have none. False, and nothing changed, when there would be too many.
bool Picture::add_people(const std::vector<Pose>& poses) {
  const std::size_t known = index_.size();
  for (const auto& pose : poses) {
    const Member wanted{pose.entity.value, 0};
    const auto end = index_.begin() + static_cast<std::ptrdiff_t>(known);
    const auto at = std::lower_bound(index_.begin(), end, wanted, by_entity<Member, Member>);
    if (at != end && at->entity == wanted.entity) continue;
    index_.push_back({wanted.entity, static_cast<std::uint32_t>(index_.size())});
  }
  if (index_.size() > limits::kAvatarsPerWorld) {
    index_.resize(known);
    return false;
  }
  const std::size_t count = index_.size();
  each_column(columns_, [&](auto& column) { column.resize(count); });
  holders_.resize(count);
  orphaned_.resize(count);
  queued_.resize(count);
  for (std::size_t row = known; row < count; ++row) {
    columns_.entity[row] = index_[row].entity;
    columns_.level[row] = kPoseLevels;  // no pose yet: any is better
  }
  if (known < count) {
    const auto middle = index_.begin() + static_cast<std::ptrdiff_t>(known);
    merged_.resize(count);
    std::merge(index_.begin(), middle, middle, index_.end(), merged_.begin(), by_entity<Member, Member>);
    index_.swap(merged_);
  }
  return true;
}

void Picture::hold(Track& track) {
  const auto& poses = track.decoder.poses();
  track.members.resize(poses.size());
  for (std::size_t i = 0; i < poses.size(); ++i) {
    Member& member = track.members[i];
    member = *find(poses[i].entity.value);
    holders_[member.row]++;
  }
}

void Picture::release(const std::vector<Member>& members) {
  for (Member member : members) {
    const std::uint32_t row = row_of(member);
    if (--holders_[row] > 0) continue;
    orphaned_[row] = newest_;
    if (queued_[row] == 0) orphans_.push_back({member.entity, newest_});
    queued_[row] = 1;
  }
}

void Picture::lay(Track& track) {
  const auto& poses = track.decoder.poses();
  const std::uint32_t tick = track.decoder.tick();
  const auto level = static_cast<std::uint8_t>(track.decoder.level());
  for (std::size_t i = 0; i < poses.size(); ++i) {
    const std::uint32_t row = row_of(track.members[i]);
    const bool wins = columns_.level[row] == kPoseLevels || later(tick, columns_.tick[row]) ||
                      (tick == columns_.tick[row] && level <= columns_.level[row]);
    if (!wins) continue;
    const Pose& pose = poses[i];
    columns_.x[row] = pose.x_cm;
    columns_.y[row] = pose.y_cm;
    columns_.z[row] = pose.z_cm;
    columns_.yaw[row] = pose.yaw;
    columns_.animation[row] = static_cast<std::uint8_t>(pose.animation);
    columns_.speaking[row] = pose.speaking;
    columns_.level[row] = level;
    columns_.tick[row] = tick;
  }
  advance(tick);
}

void Picture::advance(std::uint32_t tick) {
  if (begun_ && !later(tick, newest_)) return;
  newest_ = tick;
  begun_ = true;
  gone_.clear();
  std::size_t done = 0;
  for (; done < orphans_.size(); ++done) {
    const auto [entity, since] = orphans_[done];
    if (newest_ - since <= kOrphanTicks) break;
    const std::uint32_t row = find(entity)->row;
    if (holders_[row] == 0 && newest_ - orphaned_[row] <= kOrphanTicks) {  // it was back in between
      orphans_.push_back({entity, orphaned_[row]});
      continue;
    }
    queued_[row] = 0;
    if (holders_[row] == 0) gone_.push_back(row);
  }
  orphans_.erase(orphans_.begin(), orphans_.begin() + static_cast<std::ptrdiff_t>(done));
  if (!gone_.empty()) remove_gone();
}

// The last row takes each place that comes free, from the highest down, so that it is never one of those who go.
void Picture::remove_gone() {
  std::sort(gone_.begin(), gone_.end(), std::greater<>());
  for (const auto row : gone_) columns_.level[row] = kPoseLevels + 1;
  std::erase_if(index_, [&](const Member& m) { return columns_.level[m.row] == kPoseLevels + 1; });
  for (const auto row : gone_) {
    const std::size_t last = size() - 1;
    const auto move = [&](auto& column) {
      column[row] = column[last];
      column.pop_back();
    };
    if (row != last) find(columns_.entity[last])->row = row;
    each_column(columns_, move);
    move(holders_);
    move(orphaned_);
    move(queued_);
  }
}

// The entity's place in the index; null when nobody is known by it.
Picture::Member* Picture::find(std::uint32_t entity) {
  const auto at = std::lower_bound(index_.begin(), index_.end(), Member{entity, 0}, by_entity<Member, Member>);
  return at != index_.end() && at->entity == entity ? &*at : nullptr;
}

std::uint32_t Picture::row_of(Member& member) {
  if (member.row >= size() || columns_.entity[member.row] != member.entity) member.row = find(member.entity)->row;
  return member.row;
}

}  // namespace mw::wire
