// Titles to the things of this host's worlds: makes their records, puts them into the host's log, and shows who owns what with the
// proofs. A record is answered when it is on disk ("recorded"); take_final() tells what witnesses have seen since.
// Who keeps the owner's key: this host, for a visitor who has not brought a key, or the home of somebody from elsewhere ("home"); or
// whoever signs the records that are brought here ("holder"), among them people of this host who hold their key (held.h): their
// records are made here, and signed by them. Rules and bytes: schema/titles.md; what is promised: docs/trust.md.
// Bounds: limits::kTitlesPerLog titles, kLogQueueEntries records that wait for witnesses (of the oldest nobody is told then).
// Thread: the control loop; the log's answers arrive there too.
#pragma once

#include <array>
#include <cstdint>
#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "base/ids.h"
#include "base/result.h"
#include "data/json.h"
#include "federation/held.h"
#include "records/store_queue.h"
#include "trust/title_proof.h"

namespace mw::federation {

// What is needed of the host's log. Every answer comes later, on the control loop.
class TitleLog {
 public:
  virtual ~TitleLog() = default;
  virtual std::string origin() const = 0;
  virtual std::uint64_t final_size() const = 0;
  // The index, when it is on disk.
  virtual void append(Bytes entry, std::function<void(Result<std::uint64_t>)> done) = 0;
  // Entries from `first` on: some, or none when there are no more.
  virtual void read(std::uint64_t first, std::function<void(Result<std::vector<Bytes>>)> done) = 0;
  // These entries with their proofs under the published checkpoint. Error `unavailable` when it does not have them yet.
  virtual void prove(std::vector<std::uint64_t> indices, std::function<void(Result<trust::TitleProof>)> done) = 0;
  // Whether this host's clock was right against its witnesses of late (trust::CosignedClock::good).
  virtual Status clock(std::int64_t now_ms) const = 0;
};

class Titles {
 public:
  using Answer = std::function<void(Result<Json>)>;
  using KeyOf = std::function<crypto::SigningKey(VisitorId)>;  // the one that this host keeps for a visitor

  // The log and the store outlive it.
  Titles(TitleLog& log, records::Store& store, KeyOf key_of);
  ~Titles();
  // Reads the log. Until it is done every call is answered `unavailable`.
  void start(std::function<void(Status)> done);

  // What a thing is: SHA-256 of its canonical description. Error `invalid`.
  static Result<crypto::Digest> content_of(const Json& description);

  // A title for a thing of a world, over this description, which is kept: the thing may be changed later. `record`: a signed
  // creation of its content, by a key that the caller holds; empty: the host keeps the key. Errors: `conflict` the thing has a
  // title, or the record does not count, and why; those of content_of.
  void create(VisitorId by, const std::string& world, EntityId entity, const Json& description, std::string_view record,
              Answer answer);
  // What the title is over, as it was described then. Error `not_found`: no such title, or it was made before descriptions were kept.
  Result<Json> description_of(const trust::AssetId& asset) const;
  using Signed =
      std::optional<crypto::Signature>;  // by the owner of a title who holds its key; over the form as it is now
  // Gives a title of `by` to a key. Errors `not_found`, `forbidden` (not theirs; the signature is missing, or of another form).
  void give(VisitorId by, const trust::AssetId& asset, const crypto::PublicKey& to, Answer answer,
            const Signed& signature = {});
  void give(VisitorId by, const trust::AssetId& asset, VisitorId to, Answer answer, const Signed& signature = {});
  // To somebody of another home, which keeps this key for them: `person` is their did:webvh.
  void give(VisitorId by, const trust::AssetId& asset, const crypto::PublicKey& to, const std::string& person,
            Answer answer, const Signed& signature = {});
  // What `give` would record now. Errors `not_found`, `forbidden`.
  Result<trust::TitleTransfer> give_form(VisitorId by, const trust::AssetId& asset, const crypto::PublicKey& to) const;
  // One side of a trade: their thing, and their signature where they keep its key themselves.
  struct Trading {
    VisitorId who;
    trust::AssetId gives{};
    std::optional<crypto::Signature> signature;
  };
  // The trade of the two as it would be recorded now: each thing goes to the key that the other takes things by. Error `not_found`.
  Result<trust::TitleTrade> trade_form(const Trading& one, const Trading& other) const;
  // Whether this host can sign for `own.who`, or they have. Errors `not_found`, `forbidden`.
  Status signs(const Trading& own, const Trading& other) const;
  // Both things move, by one record, or neither. Errors: `not_found`, `forbidden` (not theirs, or the signature is not by its key),
  // `conflict` (one of them is about to move or to be leased).
  void trade(const Trading& one, const Trading& other, Answer answer);
  // Records what was signed elsewhere: a transfer, a rotation or a trade.
  void record(VisitorId by, std::string_view record, Answer answer);
  // What another host has signed or brought: those, a lease that begins now by this host's clock, and the return of one. `person`:
  // whose home keeps the key that a transfer names; empty where nobody says so.
  void record_from_host(std::string_view record, const std::string& person, std::int64_t now_ms, Answer answer);
  // The title with its history and proofs. Error `not_found`.
  void show(const trust::AssetId& asset, const Answer& answer);

  // Who shows a thing while it is away.
  struct Tenant {
    std::string host;  // did:web
    crypto::PublicKey key;
  };
  // Of a lease that the owner has signed: the times that it names.
  struct SignedLease {
    std::int64_t from_s = 0, until_s = 0;
    crypto::Signature signature{};
  };
  // Leases a title of `by` to another host, for limits::kLeaseMs from now. Errors: `not_found`, `forbidden` (not theirs to lease; the
  // signature), `unavailable` (this host's clock is not known to be right), `conflict` (it is somewhere else, and where).
  void lease(VisitorId by, const trust::AssetId& asset, const Tenant& to, std::int64_t now_ms, Answer answer,
             const std::optional<SignedLease>& signature = {});
  Result<trust::TitleLease> lease_form(VisitorId by, const trust::AssetId& asset, const Tenant& to,
                                       std::int64_t now_ms) const;
  crypto::PublicKey key_for(VisitorId visitor) const { return key_of_(visitor).public_key(); }
  // By which they take things of this log: their own, where they have chosen to hold it.
  crypto::PublicKey receives(VisitorId visitor) const;
  // The titles whose key this host keeps for `by`, in no order of meaning; and those whose key they hold.
  std::vector<trust::AssetId> kept_for(VisitorId by) const;
  std::vector<trust::AssetId> held_for(VisitorId by) const;
  std::vector<trust::AssetId> owned_by(VisitorId by) const;  // both
  bool owns(VisitorId by, const trust::AssetId& asset) const;
  std::string_view custody_of(const crypto::PublicKey& owner) const;  // "home", "holder"
  std::string_view custody_of(const trust::AssetId& asset) const;  // of its owner; "home" for none

  HeldKeys& held() { return held_; }
  const HeldKeys& held() const { return held_; }
  // Whether the person may give this host a key of theirs. Error `conflict`: it is one that a home keeps.
  Status may_hold(const crypto::PublicKey& key) const;
  // The rotation of a title of `by` to the key that they hold, or back to the one that this host keeps. Errors: `not_found`,
  // `forbidden`, `conflict` (it is there already, about to move, or at another host).
  Result<trust::TitleRotate> rotate_form(VisitorId by, const trust::AssetId& asset, bool to_holder,
                                         std::int64_t now_ms) const;
  // By both keys: `signature` is of the one that the person holds.
  void rotate(VisitorId by, const trust::AssetId& asset, bool to_holder, const crypto::Signature& signature,
              std::int64_t now_ms, Answer answer);
  // The record that made a title. Errors `not_found`, those of the log.
  void creation(const trust::AssetId& asset, std::function<void(Result<std::string>)> done);

  struct Place {
    std::string world;
    EntityId entity;
  };
  std::optional<Place> place_of(const trust::AssetId& asset) const;
  Status clock(std::int64_t now_ms) const { return log_.clock(now_ms); }
  // Whether the thing may be shown in its own world: it was never away, or is back, by a clock that is known to be right.
  bool at_home(const trust::AssetId& asset, std::int64_t now_ms) const;
  // Calls `told` for every thing that was away when it was told last, with whether it is at home now.
  void each_away(std::int64_t now_ms, const std::function<void(const Place&, bool at_home)>& told);

  struct Final {
    VisitorId by;
    trust::AssetId asset{};
    std::uint64_t index = 0;
  };
  std::vector<Final> take_final();

  // How many titles this visitor owns, by the key that this host keeps for them or by one that they hold. Error `unavailable` before the log was read.
  Result<std::size_t> held_by(VisitorId visitor) const;

  const trust::TitleIndex& index() const { return index_; }
  std::optional<trust::AssetId> asset_of(const std::string& world, EntityId entity) const;

 private:
  struct Waiting {
    Bytes entry;
    std::function<void(const trust::Judgement&)> then;
  };
  using Puts = std::vector<std::pair<std::string, std::string>>;

  Status may_record(const trust::TitleRecord& record) const;
  // With the key that this host keeps for `by`, where the title belongs to it; by this signature, where they hold it.
  Result<trust::TitleRecord> signed_by_owner(VisitorId by, const trust::Title& title, const trust::TitleForm& form,
                                             const Signed& signature) const;
  Result<crypto::Signature> signature_of_owner(VisitorId by, const trust::Title& title, std::string_view statement,
                                               const Signed& signature) const;
  std::vector<trust::AssetId> owned_with(const crypto::PublicKey& key) const;
  Result<trust::TitleRecord> signed_trade(const Trading& one, const Trading& other) const;
  Status right_time(const trust::TitleRecord& record, std::int64_t now_ms) const;
  void put(VisitorId by, const trust::TitleRecord& record, Puts puts, Answer answer);
  void append(VisitorId by, const trust::TitleRecord& record, Answer answer);
  void recorded(std::uint64_t index, Bytes entry, std::function<void(const trust::Judgement&)> then);
  void apply(ByteView entry);
  void put_asset(const std::string& place, const std::string& asset);
  void take(const std::string& key, const std::string& value);
  void note_owner(const trust::AssetId& asset);
  void catch_up();
  Json standing(const trust::Title& title) const;
  crypto::PublicKey kept_key(VisitorId visitor, Puts& puts);
  crypto::PublicKey receiving_key(VisitorId visitor, Puts& puts);
  // Stores who the keys are kept for, and goes on.
  void keep_then(Puts puts, std::function<void(Status)> then);

  TitleLog& log_;
  records::Store& store_;
  KeyOf key_of_;
  HeldKeys held_;
  trust::TitleIndex index_;
  bool ready_ = false, reading_ = false;
  std::function<void(Status)> started_;
  std::map<std::string, std::string> assets_;  // by place: "world/entity"
  std::map<trust::AssetId, Place> places_;
  std::map<std::string, std::string> descriptions_;  // canonical JSON, by asset
  std::map<std::array<Byte, 32>, std::set<trust::AssetId>> owned_;  // by key
  std::map<trust::AssetId, std::array<Byte, 32>> owner_;  // as owned_ has it
  std::map<trust::AssetId, std::uint64_t> created_;  // index in the log
  std::map<trust::AssetId, int> flying_;  // records about it that the log has not answered for
  std::set<trust::AssetId> away_;  // leased at some time, and not told to be back yet
  std::map<std::string, std::string>
      keepers_;  // by key: the visitor, or the person of another home, that it is kept for
  std::map<std::uint64_t, Waiting> waiting_;  // records on disk that were not read yet, by index
  std::deque<Final> pending_;
  std::shared_ptr<bool> alive_;
};

}  // namespace mw::federation
