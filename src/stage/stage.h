// Who stands where this tick: one column per property, one row per avatar, in ascending order of entity. A world writes
// its stage; the others (crowd, and later media, ai, twin) read it as const between two ticks. Everything is allocated at
// construction: a tick only stores into columns.
// Units: metres, metres per second, 65536ths of a turn. Axes are glTF's (y up); yaw 0 looks along +z and grows towards +x.
// Thread: the control loop. A row's index is good until the next add or remove.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include "base/ids.h"
#include "motion/motion.h"
#include "wire/poses.h"

namespace mw::stage {

// What changes every tick.
struct Placing {
  motion::Vec3 position;  // of the feet
  motion::Vec3 velocity;
  std::uint16_t yaw = 0;
  wire::Animation animation = wire::Animation::idle;
};

class Stage {
 public:
  explicit Stage(std::size_t capacity);  // at most limits::kAvatarsPerWorld

  std::size_t size() const { return entity_.size(); }
  std::size_t capacity() const { return capacity_; }

  // Writers. Asserts that the stage is not full and that the entity is neither none nor there already.
  std::size_t add(EntityId entity, const Placing& placing, bool simulated);
  void remove(EntityId entity);  // no effect when the entity is not there
  // All at once, in one pass over the columns: half of a full stadium may leave in one tick. Those who are not there are left out.
  void remove(std::span<const EntityId> leaving);  // ascending
  void set(std::size_t row, const Placing& placing);
  // Moves an avatar where nobody walked: viewers must not see it glide, so a new group of poses opens.
  void jump_to(std::size_t row, const Placing& placing);
  void set_animation(std::size_t row, wire::Animation animation) { animation_[row] = animation; }
  void set_speaking(std::size_t row, bool speaking) { speaking_[row] = speaking; }

  // Readers.
  std::optional<std::size_t> row(EntityId entity) const;
  Placing at(std::size_t row) const;
  std::span<const EntityId> entities() const { return entity_; }
  std::span<const motion::Vec3> positions() const { return position_; }
  std::span<const motion::Vec3> velocities() const { return velocity_; }
  std::span<const std::uint16_t> yaws() const { return yaw_; }
  std::span<const wire::Animation> animations() const { return animation_; }
  std::span<const std::uint8_t> speaking() const { return speaking_; }  // 0 or 1
  std::span<const std::uint8_t> simulated() const { return simulated_; }  // 0 or 1
  // Grows whenever an avatar came or left: rows have moved.
  std::uint64_t membership() const { return membership_; }
  // How many jumps there were; the entities of those since `count`, oldest first. Nothing when that is too long ago to tell (more than
  // kJumpsKept): then anybody may have jumped. Who jumped may have left since.
  static constexpr std::size_t kJumpsKept = 4'096;
  std::uint64_t jumps() const { return jumps_before_ + jumped_.size(); }
  std::optional<std::span<const EntityId>> jumps_since(std::uint64_t count) const;

 private:
  std::size_t capacity_;
  std::vector<EntityId> entity_;
  std::vector<motion::Vec3> position_, velocity_;
  std::vector<std::uint16_t> yaw_;
  std::vector<wire::Animation> animation_;
  std::vector<std::uint8_t> speaking_, simulated_;
  std::uint64_t membership_ = 0;
  std::vector<EntityId> jumped_;  // at most twice kJumpsKept, then the older half goes
  std::uint64_t jumps_before_ = 0;
};

}  // namespace mw::stage
