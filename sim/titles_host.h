// One host of the titles scenario: its log with publisher and witness on a disk that forgets, a clock that is a little wrong, the
// titles of its own log, what it has verified of the others', and the things that it holds by a lease.
// Thread: one.
#pragma once

#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "records/publisher.h"
#include "records/witness.h"
#include "sim/disk_storage.h"
#include "sim/events.h"
#include "sim/scenario.h"
#include "sim/wrong_clock.h"
#include "trust/lease.h"
#include "trust/title_proof.h"

namespace mw::sim {

// People are everywhere: their keys are all that counts.
inline constexpr std::size_t kPeople = 6;
const crypto::SigningKey& person_key(std::size_t person);
std::optional<std::size_t> person_of(const crypto::PublicKey& key);
trust::Sign person_signs(std::size_t person);

// Of the logs in this scenario, as a host that is not `log` checks them: all other hosts are its witnesses.
trust::TitlePolicy titles_policy(std::size_t log, std::size_t hosts, std::size_t quorum);

class TitlesHost {
 public:
  struct Setup {
    std::size_t number = 0, hosts = 0, quorum = 0;
    Plant plant = Plant::none;
  };
  // Something that it may show as long as the lease lasts.
  struct Held {
    std::size_t home = 0;
    trust::Lease lease;
  };

  TitlesHost(Setup setup, Random random);

  // Opens what the disk has. Errors: those of the log, the publisher, the witness and the files beside them.
  Status start();
  void stop();
  bool up() const { return log != nullptr; }
  bool open() const { return up() && publisher->state() == records::Publisher::State::open; }

  // Puts records into the log; what they are judged follows from their order. Error: the log's.
  Result<std::uint64_t> append(const std::vector<Bytes>& records);

  // Asks its witnesses, `again` for the time.
  void begin(bool again, std::int64_t now_ms);
  // Holds the clock against what was published, if that is new.
  void check_clock(std::int64_t now_ms);

  // Follows another host's log up to what it publishes.
  Status follow(TitlesHost& other, std::int64_t now_ms);
  // The lease of an asset of that log as it was followed, if this host may hold it.
  Status take_lease(const TitlesHost& home, const trust::AssetId& asset);
  bool shows_own(const trust::AssetId& asset, std::int64_t now_ms) const;
  bool shows_held(const trust::AssetId& asset, std::int64_t now_ms) const;
  // What ends the lease early; from then on the thing is not shown here. The promise is on disk first.
  Result<trust::TitleRecord> give_back(const trust::AssetId& asset, std::int64_t now_ms);

  Setup setup;
  std::string name;
  std::unique_ptr<Disk> disk;
  std::unique_ptr<DiskStorage> storage;
  WrongClock wrong;
  // While it is up:
  std::unique_ptr<records::Log> log;
  std::unique_ptr<records::Publisher> publisher;
  std::unique_ptr<records::Witness> witness;
  std::optional<trust::TitleIndex> index;
  trust::CosignedClock clock;
  std::map<std::size_t, trust::TitleVerifier> verifiers;  // by log
  std::map<trust::AssetId, Held> held;

 private:
  bool clock_good(std::int64_t now_ms) const;
  std::map<std::uint64_t, std::int64_t> asked_ms_;  // by round
  std::uint64_t checked_round_ = 0;
  std::int64_t checked_ms_ = 0;
  std::set<std::string> returned_;  // "asset number", as in the file
};

}  // namespace mw::sim
