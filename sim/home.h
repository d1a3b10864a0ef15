// What makes a simulated host the home of people and a place to visit: accounts, travel, calls between hosts, friends, titles over
// a log on the virtual disk, and what visitors bring. One life of it; the disk and the network outlive it.
// Of the log's witnesses only what they say of the host's clock is here: scenario_titles.cpp is about the rest.
// Thread: one.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <string>

#include "records/log.h"
#include "records/store_queue.h"
#include "server/control.h"
#include "server/title_follower.h"
#include "sim/disk_storage.h"
#include "sim/internet.h"
#include "trust/keeper.h"

namespace mw::sim {

class Home {
 public:
  struct Setup {
    std::string authority;  // "host-1.localhost"
    Disk* disk = nullptr;
    Internet* internet = nullptr;
    records::InlineStore* store = nullptr;
    trust::Keeper* keeper = nullptr;
    std::function<void(std::span<Byte>)> entropy;
    std::function<std::int64_t()> now_ms;
    std::function<Status()> clock;  // whether witnesses find that clock right
    // Later, if this life still lasts.
    std::function<void(std::function<void()>)> post;
  };
  // Errors: those of what is loaded. Titles are read afterwards, before worlds may open; `read` says so.
  static Result<std::unique_ptr<Home>> open(Setup setup, std::function<void(Status)> read);
  ~Home();

  void provide(server::ControlServices& services) const;
  void serve(const edge::PublicRequest& request, std::function<void(edge::HttpReply)> answer);
  Result<std::string> document(const std::string& path) const;

  const std::string& authority() const { return setup_.authority; }
  federation::Titles& titles() { return *titles_; }
  federation::Friends& friends() { return *friends_; }
  federation::Accounts& accounts() { return *accounts_; }
  federation::Travel& travel() { return *travel_; }
  const federation::Carrying& carrying() const { return *carrying_; }

 private:
  class TitleLog;
  explicit Home(Setup setup);
  Status load();
  Status open_log();
  Status open_abroad();
  void ask(const edge::FetchRequest& request, std::size_t max_bytes, Internet::Answer answer);
  Result<federation::Standings> read_log(const federation::LogQuestion& question);
  federation::FollowLog follow();
  std::string url() const { return "http://" + setup_.authority; }

  Setup setup_;
  std::unique_ptr<federation::Accounts> accounts_;
  std::unique_ptr<federation::Travel> travel_;
  std::unique_ptr<server::HostCalls> host_calls_;
  std::unique_ptr<federation::Friends> friends_;
  std::unique_ptr<DiskStorage> storage_;
  std::unique_ptr<TitleLog> log_;
  std::unique_ptr<federation::Titles> titles_;
  std::unique_ptr<federation::Carrying> carrying_;
  std::unique_ptr<federation::Abroad> abroad_;
  std::map<std::string, server::FollowedLog> followed_;  // by authority
};

}  // namespace mw::sim
