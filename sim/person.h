// Somebody with a home, in the visits scenario: makes an account, makes things and gives them, visits other hosts with them, meets
// others there, has friends, blocks and writes to them. What they do is what a browser's pages do, by the same calls, over links
// that break; what they are answered goes into the ledger.
// Thread: one.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "federation/test_authenticator.h"
#include "sim/browser.h"
#include "sim/visits_ledger.h"

namespace mw::sim {

class Person {
 public:
  using Hosts = std::vector<std::unique_ptr<Host>>;
  using People = std::vector<std::unique_ptr<Person>>;
  // Hosts, the ledger and the others outlive it.
  struct Around {
    Hosts& hosts;
    People& people;
    VisitsLedger& ledger;
    Events& events;
    Network& network;
  };
  Person(std::size_t number, std::size_t home, Around around, Random random);

  void start() { think(); }
  // From now on: home, and nothing new.
  void settle() { settling_ = true; }
  // Whether everything was said and seen that check_end needs.
  bool settled() const { return settled_ >= 3; }
  const VisitsLedger::Shown& shown() const { return shown_; }

  const std::string& name() const { return name_; }
  const Did& did() const { return did_; }
  std::size_t home() const { return home_; }
  // Who they are at a host, while they are inside there by a visit.
  std::optional<std::string> visitor_at(std::size_t host) const;
  void check_patience();  // a call that is not answered is a fault

 private:
  using Answer = Browser::Answer;
  Browser& at_home() { return *home_page_; }
  bool inside() const { return inside_ && away_page_ != nullptr && away_page_->is_open(); }
  void think();
  void act();
  void act_at_home();
  void act_away();
  // What is begun ends with done(), whatever comes of it.
  void begin(const char* what);
  void done();
  void ask(Browser& page, const std::string& method, Json params, std::function<void(const Json&)> then);

  // At home
  void come_home();
  void entered_home(const Json& opened);
  void register_account();
  void registered(const Json& account);
  void make_thing();
  void give_at_home();
  void transfer(const std::string& asset, const Did& to);
  void list_things(std::function<void()> then);
  void recall();

  // Friends
  void be_social();
  void social_with(const Person& other, const std::string& state);
  void write_to(const Did& did, std::function<void(bool)> then);

  // Visits: person_visits.cpp
  void travel();
  struct Visit;
  void challenged(const std::shared_ptr<Visit>& visit, const Json& challenge);
  void arrive(const std::shared_ptr<Visit>& visit);
  void signed_in(const std::shared_ptr<Visit>& visit, const std::string& nonce);
  void arrived(const std::shared_ptr<Visit>& visit, const Json& answer);
  void replay(const std::shared_ptr<Visit>& visit);
  void go_inside();
  void leave(bool returning);
  void hold_or_give();
  void look_at_gifts(Browser& page, const std::string& me);
  void on_gift(Browser& page, const std::string& me, const Json& gift);

  // In the end
  void wind_up();
  void greet_friends();
  void see_everything();
  void hear(std::vector<Did> from);

  std::size_t number_, home_;
  Around around_;
  Random random_;
  std::string name_;
  federation::TestAuthenticator device_;
  crypto::SigningKey session_key_;
  Did did_;
  std::string visitor_, resume_;
  std::unique_ptr<Browser> home_page_, away_page_;
  std::size_t away_ = 0;  // which host, with away_page_
  std::string away_visitor_, away_resume_;
  bool inside_ = false;  // there, unless the link broke since
  std::vector<std::string> things_;  // as title.mine said last
  std::size_t made_ = 0, written_ = 0;
  std::string busy_;  // with what; empty: thinking
  Micros busy_since_ = 0;
  std::uint64_t turn_ = 0;
  bool settling_ = false;
  int settled_ = 0;
  VisitsLedger::Shown shown_, seeing_;  // the last that was seen whole, and what is seen now
};

}  // namespace mw::sim
