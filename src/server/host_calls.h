// Calls between hosts: JSON-RPC 2.0 by POST to kHostCallsPath of the other, each signed by the caller's key (RFC 9421, tag
// "manyworlds-host") over method, authority, path, query and the digest of the body. Who calls is known by the did.json that is
// fetched by the name in the signature, never by an address. Sans I/O: requests go out by `ask`, come in by `receive`. The bytes
// stand in schema/hosts.md.
// Limits: kHostCallBytes for a request and an answer; of one host 20 calls a second, 100 at once; hosts that were not heard of within
// the hour may make us fetch their name once a second for each address, 20 times for all. Over them: `rate_limited`. Nonces are kept
// until they expire, as many as a ReplayMemory holds.
// Thread: the control loop, also for callbacks; `receive` and `send` never block it.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <unordered_map>

#include "calls/quota.h"
#include "edge/control.h"
#include "edge/fetch.h"
#include "federation/travel.h"
#include "trust/http_signature.h"
#include "trust/replay.h"

namespace mw::server {

inline constexpr std::size_t kHostCallBytes = 64u << 10;
inline constexpr std::string_view kHostCallTag = "manyworlds-host";

struct HostCallStats {
  std::uint64_t received = 0, refused = 0, sent = 0,
                failed = 0;  // answered calls of others and not; ours, and those without a result
  std::string last_refusal;  // at most 300 bytes
};

// One request, before anything of it is believed. Error `invalid` with the member.
struct HostCallRequest {
  std::string id, method;
  Json params;
};
Result<HostCallRequest> read_host_call(std::string_view body);
// The result in an answer to the call `id`, or the error that it tells: its kind by its code, its field and its message, cut to 300
// bytes. Error `unavailable`: no such answer.
Result<Json> read_host_answer(std::string_view body, std::string_view id);

class HostCalls {
 public:
  using Entropy = std::function<void(std::span<Byte>)>;
  template <class T>
  using Done = std::function<void(Result<T>)>;
  using Ask = std::function<void(edge::FetchRequest request, std::size_t max_bytes, Done<edge::Fetched> answer)>;
  struct Setup {
    std::string authority, did, method;  // of this host: "a.example", its did:web, the name of its key
    trust::Sign sign;
    Entropy entropy;
    Ask ask;
    std::function<std::int64_t()> now_ms;  // Unix time
  };
  // Travel says who a host is and whom this one deals with; it outlives the calls.
  HostCalls(Setup setup, federation::Travel& travel);
  ~HostCalls();
  HostCalls(const HostCalls&) = delete;
  HostCalls& operator=(const HostCalls&) = delete;

  // Answers a method of others, at once or later; `reply` once. `from`: the caller's authority, whose key has signed; whether it
  // may say what it says of its people is the handler's to check. A second handler for the same method is a mistake of ours.
  using Reply = Done<Json>;
  using Handler =
      std::function<void(const std::string& from, const crypto::PublicKey& key, const Json& params, Reply reply)>;
  void on(std::string method, Handler handler);

  // Calls another host. Errors: `invalid` (host), `too_large`, those of the network, `rate_limited` when too many wait, and
  // whatever the other answers. What was not answered may have happened all the same.
  void send(const std::string& authority, const std::string& method, Json params, Done<Json> done);

  // One request of another host; `reply` is called once.
  void receive(edge::PublicRequest request, std::function<void(edge::HttpReply)> reply);

  const HostCallStats& stats() const;

 private:
  struct State;
  std::shared_ptr<State> state_;  // what waits for an answer lets go of it when this is gone
};

}  // namespace mw::server
