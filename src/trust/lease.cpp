#include "trust/lease.h"

#include <algorithm>
#include <vector>

#include "base/format.h"
#include "base/limits.h"

namespace mw::trust {
namespace {

Error not_now(std::string why) { return failure(ErrorKind::unavailable, std::move(why)); }

}  // namespace

std::int64_t cosigned_time(std::span<const records::Verified> cosignatures) {
  std::vector<std::int64_t> times;
  for (const auto& one : cosignatures)
    if (one.unix_seconds > 0) times.push_back(one.unix_seconds);
  if (times.empty()) return 0;
  const auto middle = times.begin() + static_cast<std::ptrdiff_t>((times.size() - 1) / 2);
  std::nth_element(times.begin(), middle, times.end());
  return *middle;
}

Status CosignedClock::answered(std::int64_t cosigned_s, std::int64_t asked_ms, std::int64_t now_ms) {
  constexpr std::int64_t kMost = limits::kClockSkewMs - limits::kWitnessClockMs;
  // Seconds are cut off: the moment lies within the second that begins here. It came after the question and before the answer.
  const std::int64_t earliest_ms = cosigned_s * 1'000, latest_ms = earliest_ms + 999;
  checked_ms_ = now_ms;
  last_ = ok();
  if (now_ms - earliest_ms > kMost)
    last_ = not_now(
        format("this host's clock is ahead of its witnesses by {} ms, or they took so long", now_ms - earliest_ms));
  else if (latest_ms - asked_ms > kMost)
    last_ = not_now(
        format("this host's clock is behind its witnesses by {} ms, or they took so long", latest_ms - asked_ms));
  return last_;
}

Status CosignedClock::good(std::int64_t now_ms) const {
  if (!last_.ok()) return last_;
  if (now_ms - checked_ms_ > limits::kClockCheckedMs || now_ms < checked_ms_)
    return not_now("this host's clock was not held against witnesses of late");
  return ok();
}

Status may_show(const Lease& lease, const crypto::PublicKey& holder, std::int64_t now_ms) {
  if (lease.holder != holder)
    return failure(ErrorKind::forbidden, format("the lease is {}'s, not this host's", lease.host));
  if (now_ms < lease.from_s * 1'000 + limits::kClockSkewMs)
    return not_now(format("the lease begins in {} ms", lease.from_s * 1'000 + limits::kClockSkewMs - now_ms));
  if (now_ms >= lease.until_s * 1'000 - limits::kClockSkewMs) return not_now("the lease has ended");
  return ok();
}

bool at_home(const Title& title, std::int64_t now_ms) {
  return !title.lease || now_ms >= title.lease->until_s * 1'000 + limits::kClockSkewMs;
}

TitleLease lease_from_now(const Title& title, std::string host, const crypto::PublicKey& holder, std::int64_t now_ms) {
  std::int64_t from_s = now_ms / 1'000;
  if (title.lease && title.lease->until_s > from_s && title.lease->until_s * 1'000 <= now_ms + limits::kClockSkewMs)
    from_s = title.lease->until_s;
  return {title.asset,
          title.head().record,
          title.lease ? title.lease->number + 1 : 1,
          std::move(host),
          holder,
          from_s,
          from_s + limits::kLeaseMs / 1'000};
}

Status lease_begins_now(const TitleLease& lease, std::int64_t now_ms) {
  const std::int64_t from_ms = lease.from_s * 1'000;
  if (from_ms < now_ms - limits::kClockSkewMs || from_ms > now_ms + limits::kClockSkewMs)
    return invalid("from", format("the lease begins {} s from now by this host's clock, at most {} s are allowed",
                                  (from_ms - now_ms) / 1'000, limits::kClockSkewMs / 1'000));
  return ok();
}

}  // namespace mw::trust
