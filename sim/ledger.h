// What clients were told about the edits of one world, held against what the host's journal says. The ledger knows nothing
// of how the host works: claims come from answers and events that arrived at a client, facts from the journal's entries.
// Thread: one.
#pragma once

#include <cstdint>
#include <map>
#include <set>
#include <string>
#include <vector>

#include "data/json.h"
#include "records/journal.h"

namespace mw::sim {

class Ledger {
 public:
  // Claims. Each returns what is wrong at once, or nothing.
  // An answer: the edit `sequence` did `kind` ("add", "change", "remove") to `entity`. `mark` is the unique name that the
  // edit gave the thing; empty for those that give none.
  std::string acknowledged(std::uint64_t sequence, const std::string& kind, std::uint64_t entity,
                           const std::string& mark);
  // An answer that said no: no entry may carry the mark.
  void refused(const std::string& mark) { refused_.insert(mark); }
  // An event on the scene track. `thing` is null for a removal.
  std::string shown(std::uint64_t sequence, std::uint64_t entity, const Json& thing);
  // A snapshot, or a client's own state, after `sequence`: things by entity.
  std::string stood(std::uint64_t sequence, const std::map<std::uint64_t, Json>& things);

  // Replays the stream's entries against all claims. What is wrong first, or nothing.
  std::string check(records::Journal& journal, const std::string& stream) const;

  std::size_t acknowledged_count() const { return acknowledged_.size(); }
  std::size_t shown_count() const { return shown_.size(); }

 private:
  struct Acknowledged {
    std::string kind;
    std::uint64_t entity = 0;
    std::string mark;
  };
  struct Shown {
    std::uint64_t entity = 0;
    std::string thing;  // as JSON text; empty for a removal
  };
  std::map<std::uint64_t, Acknowledged> acknowledged_;
  std::map<std::uint64_t, Shown> shown_;
  std::map<std::uint64_t, std::string> states_;  // JSON text of all things after a sequence
  std::set<std::string> refused_;
};

// The text by which states are compared.
std::string state_text(const std::map<std::uint64_t, Json>& things);

}  // namespace mw::sim
