#include "wire/aggregate.h"

#include <numeric>

#include "base/limits.h"
#include "wire/little_endian.h"

namespace mw::wire {
namespace {

constexpr int kParts = 4;  // of a metre
constexpr int kExtent = limits::kWorldExtentM * kParts;
constexpr unsigned kWhole = 15;

bool in_extent(int quarters) { return quarters >= -kExtent && quarters <= kExtent; }

const char* fault(const Aggregate& a) {
  if (a.count > limits::kAvatarsPerWorld) return "count";
  if (!in_extent(a.x) || !in_extent(a.y) || !in_extent(a.z) || a.half_x > kExtent || a.half_z > kExtent) return "place";
  if (std::accumulate(a.shares.begin(), a.shares.end(), 0u) != kWhole) return "shares";
  return nullptr;
}

}  // namespace

void encode_aggregate(const Aggregate& a, Bytes& out) {
  MW_ASSERT(fault(a) == nullptr);
  out.clear();
  append_le(out, a.tick);
  append_le(out, a.count);
  for (const auto at : {a.x, a.y, a.z}) append_le(out, at);
  for (const auto half : {a.half_x, a.half_z}) append_le(out, half);
  for (const auto part : {a.slope_x, a.slope_z, a.velocity_x, a.velocity_z}) append_le(out, part);
  append_le(out, a.spread);
  for (std::size_t i = 0; i < a.shares.size(); i += 2) {
    append_le(out, static_cast<std::uint8_t>(a.shares[i] | a.shares[i + 1] << 4));
  }
}

Result<Aggregate> decode_aggregate(ByteView payload) {
  if (payload.size() != kAggregateBytes) return invalid("length", "expected 27 bytes");
  LittleEndianReader in(payload);
  Aggregate a;
  a.tick = in.take<std::uint32_t>();
  a.count = in.take<std::uint32_t>();
  for (auto* at : {&a.x, &a.y, &a.z}) *at = in.take<std::int16_t>();
  for (auto* half : {&a.half_x, &a.half_z}) *half = in.take<std::uint16_t>();
  for (auto* part : {&a.slope_x, &a.slope_z, &a.velocity_x, &a.velocity_z}) *part = in.take<std::int8_t>();
  a.spread = in.take<std::uint8_t>();
  for (std::size_t i = 0; i < a.shares.size(); i += 2) {
    const auto pair = in.take<std::uint8_t>();
    a.shares[i] = pair & 15;
    a.shares[i + 1] = pair >> 4;
  }
  if (const char* field = fault(a)) return invalid(field, "out of range");
  return a;
}

}  // namespace mw::wire
