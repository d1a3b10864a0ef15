// The keys of simulated hosts: the i-th host's log and witness, always the same.
// Thread: one.
#pragma once

#include <cstddef>
#include <string>

#include "records/note.h"

namespace mw::sim {

std::string log_name(std::size_t host);  // also the origin of its checkpoints
const records::NoteSigner& log_signer(std::size_t host);
const records::NoteSigner& witness_signer(std::size_t host);

}  // namespace mw::sim
