#include "bench/log.h"

#include <fcntl.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <chrono>
#include <condition_variable>
#include <cstring>
#include <filesystem>
#include <memory>
#include <mutex>
#include <thread>
#include <utility>
#include <vector>

#include "base/format.h"
#include "base/limits.h"
#include "crypto/crypto.h"
#include "platform/storage.h"
#include "records/checkpoint.h"
#include "records/log_queue.h"
#include "trust/title_proof.h"

namespace mw::bench {
namespace {

using Clock = std::chrono::steady_clock;
double since(Clock::time_point start) { return std::chrono::duration<double>(Clock::now() - start).count(); }

double process_seconds() {
  timespec time{};
  clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &time);
  return static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_nsec) * 1e-9;
}

class Folder {
 public:
  explicit Folder(const std::string& parent) {
    std::string pattern = parent + "/bench-log-XXXXXX";
    if (::mkdtemp(pattern.data()) != nullptr) path_ = pattern;
  }
  ~Folder() {
    std::error_code ignored;
    if (!path_.empty()) std::filesystem::remove_all(path_, ignored);
  }
  Folder(const Folder&) = delete;
  Folder& operator=(const Folder&) = delete;
  const std::string& path() const { return path_; }

 private:
  std::string path_;
};

// One thread that carries many writers: each has one entry on its way, and hands in the next when that is on disk.
class Carrier {
 public:
  Carrier(records::LogQueue& queue, std::size_t writers, std::size_t bytes, std::uint64_t number)
      : queue_(queue), writers_(writers), entry_(bytes), number_(number) {}

  void run(Clock::time_point end) {
    latencies_ms_.reserve(1u << 20);
    ready_.reserve(writers_);
    for (std::size_t i = 0; i < writers_; ++i) append();
    std::vector<Clock::time_point> taken;
    std::size_t on_their_way = writers_;
    while (on_their_way > 0) {
      {
        std::unique_lock lock(mutex_);
        wake_.wait(lock, [this] { return !ready_.empty(); });
        taken.swap(ready_);
      }
      const auto now = Clock::now();
      for (const auto& start : taken) {
        latencies_ms_.push_back(std::chrono::duration<float, std::milli>(now - start).count());
        if (now < end && !failed_)
          append();
        else
          --on_their_way;
      }
      taken.clear();
    }
  }
  std::uint64_t done() const { return latencies_ms_.size(); }
  bool failed() const { return failed_; }
  const std::vector<float>& latencies_ms() const { return latencies_ms_; }

 private:
  void append() {
    // Every entry is another one.
    const std::uint64_t count = ++made_;
    std::memcpy(entry_.data(), &number_, std::min(entry_.size(), sizeof number_));
    if (entry_.size() >= 16) std::memcpy(entry_.data() + 8, &count, sizeof count);
    queue_.append(entry_, [this, start = Clock::now()](Result<std::uint64_t> index) {
      if (!index.ok()) failed_ = true;
      bool first = false;
      {
        const std::lock_guard lock(mutex_);
        first = ready_.empty();
        ready_.push_back(start);
      }
      if (first) wake_.notify_one();
    });
  }

  records::LogQueue& queue_;
  std::size_t writers_;
  Bytes entry_;
  std::uint64_t number_, made_ = 0;
  std::mutex mutex_;
  std::condition_variable wake_;
  std::vector<Clock::time_point> ready_;
  std::vector<float> latencies_ms_;
  std::atomic<bool> failed_{false};
};

// The floor: the same number of bytes, in as many pieces, each synced. Seconds, or an error.
Result<double> write_floor(const std::string& path, std::uint64_t bytes, std::uint64_t pieces) {
  const int file = ::open(path.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
  if (file < 0) return failure(ErrorKind::unavailable, "cannot make the file of the floor");
  const std::vector<char> piece(bytes / pieces, 'x');
  bool good = true;
  const auto start = Clock::now();
  for (std::uint64_t i = 0; i < pieces && good; ++i)
    good = ::write(file, piece.data(), piece.size()) == static_cast<ssize_t>(piece.size()) && ::fdatasync(file) == 0;
  const double seconds = since(start);
  ::close(file);
  if (!good) return failure(ErrorKind::unavailable, "the floor's disk failed");
  return seconds;
}

std::uint64_t folder_bytes(const std::string& path) {
  std::uint64_t bytes = 0;
  for (const auto& entry : std::filesystem::directory_iterator(path)) bytes += entry.file_size();
  return bytes;
}

struct Appended {
  std::uint64_t count = 0, batches = 0, bytes = 0;
  double seconds = 0, cpu_seconds = 0, floor_seconds = 0;
  std::vector<float> latencies_ms;
};

// One turn of appending, added to `out`.
Status append_for(const LogOptions& options, double seconds, records::LogQueue& queue, Appended& out) {
  std::vector<std::unique_ptr<Carrier>> carriers;
  std::vector<std::thread> threads;
  carriers.reserve(options.threads);
  threads.reserve(options.threads);
  const auto start = Clock::now();
  const double cpu = process_seconds();
  const auto end = start + std::chrono::duration_cast<Clock::duration>(std::chrono::duration<double>(seconds));
  for (std::size_t i = 0; i < options.threads; ++i) {
    const std::size_t share = options.writers / options.threads + (i < options.writers % options.threads ? 1 : 0);
    carriers.push_back(std::make_unique<Carrier>(queue, share, options.entry_bytes, i));
    threads.emplace_back([carrier = carriers.back().get(), end] { carrier->run(end); });
  }
  for (auto& thread : threads) thread.join();
  out.seconds += since(start);
  out.cpu_seconds += process_seconds() - cpu;
  for (const auto& carrier : carriers) {
    if (carrier->failed()) return failure(ErrorKind::unavailable, "the log refused an entry");
    out.count += carrier->done();
    out.latencies_ms.insert(out.latencies_ms.end(), carrier->latencies_ms().begin(), carrier->latencies_ms().end());
  }
  return ok();
}

// Log and floor take turns, so that both meet the same moods of the disk.
Result<Appended> take_turns(const LogOptions& options, records::LogQueue& queue, const std::string& floor_file) {
  constexpr int kTurns = 10;
  Appended out;
  for (int turn = 0; turn < kTurns; ++turn) {
    MW_TRY(append_for(options, options.seconds / kTurns, queue, out));
    const std::uint64_t batches = queue.stats().batches, bytes = queue.log().bytes();
    const auto floor = write_floor(floor_file, bytes - out.bytes, batches - out.batches);
    MW_TRY(floor);
    out.floor_seconds += *floor;
    out.batches = batches;
    out.bytes = bytes;
  }
  std::sort(out.latencies_ms.begin(), out.latencies_ms.end());
  return out;
}

}  // namespace

Result<Json> run_log(const LogOptions& options) {
  const Folder folder(options.folder);
  if (folder.path().empty()) return failure(ErrorKind::unavailable, "cannot make a folder in " + options.folder);
  const std::string path = folder.path() + "/log";
  auto storage = platform::folder_storage(path);
  MW_TRY(storage);
  Appended done;
  {
    auto log = records::Log::open(**storage);
    MW_TRY(log);
    records::LogQueue queue(*std::move(log));
    auto turns = take_turns(options, queue, folder.path() + "/floor");
    MW_TRY(turns);
    done = *std::move(turns);
  }
  auto start = Clock::now();
  auto again = records::Log::open(**storage);
  MW_TRY(again);
  const double start_seconds = since(start);
  if ((*again)->size() != done.count) return failure(ErrorKind::damaged, "what was acknowledged is not there");
  again->reset();
  std::filesystem::remove(path + "/mark");
  start = Clock::now();
  again = records::Log::open(**storage);
  MW_TRY(again);
  const double whole_seconds = since(start);
  const auto quantile = [&](double q) {
    return done.latencies_ms[static_cast<std::size_t>(q * static_cast<double>(done.latencies_ms.size() - 1))];
  };
  const double count = static_cast<double>(done.count), rate = count / done.seconds,
               floor_rate = count / done.floor_seconds;
  Json report = Json::object();
  report["writers"] = options.writers;
  report["threads"] = options.threads;
  report["entry_bytes"] = options.entry_bytes;
  report["seconds"] = done.seconds;
  report["appends"] = done.count;
  report["appends_per_s"] = rate;
  report["batches"] = done.batches;
  report["entries_per_sync"] = count / static_cast<double>(done.batches);
  report["latency_p50_ms"] = quantile(0.5);
  report["latency_p99_ms"] = quantile(0.99);
  report["disk_bytes_per_entry"] = static_cast<double>(folder_bytes(path)) / count;
  report["cores"] = done.cpu_seconds / done.seconds;
  report["start_ms"] = start_seconds * 1e3;
  report["start_whole_ms"] = whole_seconds * 1e3;
  report["floor_appends_per_s"] = floor_rate;
  report["over_floor"] = rate / floor_rate;
  return report;
}

namespace {

// A log's tree in memory, as tiles. Its first entries may be given.
class Tree {
 public:
  explicit Tree(std::uint64_t size, std::vector<Bytes> first = {})
      : first_(std::move(first)), levels_(records::kTileLevels) {
    for (std::uint64_t i = 0; i < size; ++i) {
      frontier_.append(leaf(i), [&](unsigned height, std::uint64_t, const records::Hash& hash) {
        if (height % records::kTileHeight == 0) levels_[height / records::kTileHeight].push_back(hash);
      });
    }
  }
  records::Hash leaf(std::uint64_t i) const {
    return i < first_.size() ? records::leaf_hash(first_[i]) : records::leaf_hash(as_bytes(entry(i)));
  }
  static std::string entry(std::uint64_t i) { return mw::format("entry {:0>180}", i); }
  records::TileNodes nodes() const {
    return records::TileNodes(frontier_.size(), [this](const records::TileName& name) -> Result<Bytes> {
      return records::format_tile(std::span(levels_[name.level]).subspan(name.index * limits::kTileHashes, name.width));
    });
  }
  const records::Frontier& frontier() const { return frontier_; }

 private:
  std::vector<Bytes> first_;
  records::Frontier frontier_;
  std::vector<std::vector<records::Hash>> levels_;
};

// Microseconds for each of `count` calls.
template <class Work>
double microseconds(std::size_t count, const Work& work) {
  const auto start = Clock::now();
  for (std::size_t i = 0; i < count; ++i) work(i);
  return since(start) * 1e6 / static_cast<double>(count);
}

}  // namespace

namespace {

records::NoteSigner signer_of(const std::string& name, records::SignatureType type, const crypto::SigningKey& key) {
  return {records::note_key(name, type, key.public_key()).value(),
          [&key](ByteView message) { return key.sign(message); }};
}

// A thing that goes from hand to hand between two people.
struct Hands {
  explicit Hands(std::size_t moves) {
    const trust::Sign sign[] = {[this](ByteView message) { return keys[0].sign(message); },
                                [this](ByteView message) { return keys[1].sign(message); }};
    trust::TitleCreate form;
    form.owner = keys[0].public_key();
    auto last = trust::sign_title(kOrigin, form, std::span(sign, 1)).value();
    asset = last.hash;
    entries.push_back(format_title(last));
    for (std::size_t i = 1; i <= moves; ++i) {
      const trust::TitleTransfer move{{asset, i, last.hash, keys[i % 2].public_key()}};
      last = trust::sign_title(kOrigin, move, std::span(&sign[(i + 1) % 2], 1)).value();
      entries.push_back(format_title(last));
    }
  }
  static constexpr const char* kOrigin = "log.example";
  const crypto::SigningKey keys[2] = {crypto::SigningKey::from_seed(std::array<Byte, 32>{3}),
                                      crypto::SigningKey::from_seed(std::array<Byte, 32>{4})};
  trust::AssetId asset{};
  std::vector<Bytes> entries;
};

// What a title costs: in a scan, and as a proof that is carried along.
Status measure_titles(const VerifyOptions& options, const records::NoteSigner& log, const records::NoteSigner& witness,
                      double signature_us, Json& report) {
  const Hands hands(options.proofs);
  trust::TitleIndex index(Hands::kOrigin);
  bool good = true;
  const double scan_us = microseconds(hands.entries.size(), [&](std::size_t i) {
    good = good && index.apply(i, hands.entries[i]).verdict == trust::Judgement::Verdict::counts;
  });
  const Tree tree(options.entries, {hands.entries[0], hands.entries[1]});
  auto checkpoint = records::sign_checkpoint(log, {Hands::kOrigin, options.entries, tree.frontier().root(), {}});
  checkpoint.note.signatures.push_back(records::cosign(witness, checkpoint.note.text, 1'800'000'000));
  trust::TitleProof proof{records::format_note(checkpoint.note), {}};
  auto nodes = tree.nodes();
  for (std::uint64_t i = 0; i < 2; ++i) {
    auto inclusion = records::inclusion_proof(nodes, i, options.entries);
    MW_TRY(inclusion);
    proof.history.push_back({i, hands.entries[i], *std::move(inclusion)});
  }
  const trust::TitlePolicy policy{Hands::kOrigin, {log.key}, {{witness.key, "w"}}, 1};
  const double proof_us = microseconds(
      options.proofs, [&](std::size_t) { good = good && trust::verify_presence(policy, hands.asset, proof).ok(); });
  if (!good) return failure(ErrorKind::internal, "a title did not hold");
  report["title_scan_us"] = scan_us;
  report["title_scan_over_signature"] = scan_us / signature_us;
  report["title_proof_us"] = proof_us;
  report["title_proof_over_signature"] = proof_us / signature_us;
  report["title_bytes"] = hands.entries[1].size();
  return ok();
}

}  // namespace

Result<Json> run_verify(const VerifyOptions& options) {
  const Tree tree(options.entries);
  const auto secret = crypto::SigningKey::from_seed(std::array<Byte, 32>{1}),
             witness_secret = crypto::SigningKey::from_seed(std::array<Byte, 32>{2});
  const auto log = signer_of("log.example", records::SignatureType::ed25519, secret);
  const auto witness = signer_of("w.example", records::SignatureType::cosignature, witness_secret);
  auto checkpoint = records::sign_checkpoint(log, {"log.example", options.entries, tree.frontier().root(), {}});
  checkpoint.note.signatures.push_back(records::cosign(witness, checkpoint.note.text, 1'800'000'000));
  const std::string note = records::format_note(checkpoint.note);
  const std::vector<records::NoteKey> keys{log.key, witness.key};

  std::vector<std::uint64_t> indices(options.proofs);
  std::vector<records::Proof> proofs(options.proofs);
  std::vector<records::Hash> leaves(options.proofs);
  bool good = true;
  const double prove_us = microseconds(options.proofs, [&](std::size_t i) {
    indices[i] = (i * 0x9E3779B97F4A7C15u) % options.entries;
    auto nodes = tree.nodes();
    auto proof = records::inclusion_proof(nodes, indices[i], options.entries);
    good = good && proof.ok();
    if (proof.ok()) proofs[i] = *std::move(proof);
  });
  for (std::size_t i = 0; i < options.proofs; ++i) leaves[i] = tree.leaf(indices[i]);
  const auto included = [&](std::size_t i) {
    return records::verify_inclusion(leaves[i], indices[i], options.entries, proofs[i], tree.frontier().root()).ok();
  };
  const auto& signature = checkpoint.note.signatures[0].bytes;
  const double signature_us = microseconds(options.proofs, [&](std::size_t) {
    good = good && crypto::verify(log.key.key, as_bytes(checkpoint.note.text), signature);
  });
  const double inclusion_us = microseconds(options.proofs, [&](std::size_t i) { good = good && included(i); });
  const double record_us = microseconds(options.proofs, [&](std::size_t i) {
    const auto read = records::parse_signed_checkpoint(note);
    const auto verified = records::verify_note(read->note, keys);
    good = good && verified.ok() && verified->size() == 2 && included(i);
  });
  const std::uint64_t earlier = options.entries / 3 + 1;
  auto nodes = tree.nodes();
  const auto consistency = records::consistency_proof(nodes, earlier, options.entries);
  MW_TRY(consistency);
  const auto prefix = records::tree_root(nodes, earlier);
  MW_TRY(prefix);
  const double consistency_us = microseconds(options.proofs, [&](std::size_t) {
    good = good &&
           records::verify_consistency(earlier, *prefix, options.entries, tree.frontier().root(), *consistency).ok();
  });
  if (!good) return failure(ErrorKind::internal, "a proof or a signature did not hold");
  Json report = Json::object();
  report["entries"] = options.entries;
  report["proof_hashes"] = proofs[0].size();
  report["signature_us"] = signature_us;
  report["inclusion_us"] = inclusion_us;
  report["record_us"] = record_us;
  report["over_signature"] = record_us / (2 * signature_us);
  report["prove_us"] = prove_us;
  report["consistency_us"] = consistency_us;
  MW_TRY(measure_titles(options, log, witness, signature_us, report));
  return report;
}

}  // namespace mw::bench
