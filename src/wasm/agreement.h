// Long runs of movement and of the codec whose every result goes into one hash: the native build and the WebAssembly module
// must come to the same number. schema/vectors/agreement.json holds the numbers; a native test and one in Node compare.
// Thread: pure functions.
#pragma once

#include <cstdint>

namespace mw::wasm {

// `steps` steps of players on obstacle courses (motion/course.h), each judged 20 times a second.
std::uint64_t agree_on_motion(std::uint32_t steps);

// `frames` frames of a crowd that comes and goes: what the encoder wrote and what the decoder read. 0 when a frame did not
// decode to what was encoded. The same crowd at a coarse level, seen through a wire::Picture, is part of it.
std::uint64_t agree_on_poses(std::uint32_t frames);

}  // namespace mw::wasm
