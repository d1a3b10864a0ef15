// Visiting with a thing: when a host may show it. A lease stands in the log with the times that it names; here is what each side
// does with its own clock, which may be wrong by limits::kClockSkewMs and not by more:
//   - whoever holds a lease shows the thing from `from` + skew until `until` - skew by its own clock;
//   - home shows it before it has recorded a lease, and again from `until` + skew.
// So no two hosts whose clocks are right to within the skew ever show it at once, and it is out of reach no longer than its lease
// and the skew. That a clock is right is not taken for granted: a host asks its witnesses to cosign its own log's checkpoint anew,
// and holds its clock against the time of their answers, which is right to within limits::kWitnessClockMs where most of them are.
// Whose clock was not found right of late shows nothing by a lease, and takes nothing back after one.
// Thread: values; a CosignedClock belongs to its thread.
#pragma once

#include <cstdint>
#include <span>

#include "base/result.h"
#include "records/note.h"
#include "trust/title_index.h"

namespace mw::trust {

// The time of a checkpoint by its cosignatures: the lower median, in Unix seconds. With three or more of which fewer than half
// lie it is no later than an honest one and no earlier than another. 0 for none.
std::int64_t cosigned_time(std::span<const records::Verified> cosignatures);

class CosignedClock {
 public:
  // Cosignatures that were asked for when this host's clock read `asked_ms`, made since, and complete at `now_ms`. The clock is
  // right when it was nowhere over kClockSkewMs - kWitnessClockMs away from them; an answer that took longer than that tells
  // nothing, and counts against it. The same is what good() says.
  Status answered(std::int64_t cosigned_s, std::int64_t asked_ms, std::int64_t now_ms);
  // Error `unavailable`: it was wrong when it was checked last, with by how much, or was not checked for kClockCheckedMs.
  Status good(std::int64_t now_ms) const;

 private:
  Status last_ = failure(ErrorKind::unavailable, "this host's clock was not held against witnesses yet");
  std::int64_t checked_ms_ = 0;
};

// May this key's host show the thing now, by its clock? Errors `forbidden`: the lease is another host's; `unavailable`: it has not
// begun, or has ended.
Status may_show(const Lease& lease, const crypto::PublicKey& holder, std::int64_t now_ms);
// May home?
bool at_home(const Title& title, std::int64_t now_ms);

// A lease of the title to this host from now on, by a clock that was held against witnesses. One that its holder gave back a
// moment ago by a clock that is ahead is not overlapped: this one begins with its end.
TitleLease lease_from_now(const Title& title, std::string host, const crypto::PublicKey& holder, std::int64_t now_ms);

// What a home is to check before it records a lease, beside the rules of the log: that `from` is now, by its clock. Error
// `invalid`, field "from".
Status lease_begins_now(const TitleLease& lease, std::int64_t now_ms);

}  // namespace mw::trust
