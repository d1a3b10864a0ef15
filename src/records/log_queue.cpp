#include "records/log_queue.h"

#include <condition_variable>
#include <mutex>
#include <thread>
#include <utility>
#include <vector>

#include "base/format.h"
#include "base/limits.h"

namespace mw::records {

struct LogQueue::State {
  struct Item {
    Bytes entry;
    Done done;
    std::function<void(Log&)> work;  // instead of an entry
  };

  explicit State(std::unique_ptr<Log> opened) : log(std::move(opened)) {}

  void loop() {
    std::vector<Item> taken;
    while (true) {
      {
        std::unique_lock lock(mutex);
        wake.wait(lock, [this] { return ending || !waiting.empty(); });
        if (waiting.empty()) return;
        taken.swap(waiting);
        waiting_bytes = 0;
      }
      handle(taken);
      taken.clear();
    }
  }

  void handle(std::vector<Item>& items) {
    for (std::size_t from = 0; from < items.size();) {
      if (items[from].work) {
        items[from++].work(*log);
        continue;
      }
      std::size_t to = from, bytes = 0;
      while (to < items.size() && !items[to].work && to - from < limits::kLogBatchEntries &&
             bytes + items[to].entry.size() + 2 <= limits::kLogBatchBytes)
        bytes += items[to++].entry.size() + 2;
      commit(std::span(items).subspan(from, to - from));
      from = to;
    }
  }

  void commit(std::span<Item> items) {
    std::vector<ByteView> entries;
    entries.reserve(items.size());
    for (const auto& item : items) entries.emplace_back(item.entry);
    const auto first = log->append(entries);
    {
      const std::lock_guard lock(mutex);
      stats.batches += 1;
      (first.ok() ? stats.entries : stats.failed) += items.size();
    }
    for (std::size_t i = 0; i < items.size(); ++i) {
      if (first.ok())
        items[i].done(*first + i);
      else
        items[i].done(first.error());
    }
  }

  std::unique_ptr<Log> log;
  mutable std::mutex mutex;
  std::condition_variable wake;
  std::vector<Item> waiting;
  std::size_t waiting_bytes = 0;
  bool ending = false;
  LogQueueStats stats;
  std::thread thread;
};

LogQueue::LogQueue(std::unique_ptr<Log> log) : state_(std::make_unique<State>(std::move(log))) {
  state_->thread = std::thread([state = state_.get()] { state->loop(); });
}

LogQueue::~LogQueue() {
  {
    const std::lock_guard lock(state_->mutex);
    state_->ending = true;
  }
  state_->wake.notify_one();
  state_->thread.join();
  (void)state_->log->save_mark().ok();  // it only makes the next start quicker
}

void LogQueue::append(Bytes entry, Done done) {
  if (entry.size() > limits::kLogEntryBytes)
    return done(Error{ErrorKind::too_large, "entry", format("over {} bytes", limits::kLogEntryBytes)});
  bool first = false;
  {
    const std::lock_guard lock(state_->mutex);
    if (state_->waiting.size() < limits::kLogQueueEntries &&
        state_->waiting_bytes + entry.size() <= limits::kLogQueueBytes) {
      first = state_->waiting.empty();
      state_->waiting_bytes += entry.size();
      state_->waiting.push_back({std::move(entry), std::move(done), {}});
      done = nullptr;
    } else {
      state_->stats.refused += 1;
    }
  }
  if (done) return done(failure(ErrorKind::unavailable, "the log is busy"));
  if (first) state_->wake.notify_one();
}

bool LogQueue::run(std::function<void(Log&)> work) {
  {
    const std::lock_guard lock(state_->mutex);
    if (state_->waiting.size() >= limits::kLogQueueEntries) return false;
    state_->waiting.push_back({{}, {}, std::move(work)});
  }
  state_->wake.notify_one();
  return true;
}

const Log& LogQueue::log() const { return *state_->log; }

LogQueueStats LogQueue::stats() const {
  const std::lock_guard lock(state_->mutex);
  return state_->stats;
}

}  // namespace mw::records
