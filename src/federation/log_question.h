// What the log of another host says of some titles. Whoever answers has read all of that log and checked it (trust/title_proof.h).
// Thread: values; answers come on the control loop, and not from within the call.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "base/result.h"
#include "trust/title_proof.h"

namespace mw::federation {

struct LogQuestion {
  std::string host;  // authority
  crypto::PublicKey host_key;
  std::vector<trust::AssetId> assets;
  std::optional<crypto::PublicKey> owner;  // and of every title that belongs to this key
};
using Standings = std::vector<std::pair<trust::AssetId, Result<trust::Standing>>>;
using FollowLog = std::function<void(LogQuestion, std::function<void(Result<Standings>)> answer)>;

// The key of the host of this authority whose log has this origin, by its own document. Error `forbidden`: it has no such log.
using LogKeyOf = std::function<void(const std::string& host, const std::string& log,
                                    std::function<void(Result<crypto::PublicKey>)> answer)>;

}  // namespace mw::federation
