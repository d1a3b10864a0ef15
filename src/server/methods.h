// The calls of a host, each with its schemas, its documentation and an example: what the registry checks, meters and
// describes. calls_session.cpp: coming in and being somebody; calls_outfits.cpp: what they keep to wear; calls_avatars.cpp: figures of
// their own; calls_world.cpp: worlds,
// tracks, chat; calls_scene.cpp: edits; calls_account.cpp: being at home here; calls_travel.cpp: visits between hosts;
// calls_title.cpp: titles; calls_title_abroad.cpp: titles and people of different hosts; calls_carried.cpp: what travellers have with
// them; calls_gifts.cpp: what they give one another; calls_trades.cpp: trades in one world; calls_held.cpp: keys that people hold themselves; calls_friends.cpp: friends, kept at home; calls_operator.cpp: running the host;
// calls_quality.cpp: how good
// it is.
// Thread: the control loop.
#pragma once

#include <string>

#include "server/control.h"

namespace mw::server {

// What one address may spend on the calls of accounts, in their costs: a new account is 20, a login 15, a recovery 40. A class of
// 60 behind one address makes its accounts at once; afterwards one in five seconds.
inline constexpr int kAccountCostPerSecond = 4, kAccountCostBurst = 1'200;

// Somebody with an account, as an owner of things.
struct Recipient {
  std::string person, home, name;  // did:webvh; authority
  crypto::PublicKey key;  // by which they take things of the log in question
  VisitorId visitor;  // of this host; none: their home is another
  bool held = false;  // they hold that key themselves; otherwise their home keeps it
};

struct Methods {
  explicit Methods(Control& control) : c(control) {}
  Control& c;
  template <class T>
  using Done = std::function<void(Result<T>)>;

  void add_session_calls();
  void add_open_call();
  void add_describe_call();
  void add_change_call();
  void add_invite_call();
  void add_outfit_list_call();
  void add_outfit_calls();
  void add_avatar_calls();
  void add_avatar_upload_calls();
  void add_avatar_check_calls();
  void add_avatar_wear_calls();
  void add_avatar_operator_calls();
  void add_world_calls();
  void add_track_calls();
  void add_people_calls();
  void add_scene_calls();
  void add_undo_calls(calls::Handler undo, calls::Handler redo);
  void add_account_calls();
  void add_registration_calls();
  void add_login_calls();
  void add_recovery_calls();
  void add_passkey_calls();
  void add_device_calls();
  void add_title_calls();
  void add_title_show_call();
  void add_owner_calls();
  void add_trade_calls();
  void add_held_calls();
  void add_held_move_calls();
  void add_held_form_calls();
  void add_travel_calls();
  void add_travel_home_calls();
  void add_travel_arrival_calls();
  void add_travel_memory_calls();
  void add_look_call();
  void add_answer_call();
  void add_carried_calls();
  void add_gift_calls();
  void add_host_calls();  // what other hosts may call
  void add_friend_calls();
  void add_friend_message_calls();
  void add_friend_quiet_calls();
  void add_operator_calls();
  void add_claim_call();
  void add_status_call();
  void add_removal_call();
  void add_quality_calls();

  // The visitor that a caller speaks for, or an answered error.
  Control::Visitor* visitor_or_refuse(const calls::Caller& caller, calls::Reply& reply);
  // The world that an edit or a list is about: params.world for operators, else the one that the caller stands in.
  world::World* world_or_refuse(const calls::Caller& caller, const Json& params, calls::Reply& reply);

  // The accounts, for a caller with a session; or an answered error. `cost`: of what the caller's address may spend.
  federation::Accounts* accounts_or_refuse(const calls::Caller& caller, calls::Reply& reply, int cost = 0);
  Json account_json(const federation::Account& account) const;
  // Answers with the account and the token by which the browser comes back as its visitor.
  federation::Accounts::Done logged_in(calls::Reply reply);

  void account_describe(const calls::Caller& caller, calls::Reply reply);
  void register_begin(const calls::Caller& caller, const Json& params, calls::Reply reply);
  void register_finish(const calls::Caller& caller, const Json& params, calls::Reply reply);
  void login_finish(const calls::Caller& caller, const Json& params, calls::Reply reply);
  void recover_begin(const calls::Caller& caller, const Json& params, calls::Reply reply);
  void recover_finish(const calls::Caller& caller, const Json& params, calls::Reply reply);
  void passkey_list(const calls::Caller& caller, calls::Reply reply);
  void end_tokens(const calls::Caller& caller, calls::Reply reply);
  void passkey_remove(const calls::Caller& caller, const Json& params, calls::Reply reply);

  void session_open(const calls::Caller& caller, const Json& params, calls::Reply reply);
  void visitor_change(const calls::Caller& caller, const Json& params, calls::Reply reply);
  // Whether the visitor comes from another home, where their outfits are.
  bool wardrobe_elsewhere(const Control::Visitor& visitor) const;
  void answer_outfits(const Control::Visitor& visitor, calls::Reply& reply) const;
  void outfit_keep(const calls::Caller& caller, const Json& params, calls::Reply reply);
  void outfit_drop(const calls::Caller& caller, const Json& params, calls::Reply reply);
  Avatars* avatars_or_refuse(calls::Reply& reply);
  // The visitor, where their own figures are kept here; or an answered error.
  Control::Visitor* keeper_or_refuse(const calls::Caller& caller, calls::Reply& reply);
  void answer_avatars(const Control::Visitor& visitor, calls::Reply& reply) const;
  void put_on(VisitorId id, Json worn, calls::Reply reply);
  void take_off(const std::string& hash, VisitorId only);
  void avatar_keep(const calls::Caller& caller, const Json& params, calls::Reply reply);
  void avatar_wear(const calls::Caller& caller, const Json& params, calls::Reply reply);
  void avatar_drop(const calls::Caller& caller, const Json& params, calls::Reply reply);
  void world_enter(const calls::Caller& caller, const Json& params, calls::Reply reply);
  void world_leave(const calls::Caller& caller, calls::Reply reply);
  void track_subscribe(const calls::Caller& caller, const Json& params, calls::Reply reply);
  void track_unsubscribe(const calls::Caller& caller, const Json& params, calls::Reply reply);
  void edit(const calls::Caller& caller, const Json& params, calls::Reply reply, std::string_view kind);
  federation::Travel* travel_or_refuse(calls::Reply& reply);
  const federation::Account* account_or_refuse(const calls::Caller& caller, calls::Reply& reply);
  void travel_asked(const calls::Caller& caller, const Json& params, calls::Reply reply);
  void travel_answer(const calls::Caller& caller, const Json& params, calls::Reply reply);
  void travel_remembered(const calls::Caller& caller, calls::Reply reply);
  void travel_revoke(const calls::Caller& caller, const Json& params, calls::Reply reply);
  void travel_challenge(const calls::Caller& caller, const Json& params, calls::Reply reply);
  void travel_nonce(const calls::Caller& caller, calls::Reply reply);
  void travel_arrive(const calls::Caller& caller, const Json& params, calls::Reply reply);
  void take_in(federation::Travel::Arrival arrival, VisitorId here, const std::string& address, calls::Reply reply);
  void dress(Control::Visitor& visitor, const federation::Travel::Arrival& arrival) const;
  void wear_along(Control::Visitor& visitor, const federation::Travel::Arrival& arrival) const;
  std::optional<trust::VisitFigure> figure_along(const Control::Visitor& visitor) const;
  void travel_learned(const calls::Caller& caller, calls::Reply reply);
  Status owns_nothing(VisitorId visitor) const;  // error `conflict`, with what to do
  void travel_forget(const calls::Caller& caller, calls::Reply reply);
  void travel_look(const calls::Caller& caller, const Json& params, calls::Reply reply);
  // By asset: of those who hold their key.
  using SignedLeases = std::map<std::string, federation::Titles::SignedLease>;
  // What a visitor could take along, each with why not; and one thing of it, as the credential has it.
  Json belongings(VisitorId visitor) const;
  Json abroad_belongings(VisitorId visitor) const;
  // A thing of this host's worlds as its title has it, and whether it looks otherwise in its world now. Errors: `not_found`;
  // `conflict`: it was changed, and what it was is not known.
  struct Titled {
    Json content;
    bool changed = false;
  };
  Result<Titled> titled(const trust::AssetId& asset) const;
  Result<trust::CarriedThing> packed(const trust::AssetId& asset) const;
  // Leases what is to come along, and then tells. What cannot come is left behind, with the reason.
  void pack(VisitorId visitor, const Json& challenge, const std::vector<std::string>& assets, SignedLeases leases,
            federation::Travel::Telling telling, calls::Reply reply);
  void lease_all(VisitorId visitor, const trust::VisitChallenge& to, std::vector<std::string> assets,
                 const SignedLeases& leases,
                 std::function<void(std::vector<trust::CarriedThing>, Json left_behind)> done);
  void lease_one(VisitorId visitor, const trust::VisitChallenge& to, const std::string& asset,
                 const std::optional<federation::Titles::SignedLease>& lease, Done<trust::CarriedThing> done);
  void tell(const Json& challenge, federation::Travel::Telling telling, Json left_behind,
            std::shared_ptr<calls::Reply> reply);
  void travel_carried(const calls::Caller& caller, calls::Reply reply);
  void travel_hand(const calls::Caller& caller, const Json& params, calls::Reply reply);
  // Who acts upon friends: somebody with an account here; or an answered error.
  std::optional<federation::Friends::Me> me_or_refuse(const calls::Caller& caller, calls::Reply& reply);
  void friend_list(const calls::Caller& caller, calls::Reply reply);
  void friend_messages(const calls::Caller& caller, const Json& params, calls::Reply reply);
  void friend_block(const calls::Caller& caller, const Json& params, calls::Reply reply);
  void travel_ban(const Json& params, calls::Reply reply, bool ban);
  void travel_bans(calls::Reply reply);
  federation::Titles* titles_or_refuse(calls::Reply& reply);
  void title_create(const calls::Caller& caller, const Json& params, calls::Reply reply);
  void title_transfer(const calls::Caller& caller, const Json& params, calls::Reply reply);
  // Where somebody takes things that live in the log of `log_host`: by this host, or by their home. Errors: `invalid`, `not_found`
  // (nobody of that name), those of the other host.
  void recipient(const std::string& person, const std::string& log_host, const std::string& log,
                 Done<Recipient> done) const;
  void own_recipient(const std::string& person, Done<Recipient> done) const;
  // For a thing of this log: where that is another host's, it is looked at for them from now on.
  void own_recipient_in(const std::string& person, const std::string& log_host, const std::string& log,
                        Done<Recipient> done) const;
  void title_recipient(const calls::Caller& caller, const Json& params, calls::Reply reply);
  // The host and the origin of the log that a visitor's thing lives in.
  std::pair<std::string, std::string> log_of(VisitorId visitor, const std::string& asset) const;
  void give_to_person(VisitorId by, const trust::AssetId& asset, const std::string& person,
                      federation::Titles::Answer answer, const federation::Titles::Signed& signature = {}) const;
  void give_to_visitor(const calls::Caller& caller, const trust::AssetId& asset, VisitorId to,
                       const federation::Titles::Signed& signature, calls::Reply reply);
  // Somebody who is here, by `visitor`; or an answered error.
  std::optional<VisitorId> visitor_named(const Json& params, calls::Reply& reply) const;
  void tell_gift(VisitorId from, const trust::AssetId& asset, VisitorId to) const;
  void tell_given(const Recipient& who, const std::string& log_host) const;
  void host_recipient(const Json& params, Done<Json> done) const;
  void host_given(const Json& params, const Done<Json>& done) const;
  void host_record(const Json& params, Done<Json> done) const;
  void host_thing(const Json& params, const Done<Json>& done) const;
  void host_release(const std::string& from, const Json& params, const Done<Json>& done) const;
  // The record by which this host gives a thing back before its lease ends.
  Result<std::string> returned(const federation::Carrying::Released& released) const;
  // Calls a thing home from the host that it is leased to; done when the log says that it is back.
  void recall(VisitorId visitor, const trust::AssetId& asset, const std::string& host,
              std::function<void(Status)> done);
  void title_recall(const calls::Caller& caller, const Json& params, calls::Reply reply);
  federation::Gifts* gifts_or_refuse(const calls::Caller& caller, calls::Reply& reply);
  void travel_give(const calls::Caller& caller, const Json& params, calls::Reply reply);
  void travel_accept(const calls::Caller& caller, const Json& params, calls::Reply reply);
  void travel_decline(const calls::Caller& caller, const Json& params, calls::Reply reply);
  void travel_return(const calls::Caller& caller, calls::Reply reply);
  // The other one of a trade, by their number: somebody who is here; or an answered error.
  std::optional<VisitorId> trader_or_refuse(const calls::Caller& caller, const Json& params, calls::Reply& reply);
  void trade_things(const calls::Caller& caller, const Json& params, calls::Reply reply);
  void trade_offer(const calls::Caller& caller, const Json& params, calls::Reply reply);
  void trade_change(const calls::Caller& caller, const Json& params, calls::Reply reply);
  void trade_agree(const calls::Caller& caller, const Json& params, calls::Reply reply);
  void trade_decline(const calls::Caller& caller, const Json& params, calls::Reply reply);
  // Keys that people hold themselves (calls_held.cpp).
  Json key_state(const federation::Account& account) const;
  void keep_wrappings(const federation::Account& account) const;  // of the passkeys that there are
  void key_describe(const calls::Caller& caller, calls::Reply reply);
  void key_keep(const calls::Caller& caller, const Json& params, calls::Reply reply);
  void key_moves(const calls::Caller& caller, const Json& params, calls::Reply reply);
  void key_move(const calls::Caller& caller, const Json& params, calls::Reply reply);
  void move_all(const federation::Account& account, bool to_holder,
                std::vector<std::pair<trust::AssetId, crypto::Signature>> moves, calls::Reply reply);
  // Answers with the form, and with what each of its things is, for whoever signs to see.
  void answer_form(Json form, const std::vector<trust::AssetId>& assets, calls::Reply reply) const;
  void answer_give_form(VisitorId by, const trust::AssetId& asset, const crypto::PublicKey& to, Json recipient,
                        calls::Reply reply) const;
  void give_form(const calls::Caller& caller, const Json& params, calls::Reply reply);
  void trade_form(const calls::Caller& caller, const Json& params, calls::Reply reply);
  void lease_form(const calls::Caller& caller, const Json& params, calls::Reply reply);
  void title_show(const Json& params, calls::Reply reply);
  void operator_claim(const calls::Caller& caller, const Json& params, calls::Reply reply);
  void host_status(calls::Reply reply);
  void visitor_remove(const calls::Caller& caller, const Json& params, calls::Reply reply);
};

void add_methods(Control& control);

// Under which key the store keeps what is known of a visitor, and the prefix of all such keys.
inline constexpr std::string_view kVisitorPrefix = "visitor/";
std::string visitor_key(VisitorId visitor);

// Reads a world's kept minutes of the last day. On the store's thread, before anybody else knows of the ledger.
void load_quality(records::Journal& journal, const std::string& world, std::int64_t minute, quality::Ledger& ledger);
Json quality_schema();  // of Control::quality()

// A carried thing as others may be shown it: name, model, scale, perhaps a colour.
Json appearance_of(const Json& thing);

// The `signature` of somebody who holds their key; none where there is none. Error `invalid`.
Result<federation::Titles::Signed> signature_of(const Json& params);
Result<crypto::Signature> signature_text_of(const Json& params, const char* field);

// What a title is over: how the thing is made, not where it stands.
Json content_json(const world::Thing& thing);

}  // namespace mw::server
