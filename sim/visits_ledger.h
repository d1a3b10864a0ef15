// What people were answered in the visits scenario, and what must hold: accounts, titles and messages that were acknowledged stay;
// a thing moves only when its owner says so, and is somebody's, one person's, at their home; it is shown in one place at a time;
// a message arrives once; friends are friends at both homes; whoever is blocked is gone.
// Thread: one.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "sim/host.h"
#include "sim/scenario.h"

namespace mw::sim {

using Did = std::string;

class VisitsLedger {
 public:
  VisitsLedger(Events& events, std::vector<std::unique_ptr<Host>>& hosts) : events_(events), hosts_(hosts) {}

  bool good() const { return report_.violation.empty(); }
  void violate(const std::string& who, const std::string& why);
  Report& report() { return report_; }

  // What people were answered.
  void has_account(const Did& who, std::size_t home, VisitorId visitor);
  void made(const std::string& asset, const Did& owner);
  void says(const std::string& asset, const Did& from, const Did& to);  // before it is asked for
  void given(const std::string& asset, const Did& to);
  void wrote(const Did& from, const Did& to, const std::string& text);
  void parts(const Did& a, const Did& b);  // one of them ends it or blocks; before it is asked for
  void blocked(const Did& by, const Did& who);
  void unblocks(const Did& by, const Did& who);  // before it is asked for

  // Every so often.
  void look();
  // When a host has started: what it acknowledged is there.
  void check_started(Host& host, std::size_t number);
  // In the end. What each person's home lists as theirs, and the friends and messages that it shows.
  struct Shown {
    std::vector<std::string> things;
    std::set<Did> friends;
    std::map<Did, std::vector<std::string>> heard;  // texts of others
  };
  void check_end(const std::map<Did, Shown>& shown);

 private:
  struct Account {
    std::size_t home = 0;
    VisitorId visitor;
    crypto::PublicKey key;  // that the home keeps
  };
  struct Thing {
    std::size_t log = 0;
    std::vector<Did> owners;  // by sequence, as the log told first
    std::set<Did> acknowledged;  // who was said to have got it
  };
  const Did* owner_of(const crypto::PublicKey& key) const;
  void follow(std::size_t number);
  void follow_title(std::size_t number, const trust::Title& title);
  void look_at(const std::string& asset, const Thing& thing);
  std::vector<std::string> shown_at(const trust::AssetId& asset, std::size_t log) const;
  void check_things(const std::map<Did, Shown>& shown);
  void check_friends(const std::map<Did, Shown>& shown);

  Events& events_;
  std::vector<std::unique_ptr<Host>>& hosts_;
  Report report_;
  std::map<Did, Account> accounts_;
  std::map<std::string, Thing> things_;
  std::map<std::string, Did> made_;
  std::set<std::tuple<std::string, Did, Did>> said_;
  struct Message {
    Did from, to;
    std::string text;
  };
  std::vector<Message> messages_;
  std::set<std::pair<Did, Did>> blocks_;
};

}  // namespace mw::sim
