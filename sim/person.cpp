#include "sim/person.h"

#include <algorithm>
#include <utility>

#include "base/format.h"
#include "crypto/multibase.h"

namespace mw::sim {
namespace {

constexpr Micros kPatience = 90 * kSecond;  // some hosts in a row, each asked until its timeout
constexpr std::size_t kMade = 3;
constexpr int kUnavailable = -32007;  // schema/calls.md
constexpr const char* kWorld = "lab";

std::string page_of(const Host& host) { return "http://" + host.address()->authority; }

}  // namespace

Person::Person(std::size_t number, std::size_t home, Around around, Random random)
    : number_(number),
      home_(home),
      around_(around),
      random_(random),
      name_(format("Person {}", number)),
      device_(static_cast<Byte>(number + 1), page_of(*around.hosts[home]), around.hosts[home]->address()->authority),
      session_key_(federation::TestAuthenticator::key_of(1)),
      home_page_(std::make_unique<Browser>(*around.hosts[home], around.network)) {}

std::optional<std::string> Person::visitor_at(std::size_t host) const {
  if (host == home_ && home_page_->is_open() && !did_.empty()) return visitor_;
  if (away_ == host && inside()) return away_visitor_;
  return std::nullopt;
}

void Person::check_patience() {
  if (!busy_.empty() && around_.events.now() - busy_since_ > kPatience)
    around_.ledger.violate(name_, format("was never answered: {}", busy_));
}

// --- One thing after the other ---------------------------------------------------------------------------------------

void Person::think() {
  around_.events.after(random_.between(300, 4'000) * kMillisecond, [this, turn = ++turn_] {
    if (turn == turn_ && around_.ledger.good()) act();
  });
}

void Person::begin(const char* what) {
  busy_ = what;
  busy_since_ = around_.events.now();
  around_.events.trace(name_, what);
}

void Person::done() {
  busy_.clear();
  think();
}

void Person::act() {
  if (!home_page_->is_open() || did_.empty()) return come_home();
  if (settling_) return wind_up();
  if (away_page_ == nullptr) return act_at_home();
  if (!inside()) return random_.chance(0.7) ? go_inside() : leave(false);
  random_.chance(0.75) ? act_away() : act_at_home();
}

void Person::act_at_home() {
  const auto what = random_.below(100);
  if (made_ < kMade && what < 15) return make_thing();
  if (what < 25) return give_at_home();
  if (what < 30) return recall();
  if (what < 60) return be_social();
  if (what < 68) {
    begin("looks at gifts at home");
    return look_at_gifts(at_home(), visitor_);
  }
  if (what < 76 || away_page_ != nullptr) {
    begin("looks at things");
    return list_things([this] { done(); });
  }
  travel();
}

void Person::act_away() {
  const auto what = random_.below(100);
  if (what < 40) return hold_or_give();
  if (what < 80) {
    begin("looks at gifts");
    return look_at_gifts(*away_page_, away_visitor_);
  }
  leave(what < 93);
}

// A refusal, or a link that broke, ends what was begun.
void Person::ask(Browser& page, const std::string& method, Json params, std::function<void(const Json&)> then) {
  page.call(method, std::move(params), [this, method, then = std::move(then)](const Answer& answer) {
    if (answer.result != nullptr) return then(*answer.result);
    if (answer.error != nullptr) {
      ++around_.ledger.report().refused;
      around_.events.trace(name_, format("{}: {}", method, data::to_text(*answer.error)));
    }
    done();
  });
}

// --- At home ---------------------------------------------------------------------------------------------------------

void Person::come_home() {
  begin("comes home");
  home_page_->open(
      [this] {
        Json params{{"protocol", 1}, {"name", name_}};
        if (!resume_.empty()) params["resume"] = resume_;
        ask(at_home(), "session.open", std::move(params), [this](const Json& opened) { entered_home(opened); });
      },
      [this] { done(); });
}

void Person::entered_home(const Json& opened) {
  if (!did_.empty() && opened["visitor"]["id"] != visitor_)
    return around_.ledger.violate(name_, "came back as somebody else");
  resume_ = opened["resume"];
  visitor_ = opened["visitor"]["id"];
  ask(at_home(), "world.enter", {{"world", kWorld}}, [this](const Json&) {
    ask(at_home(), "account.describe", Json::object(), [this](const Json& described) {
      if (described.contains("account")) return registered(described["account"]);
      if (!did_.empty()) return around_.ledger.violate(name_, "has no account any more");
      register_account();
    });
  });
}

void Person::register_account() {
  const auto recovery = federation::TestAuthenticator::key_of(static_cast<Byte>(100 + number_));
  ask(at_home(), "account.register.begin", {{"recovery_key", crypto::multikey(recovery.public_key())}},
      [this](const Json& begun) {
        const auto made = device_.create(begun["options"]["challenge"].get<std::string>());
        ask(at_home(), "account.register.finish",
            {{"client_data", crypto::base64url(made.client_data)},
             {"attestation", crypto::base64url(made.attestation)}},
            [this](const Json& finished) {
              resume_ = finished["resume"];
              registered(finished["account"]);
            });
      });
}

void Person::registered(const Json& account) {
  if (!did_.empty() && account["did"] != did_) return around_.ledger.violate(name_, "has another identifier");
  did_ = account["did"];
  std::uint64_t id = 0;
  for (const char digit : visitor_) id = id * 10 + static_cast<std::uint64_t>(digit - '0');
  around_.ledger.has_account(did_, home_, VisitorId{id});
  done();
}

void Person::make_thing() {
  begin("makes a thing");
  const double x = static_cast<double>(random_.between(-40, 40)), z = static_cast<double>(random_.between(-40, 40));
  ask(at_home(), "entity.add",
      {{"model", "lamp"}, {"position", {x, 0, z}}, {"name", format("Thing {} of {}", ++made_, number_)}},
      [this](const Json& added) {
        ask(at_home(), "title.create", {{"entity", added["entity"]}}, [this](const Json& title) {
          around_.ledger.made(title["asset"], did_);
          done();
        });
      });
}

void Person::list_things(std::function<void()> then) {
  ask(at_home(), "title.mine", Json::object(), [this, then = std::move(then)](const Json& mine) {
    things_.clear();
    for (const auto& thing : mine["things"]) things_.push_back(thing["asset"]);
    then();
  });
}

// To anybody, wherever they live.
void Person::give_at_home() {
  const auto& other = *around_.people[random_.below(around_.people.size())];
  if (things_.empty() || other.did().empty() || other.did() == did_) return think();
  begin("gives a thing");
  transfer(things_[random_.below(things_.size())], other.did());
}

void Person::transfer(const std::string& asset, const Did& to) {
  around_.ledger.says(asset, did_, to);
  ask(at_home(), "title.transfer", {{"asset", asset}, {"person", to}}, [this, asset, to](const Json&) {
    around_.ledger.given(asset, to);
    std::erase(things_, asset);
    done();
  });
}

void Person::recall() {
  if (things_.empty()) return think();
  begin("calls a thing home");
  ask(at_home(), "title.recall", {{"asset", things_[random_.below(things_.size())]}}, [this](const Json&) { done(); });
}

// --- Friends ---------------------------------------------------------------------------------------------------------

void Person::be_social() {
  const auto* other = around_.people[random_.below(around_.people.size())].get();
  if (other == this || other->did().empty()) return think();
  begin("thinks of a friend");
  ask(at_home(), "friend.list", Json::object(), [this, other](const Json& list) {
    for (const auto& one : list["blocks"])
      if (one["who"] == other->did()) return social_with(*other, "blocked");
    for (const auto& one : list["friends"])
      if (one["did"] == other->did()) return social_with(*other, one["state"]);
    social_with(*other, "");
  });
}

void Person::social_with(const Person& other, const std::string& state) {
  const Did& who = other.did();
  const auto finish = [this](const Json&) { done(); };
  if (state == "blocked") {
    if (random_.chance(0.7)) return done();
    around_.ledger.unblocks(did_, who);
    return ask(at_home(), "friend.unblock", {{"who", who}}, finish);
  }
  if (random_.chance(0.05)) {
    around_.ledger.parts(did_, who);
    return ask(at_home(), "friend.block", {{"who", who}}, [this, who](const Json&) {
      around_.ledger.parts(did_, who);
      around_.ledger.blocked(did_, who);
      done();
    });
  }
  if (state == "friends" && random_.chance(0.85)) return write_to(who, [this](bool) { done(); });
  if (state == "asks") {
    const bool accept = random_.chance(0.8);
    return ask(at_home(), "friend.answer", {{"did", who}, {"accept", accept}}, finish);
  }
  if (state.empty() || (state == "asked" && random_.chance(0.5)))
    return ask(at_home(), "friend.ask", {{"did", who}}, finish);
  around_.ledger.parts(did_, who);
  ask(at_home(), "friend.end", {{"did", who}}, [this, who](const Json&) {
    around_.ledger.parts(did_, who);
    done();
  });
}

// `then` hears whether the other home has had its say: it answered, with a yes or a no of its own.
void Person::write_to(const Did& did, std::function<void(bool)> then) {
  const auto text = format("{} from {}", ++written_, number_);
  at_home().call(
      "friend.say", {{"did", did}, {"text", text}}, [this, did, text, then = std::move(then)](const Answer& answer) {
        if (answer.result != nullptr) around_.ledger.wrote(did_, did, text);
        then(answer.result != nullptr || (answer.error != nullptr && answer.error->at("code") != kUnavailable));
      });
}

// --- In the end ------------------------------------------------------------------------------------------------------

// Home; what is said to each friend, until their home has answered, tells both homes how things stand; and then what is shown, again
// and again, since what was given elsewhere is found some seconds after the first look.
void Person::wind_up() {
  if (away_page_ != nullptr) return leave(true);
  if (settled_ == 0) return greet_friends();
  see_everything();
}

void Person::greet_friends() {
  begin("greets friends");
  ask(at_home(), "friend.list", Json::object(), [this](const Json& list) {
    auto greeted = std::make_shared<std::vector<Did>>();
    for (const auto& one : list["friends"])
      if (one["state"] == "friends") greeted->push_back(one["did"]);
    auto next = std::make_shared<std::function<void()>>();
    *next = [this, greeted, next_weak = std::weak_ptr(next)] {
      if (greeted->empty()) {
        ++settled_;
        return done();
      }
      const Did did = greeted->back();
      greeted->pop_back();
      write_to(did, [this, again = next_weak.lock()](bool heard) {
        if (!heard) return done();  // greets all of them again
        if (again) (*again)();
      });
    };
    (*next)();
  });
}

void Person::see_everything() {
  begin("looks at everything");
  list_things([this] {
    seeing_ = {things_, {}, {}};
    ask(at_home(), "friend.list", Json::object(), [this](const Json& list) {
      std::vector<Did> from;
      for (const auto& one : list["friends"]) {
        if (one["state"] != "friends") continue;
        seeing_.friends.insert(one["did"].get<Did>());
        from.push_back(one["did"]);
      }
      hear(std::move(from));
    });
  });
}

void Person::hear(std::vector<Did> from) {
  if (from.empty()) {
    shown_ = std::move(seeing_);
    ++settled_;
    busy_.clear();
    around_.events.after(20 * kSecond, [this] { think(); });
    return;
  }
  const Did did = from.back();
  from.pop_back();
  ask(at_home(), "friend.messages", {{"did", did}}, [this, did, from = std::move(from)](const Json& messages) mutable {
    for (const auto& message : messages["messages"])
      if (!message["mine"].get<bool>()) seeing_.heard[did].push_back(message["text"]);
    hear(std::move(from));
  });
}

}  // namespace mw::sim
