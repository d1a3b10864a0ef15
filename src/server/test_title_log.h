// For tests: a host's log in memory, signed by its key and shown at the addresses of schema/http.md; the same after a restart.
// Thread: the test's.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "federation/titles.h"
#include "records/checkpoint.h"
#include "records/log.h"
#include "records/test_storage.h"
#include "trust/carried.h"
#include "trust/keeper.h"

namespace mw::server {

class MemoryTitleLog final : public federation::TitleLog {
 public:
  using Post = std::function<void(std::function<void()>)>;
  MemoryTitleLog(records::MemoryStorage& storage, const trust::Keeper& keeper, Post post)
      : key_(crypto::public_key(keeper.public_key()).value()),
        keeper_(keeper),
        post_(std::move(post)),
        log_(records::Log::open(storage).value()) {}

  std::string origin() const override { return trust::log_origin(key_); }
  std::uint64_t final_size() const override { return 0; }
  void append(Bytes entry, std::function<void(Result<std::uint64_t>)> done) override {
    const std::vector<ByteView> batch(1, entry);
    post_([done = std::move(done), index = log_->append(batch)] { done(index); });
  }
  void read(std::uint64_t first, std::function<void(Result<std::vector<Bytes>>)> done) override {
    std::vector<Bytes> out;
    for (auto i = first; i < log_->size(); ++i) out.push_back(log_->entry(i).value());
    post_([done = std::move(done), out = std::move(out)] { done(out); });
  }
  void prove(std::vector<std::uint64_t>, std::function<void(Result<trust::TitleProof>)> done) override {
    post_([done = std::move(done)] { done(failure(ErrorKind::unavailable, "nobody asks in these tests")); });
  }
  Status clock(std::int64_t) const override { return clock_is; }

  // What is served under /log/.
  Result<std::string> get(std::string_view path) const {
    if (path == "checkpoint") {
      const records::NoteSigner signer{records::note_key(origin(), records::SignatureType::ed25519, key_).value(),
                                       [this](ByteView message) {
                                         crypto::Signature signature{};
                                         const Bytes made = keeper_.sign(message);
                                         std::copy(made.begin(), made.end(), signature.begin());
                                         return signature;
                                       }};
      return format_note(records::sign_checkpoint(signer, {origin(), log_->size(), log_->root(), {}}).note);
    }
    const auto name = records::parse_tile_path(path);
    if (!name.ok()) return name.error();
    const auto bytes = log_->read(*name);
    if (!bytes.ok()) return bytes.error();
    return std::string(as_text(*bytes));
  }
  Status clock_is = ok();

 private:
  crypto::PublicKey key_;
  const trust::Keeper& keeper_;
  Post post_;
  std::unique_ptr<records::Log> log_;
};

}  // namespace mw::server
