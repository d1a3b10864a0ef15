// A host in the simulation: the real control side (calls, worlds, trust, journal) upon the virtual disk, network and clock.
// It can crash at any change of its disk, also in the middle of a commit, and starts again from what the disk has kept.
// Thread: one.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "records/store_queue.h"
#include "server/control.h"
#include "sim/disk.h"
#include "sim/home.h"
#include "sim/network.h"
#include "sim/wrong_clock.h"
#include "tracks/outlet.h"
#include "trust/keeper.h"

namespace mw::sim {

// As other hosts know it.
struct HostAddress {
  std::string authority;
  Internet* internet = nullptr;
  WrongClock clock;
  Micros clock_end = 0;  // when the clock's error is at its last value
};

class Host final : public Endpoint, public Site {
 public:
  // `name` is unique among hosts of one process at a time, since SQLite's file systems have names. With an address it is a home.
  Host(std::string name, std::vector<std::string> worlds, Events& events, Network& network, Random random,
       std::optional<HostAddress> address = {});
  ~Host() override;

  void start();
  void crash(bool power_was_cut);
  bool up() const { return up_; }
  // Between two events: a disk that went off takes the host with it.
  bool crashed_by_disk() const { return up_ && disk_.off(); }

  Disk& disk() { return disk_; }
  const std::string& name() const { return name_; }
  const std::optional<HostAddress>& address() const { return address_; }
  const std::vector<std::string>& worlds() const { return worlds_; }
  server::Control* control() { return control_.get(); }
  Home* home() { return home_.get(); }
  bool ready() const { return up_ && opened_ == worlds_.size(); }  // its worlds are open
  std::int64_t clock_error_ms() const {
    return address_ ? address_->clock.error_ms(events_.now(), address_->clock_end) : 0;
  }
  records::Journal& journal() { return store_->journal(); }
  // Called after each start, when the worlds are open; and when something is wrong that no crash explains.
  std::function<void(Host&)> on_started;
  std::function<void(const std::string&)> on_violation;

  void link_opened(LinkId link) override;
  void received(LinkId link, const Message& message) override;
  void link_closed(LinkId link) override;

  bool reachable() const override { return ready(); }
  void serve(const edge::PublicRequest& request, std::function<void(edge::HttpReply)> answer) override;
  Result<std::string> document(const std::string& path) override;

 private:
  class Outlet;
  world::Now now() const { return {events_.seconds(), events_.unix_ms() + clock_error_ms()}; }
  // What the control loop is to do, `delay` from now at the earliest and after what was posted before.
  void post(Micros delay, std::function<void()> callback);
  Status open_store();
  Status open_home();
  void fail_to_start(const Error& error);
  std::function<void(std::span<Byte>)> entropy();
  void open_worlds();
  void world_opened(const std::string& world, const Status& status);
  void tick(std::uint64_t life);
  // Runs an event of the host, and lets it crash afterwards when its disk went off.
  void alive(const std::function<void()>& event);
  void fall();

  std::string name_;
  std::vector<std::string> worlds_;
  Events& events_;
  Network& network_;
  Random random_;
  std::optional<HostAddress> address_;
  Disk disk_;
  DiskVfs vfs_;
  std::shared_ptr<const world::Catalogue> catalogue_;
  std::uint64_t life_ = 0;
  bool up_ = false;
  std::size_t opened_ = 0;
  std::uint32_t ticks_ = 0;

  // Callbacks of the store on their way to the control side. They die with the host, not with the queue of events.
  std::map<std::uint64_t, std::function<void()>> posted_;
  std::uint64_t posts_ = 0;
  Micros posted_last_ = 0;

  // One life; destroyed in reverse.
  std::unique_ptr<tracks::FramePool> pool_;
  std::unique_ptr<Outlet> outlet_;
  std::unique_ptr<records::InlineStore> store_;
  std::unique_ptr<trust::Keeper> keeper_;
  std::unique_ptr<Home> home_;  // where it has an address
  std::unique_ptr<server::Control> control_;
};

}  // namespace mw::sim
