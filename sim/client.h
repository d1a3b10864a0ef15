// A client that edits: opens a session, enters a world, follows its scene track, and adds, changes, removes, undoes and redoes.
// It comes back by itself after a broken link, as the same visitor. What it is told goes into the ledger.
// Thread: one.
#pragma once

#include <functional>
#include <map>
#include <string>

#include "data/json.h"
#include "sim/host.h"
#include "sim/ledger.h"
#include "sim/network.h"

namespace mw::sim {

struct ClientStats {
  std::uint64_t acknowledged = 0, refused = 0, unknown = 0, connects = 0, undone = 0;
};

class Client final : public Endpoint {
 public:
  Client(std::string name, Host& host, std::string world, Ledger& ledger, Events& events, Network& network,
         Random random);

  void start() { connect(); }
  void stop_editing() { editing_ = false; }
  std::function<void(const std::string&)> on_violation;

  bool following() const { return state_ == State::following && synced_; }
  std::uint64_t sequence() const { return sequence_; }
  const std::map<std::uint64_t, Json>& things() const { return things_; }
  const std::string& name() const { return name_; }
  const std::string& world() const { return world_; }
  Host& host() { return host_; }
  const ClientStats& stats() const { return stats_; }

  void link_opened(LinkId link) override;
  void received(LinkId link, const Message& message) override;
  void link_closed(LinkId link) override;

 private:
  enum class State : std::uint8_t { away, opening, entering, subscribing, following };
  struct Call {
    std::string method, mark;
    std::uint64_t entity = 0;
  };
  void connect();
  void call(const std::string& method, Json params, const std::string& mark = "", std::uint64_t entity = 0);
  void answered(const Call& call, const Json& answer);
  void edited(const Call& call, const Json& answer);
  void event(const Json& event);
  void think();
  void edit();
  void violate(const std::string& what);

  std::string name_;
  Host& host_;
  std::string world_;
  Ledger& ledger_;
  Events& events_;
  Network& network_;
  Random random_;

  State state_ = State::away;
  LinkId link_ = 0;
  std::string resume_;
  std::uint64_t calls_ = 0, marks_ = 0;
  std::map<std::uint64_t, Call> waiting_;
  std::map<std::uint64_t, Json> things_;
  std::uint64_t sequence_ = 0;
  bool synced_ = false, editing_ = true, thinking_ = false;
  ClientStats stats_;
};

}  // namespace mw::sim
