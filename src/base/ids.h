// Distinct types for every id, so that a session is never passed where an entity is meant.
#pragma once

#include <compare>
#include <cstdint>
#include <functional>

namespace mw {

// A number with a name. Tag makes the type distinct; zero means "none" everywhere.
template <class Tag, class Number>
struct Id {
  Number value = 0;
  constexpr explicit operator bool() const { return value != 0; }
  friend constexpr auto operator<=>(Id, Id) = default;
};

using EntityId = Id<struct EntityTag, std::uint32_t>;    // an avatar or a thing, unique within one world
using WorldId = Id<struct WorldTag, std::uint32_t>;      // unique within one run of a host
using TrackId = Id<struct TrackTag, std::uint32_t>;      // unique within one run of a host; travels in frames
using SessionId = Id<struct SessionTag, std::uint64_t>;  // one connection; never used again within one run
using VisitorId = Id<struct VisitorTag, std::uint64_t>;  // one person or guest at this host; survives reconnection

}  // namespace mw

template <class Tag, class Number>
struct std::hash<mw::Id<Tag, Number>> {
  std::size_t operator()(mw::Id<Tag, Number> id) const noexcept { return std::hash<Number>{}(id.value); }
};
