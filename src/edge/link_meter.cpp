#include "edge/link_meter.h"

#include <algorithm>

#include "base/limits.h"

namespace mw::edge {
namespace {

// Of an interval. Less waiting than that is a burst, and there is room for more.
constexpr double kBusyShare = 0.4;
constexpr double kRaise = 1.25;  // a second, while there is room
constexpr double kLeast = limits::kViewerBandwidthMin / 8.0;
constexpr double kMost = limits::kViewerBandwidthMax / 8.0;

}  // namespace

void LinkMeter::blocked(bool waiting, std::int64_t now_ms) {
  if (waiting_ && !waiting) blocked_ms_ += now_ms - since_ms_;
  if (waiting && !waiting_) since_ms_ = now_ms;
  waiting_ = waiting;
}

std::optional<double> LinkMeter::measure(std::int64_t now_ms) {
  if (begun_ms_ < 0) begun_ms_ = now_ms;
  const std::int64_t interval = now_ms - begun_ms_;
  if (interval < kIntervalMs) return std::nullopt;
  if (waiting_) {
    blocked_ms_ += now_ms - std::max(since_ms_, begun_ms_);
    since_ms_ = now_ms;
  }
  const auto blocked_ms = static_cast<double>(blocked_ms_);
  if (blocked_ms > kBusyShare * static_cast<double>(interval))
    allowed_ = std::clamp(bytes_ / (blocked_ms / 1'000) * kLinkShare, kLeast, kMost);
  else
    allowed_ = allowed_ * kRaise < kMost ? allowed_ * kRaise : kUnlimited;
  bytes_ = 0;
  blocked_ms_ = 0;
  begun_ms_ = now_ms;
  const bool same = allowed_ == told_ || (allowed_ < told_ * 1.1 && allowed_ > told_ / 1.1);
  if (same) return std::nullopt;
  told_ = allowed_;
  return allowed_;
}

}  // namespace mw::edge
