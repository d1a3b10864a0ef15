// People travel between hosts. At home: who asks, what is told, the credential. At the destination: the challenge, the check, the
// traveller, who is the same visitor each time. Sans I/O: documents of other hosts are asked for and come in. What a visit is and
// what is checked stands in trust/visit.h and schema/visit.md.
// Keys in the store: "traveller/HASH" (JSON), "consent/ACCOUNT" (JSON), "travel/bans" (JSON).
// Thread: load on the starting thread; afterwards the control loop alone, also for callbacks.
#pragma once

#include <array>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/ids.h"
#include "base/result.h"
#include "data/json.h"
#include "federation/accounts.h"
#include "records/store_queue.h"
#include "trust/visit.h"

namespace mw::federation {

enum class TravelPolicy : std::uint8_t {
  open,  // from every home that is not banned
  list,  // from the homes of TravelRules::hosts
  introduction,  // from those, and from the homes that one of them vouches for
  off,
};
// Of "open", "list", "introduction", "off". Error `invalid`, field "travel".
Result<TravelPolicy> travel_policy(std::string_view text);
std::string_view name_of(TravelPolicy policy);

struct TravelRules {
  TravelPolicy policy = TravelPolicy::open;
  std::vector<std::string> hosts;  // "a.example", "b.example:8443"
  std::size_t visitors_per_host = 0;  // of one home, inside at once; 0: no bound
  std::vector<std::string> introduces;  // homes that this host vouches for
};

// Somebody of another home who was here.
struct Traveller {
  std::string did, home;  // did:webvh; authority of the home
  VisitorId visitor;
  std::size_t versions = 1;  // of the identifier that were seen
  std::int64_t first_ms = 0, last_ms = 0;
};

struct TravelBan {
  std::string who;  // authority of a host, or a person's DID
  std::string reason;
  std::int64_t since_ms = 0;
};

struct TravelStats {
  std::uint64_t issued = 0, arrived = 0, refused = 0;
  std::string last_refusal;  // for the operator; UTF-8, at most 300 bytes
};

class Travel {
 public:
  // Answers on the control loop, with the body of a 200. `max_bytes`: refused beyond.
  using Fetch =
      std::function<void(std::string url, std::size_t max_bytes, std::function<void(Result<std::string>)> answer)>;
  struct Setup {
    std::string authority;  // of this host
    std::string method;  // its key's name, as in its did.json
    trust::Sign sign;
    std::array<Byte, 32> secret{};
    Accounts::Entropy entropy;
    TravelRules rules;
    Fetch fetch;
  };
  template <class T>
  using Done = std::function<void(Result<T>)>;

  // Errors: those of the journal; `damaged`; `invalid` for an authority that is no name.
  static Result<std::unique_ptr<Travel>> load(records::Journal& journal, Setup setup);
  ~Travel();
  void attach(records::Store& store);  // it outlives the callbacks; required before the calls below
  const std::string& did() const;  // this host's
  const std::string& authority() const;  // "a.example"
  const TravelStats& stats() const;
  Error refused(Error error);  // counts a refusal that the caller has decided, and gives it back

  // At home -----------------------------------------------------------------------------------------------------------

  struct Asked {
    trust::VisitChallenge challenge;
    std::string authority, origin;  // of the destination
    bool remembered = false;  // the person has said: always for this host
  };
  // Who asks, by the destination's own document. Errors: `forbidden` with the member, `unavailable` (not reachable).
  void asked(const Json& challenge, const std::string& account, std::int64_t now_ms, Done<Asked> done);
  struct Answer {
    Json credential;
    std::string return_to;
  };
  struct Telling {
    std::string account, person;  // id and DID
    trust::VisitProfile profile;
    std::vector<trust::CarriedThing> carried;
    bool remember = false;
  };
  // As `asked`, then the credential. What is to be remembered is on disk before.
  void answer(const Json& challenge, Telling telling, std::int64_t now_ms, Done<Answer> done);
  struct Consent {
    std::string host;
    std::int64_t since_ms = 0;
  };
  std::vector<Consent> consents(const std::string& account) const;
  void revoke(const std::string& account, const std::string& host, Done<bool> done);

  // At the destination ------------------------------------------------------------------------------------------------

  struct Wish {
    std::string home;  // authority, as the browser says
    crypto::PublicKey session_key{};
    std::string world, path;
  };
  struct Challenge {
    Json challenge;
    std::string go;  // where the browser takes it
  };
  // Looks the home up first, so that one that is unknown, refused or down is told here. Errors: `invalid` (home), `forbidden`
  // (policy, with the reason), `unavailable`.
  void challenge(const Wish& wish, std::int64_t now_ms, Done<Challenge> done);
  std::string nonce(SessionId session);  // for one arrival of this session; the one before is void
  void forget(SessionId session);
  struct Arriving {
    SessionId session;
    Json credential;
    crypto::PublicKey session_key{};
    crypto::Signature signature{};
  };
  struct Arrival {
    trust::Visit visit;
    std::string home;  // authority
    std::optional<VisitorId> known;  // who they were here before
    std::size_t versions = 1;
  };
  // Errors: `forbidden` with the member and the reason, `unavailable`, `rate_limited`.
  void arrive(Arriving arriving, std::int64_t now_ms, Done<Arrival> done);
  // From now on this person is this visitor. On disk when `done` has a value. Errors: `full`, those of the store.
  void keep(const Arrival& arrival, VisitorId visitor, std::int64_t now_ms, Done<Traveller> done);

  const Traveller* of_visitor(VisitorId visitor) const;
  const Traveller* of_person(const std::string& did) const;
  std::vector<VisitorId> visitors() const;
  void drop(VisitorId visitor, Done<bool> done);  // forgets the person; false: nobody of another home

  // Whether people of this home may come. Error `forbidden`, with the reason.
  Status admits(std::string_view home) const;
  // Whether this visitor may come back: a policy or a ban of now binds those, too, who were here before. Ok for those of here.
  Status admits(VisitorId visitor) const;
  // As `admits`, after those were asked who may vouch for this home.
  void admission(const std::string& home, std::int64_t now_ms, std::function<void(Status)> done);
  // Who another host is: its document, fetched by the name and kept for limits::kTravelDocumentMs. Errors: `forbidden` for what is
  // no did:web of a host, `unavailable`.
  void document(const std::string& did, std::int64_t now_ms, Done<trust::DidDocument> done);
  const TravelRules& rules() const;
  // Where people come by introduction: asks the trusted hosts again whom they vouch for. Call it every few seconds.
  void keep_up(std::int64_t now_ms);
  // The key of another host whose log has this origin, by its own document. Errors: those of `admits`, since whose people may not
  // come has nothing to say here; `forbidden`: it has no such log; `unavailable`.
  void log_key(const std::string& host, const std::string& log, std::int64_t now_ms, Done<crypto::PublicKey> done);
  // The homes that this host vouches for, signed, as others read it (trust/introduction.h).
  Result<Json> introduction(std::int64_t now_ms) const;
  std::vector<TravelBan> bans() const;
  // Errors: `invalid` (neither a host nor a person), `full`, those of the store.
  void ban(TravelBan ban, Done<bool> done);
  void unban(const std::string& who, Done<bool> done);  // false: was not banned

 private:
  struct State;
  explicit Travel(std::unique_ptr<State> state);
  std::unique_ptr<State> state_;
};

}  // namespace mw::federation
