// What the WebAssembly module offers to web/packages/protocol/src/wasm.ts, as C functions over its linear memory. The same
// sources as the host's do the work; here is only the handing over. Pointers are offsets into the memory; objects made by
// mw_*_new are the caller's until mw_*_free. Buffers that outside bytes are written to come from mw_alloc.
// Compiled natively, too, so that every compiler and analyser of the host sees it.
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <cstring>
#include <memory>

#include "base/assert.h"
#include "motion/motion.h"
#include "space/units.h"
#include "wasm/agreement.h"
#include "wire/claim.h"
#include "wire/picture.h"

#ifdef __wasm__
#define MW_EXPORT(name) extern "C" __attribute__((export_name(#name))) auto name
namespace mw {
// There is nobody to tell: the browser shows a trap with its stack.
void assertion_failed(const char*, const char*, int) noexcept { __builtin_trap(); }
}  // namespace mw
#else
#define MW_EXPORT(name) extern "C" auto name
#endif

namespace mw::wasm {
namespace {

// One world to move in. `io` is how a step's numbers come and go: position, velocity, grounded, then move_x, move_z, run, jump.
struct Mover {
  motion::CollisionWorld world;
  motion::Rules rules;
  float io[11] = {};
};
static_assert(sizeof(motion::Rules) == 11 * sizeof(float), "the rules are read as eleven floats, in their order");

motion::Vec3 vector_at(const float* io) { return {io[0], io[1], io[2]}; }
void put_vector(float* io, motion::Vec3 v) {
  io[0] = v.x;
  io[1] = v.y;
  io[2] = v.z;
}

}  // namespace
}  // namespace mw::wasm

using mw::wasm::Mover;
using mw::wire::Picture;

MW_EXPORT(mw_alloc)(std::size_t bytes)->void* { return std::malloc(bytes); }
MW_EXPORT(mw_free)(void* pointer)->void { std::free(pointer); }

MW_EXPORT(mw_mover_new)()->Mover* { return new Mover; }
MW_EXPORT(mw_mover_free)(Mover* mover)->void { delete mover; }
MW_EXPORT(mw_mover_io)(Mover* mover)->float* { return mover->io; }
MW_EXPORT(mw_mover_rules)(Mover* mover)->float* { return &mover->rules.walk_speed; }

// 1 when the bytes are a collision file, else 0 and nothing changed.
MW_EXPORT(mw_mover_set_body)
(Mover* mover, std::uint32_t body, const std::uint8_t* bytes, std::size_t size, float x, float y, float z,
 float cos_yaw, float sin_yaw, float scale)
    ->int {
  const auto triangles = mw::motion::load_baked({bytes, size});
  if (!triangles) return 0;
  mover->world.set_body(body, *triangles, {{x, y, z}, cos_yaw, sin_yaw, scale});
  return 1;
}
MW_EXPORT(mw_mover_remove_body)(Mover* mover, std::uint32_t body)->void { mover->world.remove_body(body); }

MW_EXPORT(mw_mover_step)(Mover* mover)->void {
  float* io = mover->io;
  const mw::motion::State before{mw::wasm::vector_at(io), mw::wasm::vector_at(io + 3), io[6] != 0};
  const mw::motion::Input input{io[7], io[8], io[9] != 0, io[10] != 0};
  const mw::motion::State after = mw::motion::step(before, input, mover->rules, mover->world);
  mw::wasm::put_vector(io, after.position);
  mw::wasm::put_vector(io + 3, after.velocity);
  io[6] = after.grounded ? 1.f : 0.f;
}

// Height of the highest surface between y_min and y_max, or y_min - 1 when there is none.
MW_EXPORT(mw_mover_ground)(const Mover* mover, float x, float z, float y_max, float y_min)->float {
  float y = 0;
  return mover->world.ground_below(x, z, y_max, y_min, y) ? y : y_min - 1;
}

// Share (0 to 1) of the way between two points that is free.
MW_EXPORT(mw_mover_ray)(const Mover* mover, float x0, float y0, float z0, float x1, float y1, float z1)->float {
  return mover->world.ray({x0, y0, z0}, {x1, y1, z1});
}

MW_EXPORT(mw_picture_new)()->Picture* { return new Picture; }
MW_EXPORT(mw_picture_free)(Picture* picture)->void { delete picture; }

// 1 when the frame was good, else 0.
MW_EXPORT(mw_picture_take)
(Picture* picture, std::uint32_t kind, std::uint32_t track, std::uint32_t group, const std::uint8_t* payload,
 std::size_t size)
    ->int {
  mw::wire::FrameView frame;
  frame.header.kind = static_cast<mw::wire::FrameKind>(kind);
  frame.header.track = track;
  frame.header.group = group;
  frame.payload = {payload, size};
  return picture->take(frame).ok();
}
MW_EXPORT(mw_picture_count)(const Picture* picture)->std::uint32_t {
  return static_cast<std::uint32_t>(picture->size());
}
MW_EXPORT(mw_picture_tick)(const Picture* picture)->std::uint32_t { return picture->newest_tick(); }

// Columns: 0 entity (u32), 1 to 3 x, y, z (i32, cm), 4 yaw, 5 animation, 6 speaking (u8), 7 tick (u32), 8 level (u8).
MW_EXPORT(mw_picture_column)(const Picture* picture, int column)->const void* {
  const auto& c = picture->columns();
  const void* columns[] = {c.entity.data(),    c.x.data(),        c.y.data(),    c.z.data(),    c.yaw.data(),
                           c.animation.data(), c.speaking.data(), c.tick.data(), c.level.data()};
  return column >= 0 && column < 9 ? columns[column] : nullptr;
}

// Aggregates as they lie in memory: 36 bytes each (wasm.ts reads them so).
MW_EXPORT(mw_picture_aggregate_count)(const Picture* picture)->std::uint32_t {
  return static_cast<std::uint32_t>(picture->aggregates().size());
}
MW_EXPORT(mw_picture_aggregates)(const Picture* picture)->const void* { return picture->aggregates().data(); }
static_assert(sizeof(Picture::TrackAggregate) == 36 && offsetof(Picture::TrackAggregate, aggregate) == 4);
static_assert(offsetof(mw::wire::Aggregate, x) == 8 && offsetof(mw::wire::Aggregate, half_x) == 14);
static_assert(offsetof(mw::wire::Aggregate, slope_x) == 18 && offsetof(mw::wire::Aggregate, shares) == 23);

// Writes the 30 bytes of a claim: metres, metres per second, radians.
MW_EXPORT(mw_claim_encode)
(std::uint8_t* out, std::uint32_t epoch, std::uint32_t sequence, std::uint32_t time_ms, float x, float y, float z,
 float vx, float vy, float vz, double yaw, std::uint32_t gesture, int grounded)
    ->void {
  namespace space = mw::space;
  mw::wire::PoseClaim claim;
  claim.epoch = static_cast<std::uint8_t>(epoch);
  claim.sequence = static_cast<std::uint16_t>(sequence);
  claim.time_ms = time_ms;
  claim.x_mm = space::to_mm(x);
  claim.y_mm = space::to_mm(y);
  claim.z_mm = space::to_mm(z);
  claim.vx_mm_s = space::to_mm_s(vx);
  claim.vy_mm_s = space::to_mm_s(vy);
  claim.vz_mm_s = space::to_mm_s(vz);
  claim.yaw = space::yaw_from_radians(yaw);
  claim.gesture = static_cast<mw::wire::Gesture>(gesture);
  claim.grounded = grounded != 0;
  const mw::Bytes bytes = mw::wire::encode(claim);
  std::memcpy(out, bytes.data(), bytes.size());
}

// Long runs that must give the same number natively (agreement.h).
MW_EXPORT(mw_agree_on_motion)(std::uint32_t steps)->std::uint64_t { return mw::wasm::agree_on_motion(steps); }
MW_EXPORT(mw_agree_on_poses)(std::uint32_t frames)->std::uint64_t { return mw::wasm::agree_on_poses(frames); }
