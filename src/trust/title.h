// Title records: what is said, in one log, about who owns a thing. A record is a statement (lines of text) and the signatures
// of the keys that it takes. The exact bytes stand in schema/titles.md; there is one text for each record.
//   create    names the log, the hash of the content and the owner's key; the statement's hash names the asset
//   transfer  the owner gives the title to another key
//   rotate    the owner goes on with a new key, which signs too
//   trade     two titles move at once, or neither; both owners sign
//   lease     a host may show the thing for a while, and no other may; the owner signs
//   return    that host ends its lease early; its key signs
// A record that moves a title names its sequence (creation is 0) and the hash of the statement before, so that it means one
// thing in one history. Whether it counts is title_index.h's to say: the lowest valid index for (asset, sequence) does.
// Here is form alone, and single signatures. Limits: limits::kTitleRecordBytes. Thread: pure functions and values.
#pragma once

#include <array>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "base/bytes.h"
#include "base/result.h"
#include "crypto/crypto.h"
#include "trust/integrity.h"

namespace mw::trust {

using AssetId = crypto::Digest;  // hash of the statement that created it

struct TitleCreate {
  crypto::Digest content{};  // SHA-256 of what the thing is
  std::array<Byte, 16> serial{};  // tells apart things of one content; unpredictable
  crypto::PublicKey owner;  // signs
  friend bool operator==(const TitleCreate&, const TitleCreate&) = default;
};
// One title's part in a record that moves it.
struct TitleMove {
  AssetId asset{};
  std::uint64_t sequence = 0;  // one more than that of the title as it stands
  crypto::Digest previous{};  // hash of the statement that it follows
  crypto::PublicKey to;
  friend bool operator==(const TitleMove&, const TitleMove&) = default;
};
struct TitleTransfer {
  TitleMove move;  // the owner signs
  friend bool operator==(const TitleTransfer&, const TitleTransfer&) = default;
};
struct TitleRotate {
  TitleMove move;  // the old key signs, then the new one
  friend bool operator==(const TitleRotate&, const TitleRotate&) = default;
};
struct TitleTrade {
  TitleMove first, second;  // first.asset < second.asset; their owners sign in this order
  friend bool operator==(const TitleTrade&, const TitleTrade&) = default;
};
struct TitleLease {
  AssetId asset{};
  crypto::Digest previous{};  // hash of the statement by which the title stands
  std::uint64_t number = 0;  // counts the leases of the asset from 1
  std::string host;  // its did:web
  crypto::PublicKey holder;  // the host's key
  std::int64_t from_s = 0, until_s = 0;  // Unix seconds
  friend bool operator==(const TitleLease&, const TitleLease&) = default;
};
struct TitleReturn {
  AssetId asset{};
  std::uint64_t number = 0;  // of the lease
  std::int64_t at_s = 0;  // from then on the holder does not show the thing
  friend bool operator==(const TitleReturn&, const TitleReturn&) = default;
};
using TitleForm = std::variant<TitleCreate, TitleTransfer, TitleRotate, TitleTrade, TitleLease, TitleReturn>;
std::string_view name_of(const TitleForm& form);  // "create", "transfer", ...

struct TitleRecord {
  std::string log;  // origin of the one log in which this record counts
  TitleForm form;
  std::string statement;  // what is signed
  crypto::Digest hash{};  // SHA-256 of the statement; signatures are not in it
  std::vector<crypto::Signature> signatures;  // as many as the form takes, in its order

  bool signed_by(std::size_t signature, const crypto::PublicKey& key) const;
};

// The statement of a form. Errors `invalid`, naming the line: a log or a host that is no name, moves in the wrong order, a
// number over 2^53 - 1.
Result<std::string> title_statement(std::string_view log, const TitleForm& form);
std::size_t signatures_of(const TitleForm& form);
// Makes the record and signs it; `signers` as many as the form takes, in its order.
Result<TitleRecord> sign_title(std::string_view log, const TitleForm& form, std::span<const Sign> signers);
// A statement that was signed elsewhere. Error `invalid` when the number of signatures is wrong.
Result<TitleRecord> title_record(std::string_view log, const TitleForm& form,
                                 std::vector<crypto::Signature> signatures);
Bytes format_title(const TitleRecord& record);

// An entry that does not begin as a title record is another kind of record, and means nothing here.
bool is_title(ByteView entry);
// Strict: format_title(parse_title(x)) == x. Every key that the record gives something to is one that enrolment takes
// (crypto::public_key). Errors `invalid` with the line, `too_large`.
Result<TitleRecord> parse_title(ByteView entry);

// How hashes of titles are written everywhere: base64url without padding, 43 characters. Error `invalid` with this field.
std::string title_hash_text(const crypto::Digest& hash);
Result<crypto::Digest> parse_title_hash(std::string_view text, std::string_view field);

}  // namespace mw::trust
