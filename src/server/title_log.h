// The host's public log as the titles need it: what they ask is done on the log's thread, and answered on the control loop.
// Thread: the control loop.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "federation/titles.h"
#include "server/public_log.h"

namespace mw::server {

class TitlesInPublicLog final : public federation::TitleLog {
 public:
  using Post = std::function<void(std::function<void()>)>;  // to the control loop
  TitlesInPublicLog(PublicLog& log, Post post) : log_(log), post_(std::move(post)) {}
  std::string origin() const override { return log_.origin(); }
  std::uint64_t final_size() const override { return log_.status().final_size; }
  void append(Bytes entry, std::function<void(Result<std::uint64_t>)> done) override;
  void read(std::uint64_t first, std::function<void(Result<std::vector<Bytes>>)> done) override;
  void prove(std::vector<std::uint64_t> indices, std::function<void(Result<trust::TitleProof>)> done) override;
  Status clock(std::int64_t now_ms) const override { return log_.clock(now_ms); }

 private:
  PublicLog& log_;
  Post post_;
};

// The key that a host keeps for a visitor: always the same, from a signature of the host's key that is shown to nobody.
crypto::SigningKey kept_title_key(const trust::Keeper& keeper, VisitorId visitor);

}  // namespace mw::server
