// `manyworlds-bench log` and `manyworlds-bench verify`: what the append-only log costs, against the floor of writing the same
// bytes with as many syncs, and what a proof costs beside the bare signature.
#pragma once

#include <cstdint>
#include <string>

#include "base/result.h"
#include "data/json.h"

namespace mw::bench {

struct LogOptions {
  std::size_t writers = 1024;  // each with one entry on its way
  std::size_t threads = 4;  // that carry the writers
  std::size_t entry_bytes = 200;
  double seconds = 5;
  std::string folder = ".";  // on the disk to measure; a folder is made in it and removed
};

// writers, threads, entry_bytes, seconds, appends, appends_per_s (acknowledged: on disk), batches, entries_per_sync,
// latency_p50_ms, latency_p99_ms, disk_bytes_per_entry (entries, index and hashes), cores (processor time of the whole process
// per second), start_ms with the mark and start_whole_ms without, floor_appends_per_s (a program that writes the same bytes
// in as many pieces, each with fdatasync, and does nothing else, in turns with the log), over_floor (their ratio). Fails when what was acknowledged
// is not there afterwards.
Result<Json> run_log(const LogOptions& options);

struct VerifyOptions {
  std::uint64_t entries = 1'000'000;  // in the tree
  std::size_t proofs = 2'000;
};

// entries, proof_hashes, signature_us (the floor: one bare Ed25519 verification of a checkpoint's text), inclusion_us (one proof),
// record_us (checkpoint, one cosignature and the proof, as a verifier does it for one record), over_signature (record_us over
// two bare signatures), prove_us (making a proof from tiles in memory), consistency_us; title_scan_us (one record that moves a title, read
// and judged in a scan), title_proof_us (a title with two records shown by checkpoint, cosignature and inclusion), each also over
// one bare signature, title_bytes (of a transfer).
Result<Json> run_verify(const VerifyOptions& options);

}  // namespace mw::bench
