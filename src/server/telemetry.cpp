#include "server/telemetry.h"

#include <algorithm>

#include "platform/clock.h"
#include "platform/process.h"

namespace mw::server {

Telemetry::Telemetry(runtime::Metrics& metrics, std::string version)
    : metrics_(metrics),
      tick_seconds_(metrics.histogram(
          "manyworlds_tick_seconds", "Time the control loop works for one tick, all worlds together",
          {0.0005, 0.001, 0.002, 0.005, 0.01, 0.0125, 0.015, 0.0175, 0.02, 0.03, 0.04, 0.05, 0.1, 0.25})),
      ticks_(metrics.counter("manyworlds_ticks_total", "Ticks of the control loop")),
      overruns_(metrics.counter("manyworlds_tick_overruns_total",
                                "Ticks that came late by a tick or more, or took longer than one")) {
  metrics.gauge("manyworlds_info", "1; the label says which version runs", {{"version", std::move(version)}}).set(1);
}

void Telemetry::tick(double seconds, bool overrun) {
  tick_seconds_.observe(seconds);
  ticks_.add();
  if (overrun) overruns_.add();
  ++tick_count_;
  overrun_count_ += overrun ? 1 : 0;
  tick_sum_ += seconds;
  tick_worst_ = std::max(tick_worst_, seconds);
}

void Telemetry::follow(const std::string& name, const std::string& help, double total,
                       const runtime::Metrics::Labels& labels) {
  std::string key = name;
  for (const auto& [label, value] : labels) key += "\n" + label + "=" + value;
  auto& last = followed_[key];
  auto& counter = metrics_.counter(name, help, labels);
  if (total > last) counter.add(total - last);
  last = total;
}

void Telemetry::publish(Control& control, const records::StoreQueue& store, const Inbox& inbox,
                        const tracks::FramePool& pool) {
  control.each_world([&](const world::World& world, const crowd::Engine& engine) {
    const runtime::Metrics::Labels labels{{"world", world.description().name}};
    const auto& stats = world.stats();
    metrics_.gauge("manyworlds_visitors", "Visitors inside", labels).set(static_cast<double>(world.visitors()));
    metrics_.gauge("manyworlds_simulated", "Simulated people", labels).set(static_cast<double>(world.walkers()));
    metrics_.gauge("manyworlds_waiting", "Visitors in the queue", labels).set(static_cast<double>(world.queued()));
    metrics_.gauge("manyworlds_things", "Things that edits have added", labels)
        .set(static_cast<double>(world.scene().things().size()));
    follow("manyworlds_claims_total", "Poses that visitors claimed", static_cast<double>(stats.claims), labels);
    follow("manyworlds_corrections_total", "Claims that broke the rules of movement",
           static_cast<double>(stats.corrections), labels);
    follow("manyworlds_entered_total", "Enterings", static_cast<double>(stats.entered), labels);
    follow("manyworlds_said_total", "Chat messages", static_cast<double>(stats.said), labels);
    follow("manyworlds_edits_total", "Edits shown since the start", static_cast<double>(world.scene().edits()), labels);
    const auto& crowd = engine.stats();
    follow("manyworlds_pose_frames_total", "Pose frames encoded", static_cast<double>(crowd.keyframes + crowd.deltas),
           labels);
    follow("manyworlds_pose_keyframes_total", "Of these, keyframes", static_cast<double>(crowd.keyframes), labels);
    follow("manyworlds_poses_total", "Poses encoded, summed over frames", static_cast<double>(crowd.poses), labels);
    follow("manyworlds_pose_bytes_total", "Bytes of pose frames, before fan-out", static_cast<double>(crowd.bytes),
           labels);
  });
  for (const auto& meter : control.registry().meters()) {
    if (meter.calls == 0) continue;
    const runtime::Metrics::Labels labels{{"method", meter.method}};
    follow("manyworlds_calls_total", "Calls by method", static_cast<double>(meter.calls), labels);
    follow("manyworlds_call_errors_total", "Of these, answered with an error", static_cast<double>(meter.errors),
           labels);
    follow("manyworlds_call_seconds_total", "Time spent in their handlers", meter.seconds, labels);
  }
  const auto disk = store.stats();
  follow("manyworlds_store_commits_total", "Transactions committed", static_cast<double>(disk.commits));
  follow("manyworlds_store_batches_total", "Batches written; several may share a transaction",
         static_cast<double>(disk.batches));
  follow("manyworlds_store_commit_seconds_total", "Time spent committing", disk.commit_seconds);
  follow("manyworlds_store_refused_total", "Batches refused because the queue was full",
         static_cast<double>(disk.refused));
  follow("manyworlds_store_failed_total", "Batches that the database refused", static_cast<double>(disk.failed));
  metrics_.gauge("manyworlds_store_commit_seconds_max", "The slowest commit").set(disk.commit_seconds_max);
  metrics_.gauge("manyworlds_store_waiting", "Batches not yet on disk").set(static_cast<double>(store.waiting()));
  follow("manyworlds_claims_dropped_total", "Claims dropped because the control loop lagged",
         static_cast<double>(inbox.dropped_claims()));
  follow("manyworlds_calls_dropped_total", "Calls refused because the control loop lagged",
         static_cast<double>(inbox.dropped_calls()));
  metrics_.gauge("manyworlds_frames_allocated", "Frames ever allocated; constant once the host is warm")
      .set(static_cast<double>(pool.frames_allocated()));
  const auto& stats = control.stats();
  follow("manyworlds_resumed_total", "Visitors who came back with their token", static_cast<double>(stats.resumed));
  follow("manyworlds_places_saved_total", "Places of visitors written to disk",
         static_cast<double>(stats.places_saved));
  follow("manyworlds_place_save_failures_total", "Attempts at that which failed",
         static_cast<double>(stats.save_failures));
  metrics_.gauge("manyworlds_resident_bytes", "Memory of the process")
      .set(static_cast<double>(platform::resident_bytes()));
  metrics_.gauge("manyworlds_open_descriptors", "Open files and sockets")
      .set(static_cast<double>(platform::open_descriptors()));
  follow("manyworlds_cpu_seconds_total", "Processor time of the process",
         static_cast<double>(platform::process_cpu_ns()) / 1e9);
}

void Telemetry::publish(const PublicLogStatus& log) {
  metrics_.gauge("manyworlds_log_entries", "Entries of the host's log on disk").set(static_cast<double>(log.recorded));
  metrics_.gauge("manyworlds_log_final_entries", "Of these, seen by a quorum of its witnesses")
      .set(static_cast<double>(log.final_size));
  metrics_.gauge("manyworlds_log_open", "1 when the log takes entries, 0 when it is read-only").set(log.open ? 1 : 0);
  for (const auto& witness : log.witnesses) {
    const runtime::Metrics::Labels labels{{"witness", witness.name}};
    follow("manyworlds_witness_cosigned_total", "Checkpoints that a witness has cosigned",
           static_cast<double>(witness.cosigned), labels);
    follow("manyworlds_witness_failures_total", "Times that it was asked in vain",
           static_cast<double>(witness.failures), labels);
  }
}

void Telemetry::publish(const federation::TravelStats& travel) {
  follow("manyworlds_visits_issued_total", "Visits of people of this host that other hosts were told of",
         static_cast<double>(travel.issued));
  follow("manyworlds_travellers_arrived_total", "Arrivals of people of other homes",
         static_cast<double>(travel.arrived));
  follow("manyworlds_travellers_refused_total", "Challenges and arrivals of people of other homes that were refused",
         static_cast<double>(travel.refused));
}

void Telemetry::publish(const HostCallStats& calls) {
  follow("manyworlds_host_calls_received_total", "Calls of other hosts that were answered",
         static_cast<double>(calls.received));
  follow("manyworlds_host_calls_refused_total", "Calls of other hosts that were refused",
         static_cast<double>(calls.refused));
  follow("manyworlds_host_calls_sent_total", "Calls to other hosts", static_cast<double>(calls.sent));
  follow("manyworlds_host_calls_failed_total", "Calls to other hosts that brought no result",
         static_cast<double>(calls.failed));
}

Json Telemetry::process() const {
  return {{"resident_bytes", platform::resident_bytes()},
          {"cpu_seconds", static_cast<double>(platform::process_cpu_ns()) / 1e9},
          {"ticks", tick_count_},
          {"tick_overruns", overrun_count_},
          {"tick_ms_mean", tick_count_ == 0 ? 0.0 : tick_sum_ / static_cast<double>(tick_count_) * 1000},
          {"tick_ms_worst", tick_worst_ * 1000}};
}

}  // namespace mw::server
