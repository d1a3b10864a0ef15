#include "records/store_queue.h"

#include <chrono>
#include <condition_variable>
#include <deque>
#include <mutex>
#include <optional>
#include <thread>

#include "base/limits.h"

namespace mw::records {
namespace {

std::size_t bytes_of(const Batch& batch) {
  std::size_t bytes = 64;
  for (const auto& append : batch.appends) bytes += append.stream.size() + append.body.size() + 32;
  for (const auto& [key, value] : batch.puts) bytes += key.size() + value.size() + 32;
  for (const auto& key : batch.removes) bytes += key.size() + 32;
  return bytes;
}

std::size_t rows_of(const Batch& batch) { return batch.appends.size() + batch.puts.size() + batch.removes.size(); }

Error queue_full() { return failure(ErrorKind::unavailable, "the store is behind; try again"); }

}  // namespace

void Store::append(std::vector<Append> appends, Done done) {
  commit(Batch{std::move(appends), {}, {}}, std::move(done));
}

void Store::put(std::vector<std::pair<std::string, std::string>> values, Finished done) {
  commit(Batch{{}, std::move(values), {}}, [done = std::move(done)](Result<std::vector<std::uint64_t>> result) {
    done(result.ok() ? ok() : Status(std::move(result).error()));
  });
}

struct StoreQueue::State {
  // A batch to commit, or work that needs the journal to itself.
  struct Item {
    std::optional<Batch> batch;
    Done done;
    std::function<void(Journal&)> work;
    std::size_t bytes = 0;
  };

  std::unique_ptr<Journal> journal;
  Post post;
  mutable std::mutex mutex;
  std::condition_variable wake;
  std::deque<Item> items;
  std::size_t bytes = 0;
  bool stopping = false;
  StoreStats stats;
  std::thread thread;

  // Copies take seconds and hold up nobody, so they have a thread of their own, one at a time.
  std::thread copier;
  bool copying = false;

  void loop();
  bool enqueue(Item item);
  std::deque<Item> take();
  void commit_together(std::deque<Item>& group);
  void answer(Item& item, Result<std::vector<std::uint64_t>> result);
};

// Refuses when the queue is full. Work (folds) is bounded by count as well.
bool StoreQueue::State::enqueue(Item item) {
  const std::lock_guard lock(mutex);
  if (items.size() >= limits::kStoreQueueBatches || bytes + item.bytes > limits::kStoreQueueBytes) {
    ++stats.refused;
    return false;
  }
  bytes += item.bytes;
  items.push_back(std::move(item));
  wake.notify_one();
  return true;
}

// Waits, then takes either one piece of work or as many batches as one transaction holds. Empty at the end.
std::deque<StoreQueue::State::Item> StoreQueue::State::take() {
  std::unique_lock lock(mutex);
  wake.wait(lock, [this] { return stopping || !items.empty(); });
  std::deque<Item> group;
  std::size_t rows = 0;
  while (!items.empty()) {
    Item& next = items.front();
    if (!group.empty() && (!next.batch || rows + rows_of(*next.batch) > limits::kJournalBatch)) break;
    rows += next.batch ? rows_of(*next.batch) : 0;
    bytes -= next.bytes;
    group.push_back(std::move(next));
    items.pop_front();
    if (!group.back().batch) break;
  }
  return group;
}

void StoreQueue::State::answer(Item& item, Result<std::vector<std::uint64_t>> result) {
  {
    const std::lock_guard lock(mutex);
    ++stats.batches;
    if (!result.ok()) ++stats.failed;
  }
  // std::function needs what it holds to be copyable, and a Result of numbers is.
  post([done = std::move(item.done), result = std::move(result)]() mutable { done(std::move(result)); });
}

void StoreQueue::State::commit_together(std::deque<Item>& group) {
  Batch all;
  for (const Item& item : group) {
    all.appends.insert(all.appends.end(), item.batch->appends.begin(), item.batch->appends.end());
    all.removes.insert(all.removes.end(), item.batch->removes.begin(), item.batch->removes.end());
    all.puts.insert(all.puts.end(), item.batch->puts.begin(), item.batch->puts.end());
  }
  // Within one transaction removals go first, so batches that remove and put may share one only when alone.
  const bool together = group.size() == 1 || all.removes.empty();
  auto result = together ? journal->commit(all) : Result<std::vector<std::uint64_t>>(Error{});
  if (!result.ok() && group.size() > 1) {
    // One bad batch, or a disk that has place for some of them: each stands for itself.
    for (Item& item : group) answer(item, journal->commit(*item.batch));
    return;
  }
  if (!result.ok()) return answer(group.front(), std::move(result));
  std::size_t at = 0;
  for (Item& item : group) {
    const auto first = result->begin() + static_cast<std::ptrdiff_t>(at);
    const std::size_t count = item.batch->appends.size();
    at += count;
    answer(item, std::vector<std::uint64_t>(first, first + static_cast<std::ptrdiff_t>(count)));
  }
}

void StoreQueue::State::loop() {
  for (;;) {
    auto group = take();
    if (group.empty()) return;
    if (!group.front().batch) {
      group.front().work(*journal);
      continue;
    }
    {
      // Before the answers go out: whoever has his answer also sees the commit counted.
      const std::lock_guard lock(mutex);
      ++stats.commits;
    }
    const auto start = std::chrono::steady_clock::now();
    commit_together(group);
    const double seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
    const std::lock_guard lock(mutex);
    stats.commit_seconds += seconds;
    stats.commit_seconds_max = std::max(stats.commit_seconds_max, seconds);
  }
}

StoreQueue::StoreQueue(std::unique_ptr<Journal> journal, Post post) : state_(std::make_unique<State>()) {
  state_->journal = std::move(journal);
  state_->post = std::move(post);
  state_->thread = std::thread([state = state_.get()] { state->loop(); });
}

StoreQueue::~StoreQueue() {
  {
    const std::lock_guard lock(state_->mutex);
    state_->stopping = true;
  }
  state_->wake.notify_one();
  state_->thread.join();
  if (state_->copier.joinable()) state_->copier.join();
}

void StoreQueue::commit(Batch batch, Done done) {
  const std::size_t bytes = bytes_of(batch);
  auto refused = done;
  if (!state_->enqueue({std::move(batch), std::move(done), {}, bytes}))
    state_->post([refused = std::move(refused)] { refused(queue_full()); });
}

void StoreQueue::run(std::function<void(Journal&)> work, std::function<void()> then) {
  auto both = [post = state_->post, work = std::move(work), then](Journal& journal) {
    work(journal);
    post(then);
  };
  if (!state_->enqueue({std::nullopt, {}, std::move(both), 64})) state_->post(std::move(then));
}

void StoreQueue::fold(std::string stream, Snapshot snapshot, std::size_t keep, Finished done) {
  const std::size_t bytes = snapshot.body.size() + 64;
  auto work = [post = state_->post, stream = std::move(stream), snapshot = std::move(snapshot), keep,
               done](Journal& journal) {
    post([done, status = journal.fold(stream, snapshot, keep)]() mutable { done(std::move(status)); });
  };
  if (!state_->enqueue({std::nullopt, {}, std::move(work), bytes}))
    state_->post([done = std::move(done)] { done(queue_full()); });
}

void StoreQueue::copy_to(std::string path, Finished done) {
  {
    const std::lock_guard lock(state_->mutex);
    if (state_->copying) {
      state_->post([done = std::move(done)] { done(failure(ErrorKind::conflict, "a copy is being made already")); });
      return;
    }
    state_->copying = true;
  }
  if (state_->copier.joinable()) state_->copier.join();
  state_->copier = std::thread([state = state_.get(), path = std::move(path), done = std::move(done)]() mutable {
    Status status = state->journal->copy_to(path);
    {
      const std::lock_guard lock(state->mutex);
      state->copying = false;
    }
    state->post([done = std::move(done), status = std::move(status)]() mutable { done(std::move(status)); });
  });
}

std::size_t StoreQueue::waiting() const {
  const std::lock_guard lock(state_->mutex);
  return state_->items.size();
}

StoreStats StoreQueue::stats() const {
  const std::lock_guard lock(state_->mutex);
  return state_->stats;
}

InlineStore::InlineStore(std::unique_ptr<Journal> journal, Post post)
    : journal_(std::move(journal)), post_(std::move(post)) {}
InlineStore::~InlineStore() = default;

void InlineStore::commit(Batch batch, Done done) {
  post_([done = std::move(done), result = journal_->commit(batch)]() mutable { done(std::move(result)); });
}

void InlineStore::fold(std::string stream, Snapshot snapshot, std::size_t keep, Finished done) {
  post_(
      [done = std::move(done), status = journal_->fold(stream, snapshot, keep)]() mutable { done(std::move(status)); });
}

void InlineStore::copy_to(std::string path, Finished done) {
  post_([done = std::move(done), status = journal_->copy_to(path)]() mutable { done(std::move(status)); });
}

void InlineStore::run(std::function<void(Journal&)> work, std::function<void()> then) {
  work(*journal_);
  post_(std::move(then));
}

}  // namespace mw::records
