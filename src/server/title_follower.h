// Reads the logs of other hosts, for the titles that their people bring: checkpoint, tiles and entries, all of them checked, on
// threads of its own, so that a host that is slow, or a log that is long, holds up nobody but those who come from it. What was
// scanned is kept and goes on from there; the one that was asked for longest ago goes first. A log that shows two histories is
// reported with the two checkpoints.
// Bounds: kLogs logs of at most kEntries entries, a minute for each question; kWaiting questions, kPerHost of one home: beyond it
// `rate_limited`.
// Thread: `follow` from any; answers come by `post`. FollowedLog: one at a time.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>

#include "base/result.h"
#include "federation/log_question.h"
#include "trust/title_proof.h"

namespace mw::server {

// The body of a 200 at an address. Blocks. Errors: those of edge::fetch, `unavailable`, `not_found`.
using GetDocument = std::function<Result<std::string>(const std::string& url, std::size_t max_bytes)>;

class FollowedLog {
 public:
  static constexpr std::uint64_t kEntries = 100'000;  // about 40 MiB and some seconds, were each a title

  // The log of the host with this key; `witnesses` are those whose cosignatures count here. Errors of TitleVerifier::make.
  static Result<FollowedLog> make(const std::string& home, const crypto::PublicKey& home_key,
                                  std::vector<trust::CountedWitness> witnesses);
  // Up to what the host shows now. Errors: `too_large`, those of TitleVerifier::follow and of `get`.
  Status follow(const GetDocument& get);
  // To what is asked, once it was followed.
  federation::Standings answer(const federation::LogQuestion& question) const;
  const std::optional<records::Evidence>& evidence() const { return verifier_.auditor().evidence(); }

 private:
  FollowedLog(std::string base, trust::TitleVerifier verifier)
      : base_(std::move(base)), verifier_(std::move(verifier)) {}
  std::string base_;  // below which the log's addresses are
  trust::TitleVerifier verifier_;
};

class TitleFollower {
 public:
  using Post = std::function<void(std::function<void()>)>;  // to the thread that wants the answers
  TitleFollower(GetDocument get, std::vector<trust::CountedWitness> witnesses, Post post);
  ~TitleFollower();  // within the time that a request may take; no answer comes afterwards
  void follow(federation::LogQuestion question, std::function<void(Result<federation::Standings>)> answer);

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace mw::server
