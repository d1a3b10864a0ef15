// What /metrics shows of the control side, published once a second from plain numbers that the hot paths keep.
// Thread: the control loop; the metrics themselves are read on the edges.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <string>

#include "records/store_queue.h"
#include "runtime/metrics.h"
#include "server/control.h"
#include "server/inbox.h"
#include "server/public_log.h"

namespace mw::server {

class Telemetry {
 public:
  Telemetry(runtime::Metrics& metrics, std::string version);
  void tick(double seconds, bool overrun);
  void publish(Control& control, const records::StoreQueue& store, const Inbox& inbox, const tracks::FramePool& pool);
  void publish(const PublicLogStatus& log);
  void publish(const federation::TravelStats& travel);
  void publish(const HostCallStats& calls);
  void publish_quality(Control& control);  // telemetry_quality.cpp; every few seconds: it sums the minutes of an hour
  Json process() const;  // for host.status

 private:
  // A counter of ours that only grows, shown as a Prometheus counter.
  void follow(const std::string& name, const std::string& help, double total,
              const runtime::Metrics::Labels& labels = {});

  runtime::Metrics& metrics_;
  runtime::Histogram& tick_seconds_;
  runtime::Counter& ticks_;
  runtime::Counter& overruns_;
  std::map<std::string, double> followed_;
  std::uint64_t tick_count_ = 0, overrun_count_ = 0;
  double tick_sum_ = 0, tick_worst_ = 0;
};

}  // namespace mw::server
