// Visits of a person to other hosts, with things, and what is given there.
#include <utility>

#include "base/format.h"
#include "crypto/crypto.h"
#include "sim/person.h"
#include "trust/visit.h"

namespace mw::sim {
namespace {

constexpr const char* kWorld = "lab";
constexpr std::size_t kCarried = 3;

std::string encoded(ByteView bytes) { return crypto::base64url(bytes); }

// What stands behind `name` in the fragment of a page's address, up to the next one.
std::string in_fragment(const std::string& link, const std::string& name) {
  const auto at = link.find(name + "=");
  if (at == std::string::npos) return {};
  const auto from = at + name.size() + 1, end = link.find('&', from);
  std::string text = link.substr(from, end == std::string::npos ? end : end - from);
  for (auto percent = text.find("%25"); percent != std::string::npos; percent = text.find("%25", percent + 1))
    text.erase(percent + 1, 2);
  return text;
}

}  // namespace

struct Person::Visit {
  std::size_t to = 0;
  std::string audience;
  Json credential;
};

void Person::travel() {
  const std::size_t to = (home_ + 1 + random_.below(around_.hosts.size() - 1)) % around_.hosts.size();
  begin("travels");
  auto visit = std::make_shared<Visit>();
  visit->to = to;
  std::array<Byte, 32> seed;
  for (auto& byte : seed) byte = static_cast<Byte>(random_.next());
  session_key_ = crypto::SigningKey::from_seed(seed);
  away_page_ = std::make_unique<Browser>(*around_.hosts[to], around_.network);
  away_ = to;
  away_resume_.clear();
  inside_ = false;
  away_page_->open(
      [this, visit] {
        ask(*away_page_, "travel.challenge",
            {{"home", around_.hosts[home_]->address()->authority},
             {"session_key", encoded(session_key_.public_key().bytes)},
             {"world", kWorld},
             {"path", "/w/lab"}},
            [this, visit](const Json& asked) { challenged(visit, asked["challenge"]); });
      },
      [this] { done(); });
}

void Person::challenged(const std::shared_ptr<Visit>& visit, const Json& challenge) {
  Json carry = Json::array();
  for (const auto& thing : things_)
    if (carry.size() < kCarried && random_.chance(0.6)) carry.push_back(thing);
  visit->audience = challenge["audience"];
  ask(at_home(), "travel.answer", {{"challenge", challenge}, {"carry", carry}}, [this, visit](const Json& answer) {
    visit->credential = answer["credential"];
    arrive(visit);
  });
}

void Person::arrive(const std::shared_ptr<Visit>& visit) {
  ask(*away_page_, "session.open", {{"protocol", 1}}, [this, visit](const Json&) {
    ask(*away_page_, "travel.nonce", Json::object(),
        [this, visit](const Json& nonce) { signed_in(visit, nonce["nonce"]); });
  });
}

// Now and then by a key that is not the visit's: whoever has read the credential on its way has no other.
void Person::signed_in(const std::shared_ptr<Visit>& visit, const std::string& nonce) {
  const bool thief = random_.chance(0.1);
  const auto thiefs = federation::TestAuthenticator::key_of(200);
  const auto& key = thief ? thiefs : session_key_;
  const auto text = trust::arrival_text(visit->audience, nonce, visit->credential);
  if (!text.ok()) return done();
  const Json params{{"credential", visit->credential},
                    {"session_key", encoded(key.public_key().bytes)},
                    {"signature", encoded(key.sign(as_bytes(*text)))}};
  ask(*away_page_, "travel.arrive", params, [this, visit, thief](const Json& answer) {
    if (thief) return around_.ledger.violate(name_, "a stolen credential was taken");
    arrived(visit, answer);
  });
}

void Person::arrived(const std::shared_ptr<Visit>& visit, const Json& answer) {
  if (answer["person"]["did"] != did_) return around_.ledger.violate(name_, "arrived as somebody else");
  ++around_.ledger.report().reconnects;
  away_resume_ = answer["resume"];
  away_visitor_ = answer["visitor"];
  if (random_.chance(0.2)) return replay(visit);
  go_inside();
}

// The same credential once more, by the right key: it was for one arrival.
void Person::replay(const std::shared_ptr<Visit>& visit) {
  ask(*away_page_, "travel.nonce", Json::object(), [this, visit](const Json& nonce) {
    const auto text = trust::arrival_text(visit->audience, nonce["nonce"].get<std::string>(), visit->credential);
    if (!text.ok()) return done();
    ask(*away_page_, "travel.arrive",
        {{"credential", visit->credential},
         {"session_key", encoded(session_key_.public_key().bytes)},
         {"signature", encoded(session_key_.sign(as_bytes(*text)))}},
        [this](const Json&) { around_.ledger.violate(name_, "a credential was taken twice"); });
  });
}

void Person::go_inside() {
  begin("goes inside");
  if (away_resume_.empty()) {
    away_page_.reset();
    return done();
  }
  inside_ = false;
  away_page_->open(
      [this] {
        ask(*away_page_, "session.open", {{"protocol", 1}, {"resume", away_resume_}}, [this](const Json& opened) {
          if (opened["visitor"]["id"] != away_visitor_)
            return around_.ledger.violate(name_, "came back to a visit as somebody else");
          away_resume_ = opened["resume"];
          ask(*away_page_, "world.enter", {{"world", kWorld}}, [this](const Json&) {
            inside_ = true;
            done();
          });
        });
      },
      [this] { done(); });
}

// Home, with everything; or the page is just closed.
void Person::leave(bool returning) {
  begin("leaves");
  const auto gone = [this] {
    inside_ = false;
    away_resume_.clear();
    around_.events.after(0, [this] {
      away_page_.reset();
      done();
    });
  };
  if (!returning || !away_page_->is_open() || away_resume_.empty()) {
    away_page_->close();
    return gone();
  }
  away_page_->call("travel.return", Json::object(), [gone](const Answer&) { gone(); });
}

void Person::hold_or_give() {
  begin("has a look at what came along");
  ask(*away_page_, "travel.carried", Json::object(), [this](const Json& carried) {
    std::vector<std::string> here;
    for (const auto& item : carried["carried"])
      if (item["state"] == "here") here.push_back(item["asset"]);
    if (here.empty()) return done();
    const auto& asset = here[random_.below(here.size())];
    if (random_.chance(0.3))
      return ask(*away_page_, "travel.hand", {{"asset", asset}}, [this](const Json&) { done(); });
    std::vector<std::string> others;
    for (const auto& other : around_.people)
      if (other.get() != this)
        if (const auto visitor = other->visitor_at(away_)) others.push_back(*visitor);
    if (others.empty()) return done();
    ask(*away_page_, "travel.give", {{"asset", asset}, {"visitor", others[random_.below(others.size())]}},
        [this](const Json&) { done(); });
  });
}

void Person::look_at_gifts(Browser& page, const std::string& me) {
  ask(page, "travel.gifts", Json::object(), [this, &page, me](const Json& answer) {
    const auto& gifts = answer["gifts"];
    if (gifts.empty()) return done();
    on_gift(page, me, gifts[random_.below(gifts.size())]);
  });
}

void Person::on_gift(Browser& page, const std::string& me, const Json& gift) {
  const auto finish = [this](const Json&) { done(); };
  if (gift["to"]["visitor"] == me && gift["state"] == "offered")
    return ask(page, random_.chance(0.85) ? "travel.accept" : "travel.decline", {{"gift", gift["id"]}}, finish);
  if (!gift.contains("confirm")) return done();
  if (random_.chance(0.15)) return ask(page, "travel.decline", {{"gift", gift["id"]}}, finish);
  // The page of the home, with what the destination has put into its address.
  const std::string link = gift["confirm"];
  transfer(in_fragment(link, "asset"), in_fragment(link, "to"));
}

}  // namespace mw::sim
