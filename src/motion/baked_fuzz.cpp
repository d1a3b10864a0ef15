// Strategy: bytes as a baked collision file; what loads becomes a body, and a person walks and is judged in it.
// Invariants: no read outside the bytes; what loads is within the extent of a world and bakes to a file that loads the same;
// stepping and judging end, and never give a position that is no number.
#include <cstdlib>

#include "motion/motion.h"

using namespace mw;

namespace {

bool number(const motion::Vec3& v) { return v.x == v.x && v.y == v.y && v.z == v.z; }

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto triangles = motion::load_baked({data, size});
  if (!triangles) return 0;
  const Bytes again = motion::bake(*triangles);
  const auto read = motion::load_baked(again);
  if (!read || read->size() != triangles->size()) std::abort();
  motion::CollisionWorld world;
  world.set_body(0, *triangles, {{0, 0, 0}, 0.8f, 0.6f, 1});
  const motion::Rules rules;
  motion::State state;
  motion::Record record = motion::place({}, rules);
  for (int i = 0; i < 60; ++i) {
    state = motion::step(state, {.move_x = 0.6f, .move_z = 0.8f, .run = true, .jump = i % 20 == 0}, rules, world);
    if (!number(state.position) || !number(state.velocity)) std::abort();
    const auto judgement = motion::judge(record, state, 1.f / 60, rules, world);
    if (!number(judgement.state.position)) std::abort();
  }
  world.remove_body(0);
  if (world.triangle_count() != 0) std::abort();
  return 0;
}
