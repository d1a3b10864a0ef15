// What a page does on a connection to one host: calls, each answered once, or not when the link breaks.
// Thread: one.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <string>

#include "data/json.h"
#include "sim/host.h"
#include "sim/network.h"

namespace mw::sim {

class Browser final : public Endpoint {
 public:
  // The result; null when it was refused, with the error, or when the link broke before: then it may have happened all the same.
  struct Answer {
    const Json* result = nullptr;
    const Json* error = nullptr;
    bool unknown() const { return result == nullptr && error == nullptr; }
  };
  using Done = std::function<void(const Answer&)>;

  Browser(Host& host, Network& network) : host_(host), network_(network) {}
  ~Browser() override;

  // From a fresh connection on. `done` of open calls that were not answered is called first; `failed` when nobody answers.
  void open(std::function<void()> opened, std::function<void()> failed);
  void close();
  bool is_open() const { return open_; }
  Host& host() { return host_; }
  void call(const std::string& method, Json params, Done done);

  void link_opened(LinkId link) override;
  void received(LinkId link, const Message& message) override;
  void link_closed(LinkId link) override;

 private:
  void let_go();
  Host& host_;
  Network& network_;
  LinkId link_ = 0;
  bool open_ = false;
  std::function<void()> opened_, failed_;
  std::uint64_t calls_ = 0;
  std::map<std::uint64_t, Done> waiting_;
};

}  // namespace mw::sim
