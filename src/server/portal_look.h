// What stands behind a portal to another host: what that host says of itself (/.well-known/manyworlds.json), asked at most once a
// minute. Nothing of it is believed beyond its form: texts are cleaned and cut, numbers bounded.
// Thread: the control loop.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <unordered_map>

#include "base/result.h"
#include "data/json.h"

namespace mw::server {

// The result of travel.look for `url`, of what its host answered. Pure.
Json portal_look(std::string_view url, const Result<std::string>& body);

class PortalLooks {
 public:
  // Fetches a document and answers on the control loop (Fetcher::get).
  using Fetch =
      std::function<void(std::string url, std::size_t max_bytes, std::function<void(Result<std::string>)> answer)>;
  explicit PortalLooks(Fetch fetch) : fetch_(std::move(fetch)) {}
  void look(const std::string& url, std::int64_t now_ms, std::function<void(Json)> answer);

 private:
  struct Kept {
    Result<std::string> body = failure(ErrorKind::not_found, "");
    std::int64_t at_ms = 0;
  };
  Fetch fetch_;
  std::unordered_map<std::string, Kept> kept_;  // by origin; as many as portals lead to, since only those are asked for
};

}  // namespace mw::server
