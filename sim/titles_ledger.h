// What the world outside knows in the titles scenario, and what must hold: acknowledged records survive, final ones never change, for
// (asset, sequence) one owner is accepted, nothing is lost. Also the old backup that is put back.
// Thread: one.
#pragma once

#include <map>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "sim/titles_host.h"

namespace mw::sim {

class TitlesLedger {
 public:
  explicit TitlesLedger(Events& events) : events_(events) {}

  bool good() const { return report_.violation.empty(); }
  void violate(const std::string& who, const std::string& why);
  const Report& report() const { return report_; }

  // A client was told that its record has this place.
  void recorded(const TitlesHost& host, std::uint64_t index, const Bytes& entry);
  // Whoever looks at what a host publishes: everything that is new, and some of what was seen before.
  void published(const TitlesHost& host);
  // After a start everything that was acknowledged is there, unless an old copy runs, which then must not go on.
  void check_recorded(const TitlesHost& host);
  // In the end every thing that was made is there and is somebody's.
  void check_titles(const TitlesHost& host);

  // Somebody takes it that a title is a person's.
  void accepted(const std::string& who, const trust::AssetId& asset, std::uint64_t sequence, std::size_t owner);
  // A move that stands in the log, whether it counts or not, as the one who was given something would show it.
  struct Shown {
    trust::AssetId asset{};
    std::uint64_t sequence = 0;
    std::size_t owner = 0;
    trust::TitleProof proof;
  };
  std::optional<Shown> some_proof(const TitlesHost& host, Random& random) const;
  // Things that were made and are final, by log.
  const std::map<trust::AssetId, std::uint64_t>& assets_of(std::size_t log) { return assets_[log]; }

  void backed_up(const TitlesHost& host);
  bool backup() const { return backup_.has_value(); }
  void restore(TitlesHost& host);  // the host is stopped
  void mend(TitlesHost& host);  // likewise: it gets its right disk back
  bool mended(std::size_t i) const { return mended_.contains(i); }
  void mended_all(std::size_t i) { mended_.insert(i); }

  void crashed() { ++report_.crashes; }
  void refused() { ++report_.refused; }
  void arrived() { ++report_.reconnects; }
  void seen_abroad() { ++report_.sightings; }

 private:
  struct Move {
    trust::AssetId asset{};
    std::uint64_t sequence = 0, index = 0;
    std::size_t owner = 0;
  };
  void final_entry(const TitlesHost& host, std::uint64_t index, const std::string& text);
  void final_move(const TitlesHost& host, std::uint64_t index, const trust::TitleMove& move);
  bool old_copy(std::size_t i) const { return restored_ == i && !mended_.contains(i); }

  Events& events_;
  Report report_;
  std::map<std::size_t, std::map<std::uint64_t, std::string>> recorded_;
  std::map<std::size_t, std::vector<std::string>> final_;
  std::map<std::size_t, std::vector<Move>> moves_;  // final ones
  std::map<std::size_t, std::map<trust::AssetId, std::uint64_t>> assets_;
  std::map<std::pair<trust::AssetId, std::uint64_t>, std::pair<std::size_t, std::string>> accepted_;
  std::optional<std::map<std::string, Bytes>> backup_;
  std::map<std::string, Bytes> right_;
  std::uint64_t backup_size_ = 0;
  std::optional<std::size_t> restored_;
  std::set<std::size_t> mended_;
};

}  // namespace mw::sim
