// Whose own figures are kept here, and how they come: an upload in parts, the check, a word about the right to wear it, and then a
// record in the store, behind the files. Several people may keep the same file, which is there once.
// Whoever comes from another home wears what they keep there: it is fetched, checked as an upload is, and held in memory alone while
// they are here.
// Thread: the control loop; answers come on it.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/ids.h"
#include "base/limits.h"
#include "base/result.h"
#include "records/store_queue.h"
#include "server/avatar_files.h"

namespace mw::server {

struct AvatarRules {
  bool uploads = true;  // whether people may bring their own; what is kept stays
  std::size_t bytes = limits::kAvatarBytes;  // of one file
  std::size_t per_visitor = 4;
  std::uint64_t total_bytes = std::uint64_t{2} << 30;  // of all that is kept, lower levels included
};
inline constexpr std::size_t kMostAvatars = 16;  // of one visitor, whatever is configured
inline constexpr std::size_t kAvatarOwners = 500;  // of one file
inline constexpr std::size_t kAvatarUploads = 16;  // under way at once, one a visitor
inline constexpr std::size_t kAvatarPart = 160u << 10;  // bytes that one call brings
inline constexpr std::int64_t kAvatarUploadMs = 10LL * 60'000;  // from the first byte to the yes
inline constexpr std::size_t kAvatarBans = 1'000;
inline constexpr std::size_t kAvatarsComing = 16;  // fetched from other hosts at once
// A home that does not answer is asked again, after a pause that doubles.
inline constexpr int kAvatarFetches = 5;
inline constexpr std::int64_t kAvatarFetchPauseMs = 2'000;
static_assert(kAvatarPart * 4 / 3 + 4'096 < limits::kCallBytes);

// What others are told of a figure (schema WornAvatar), of what it is (schema Avatar).
Json worn_form(const Json& about);

// What somebody says of their right to wear a figure.
enum class AvatarRight : std::uint8_t { author, licensed, free };
std::string_view name_of(AvatarRight right);
AvatarRight avatar_right(std::string_view name);  // of a word that is none: free, which permits the least
// Who may wear it stands in the file; that somebody is such a person, they say themselves. Error `forbidden`.
Status may_wear(const Json& about, AvatarRight right);

class Avatars {
 public:
  using Done = std::function<void(Result<Json>)>;
  using Finished = std::function<void(Status)>;
  using Puts = std::vector<std::pair<std::string, std::string>>;
  // As Fetcher::get.
  using Fetch =
      std::function<void(std::string url, std::size_t max_bytes, std::function<void(Result<std::string>)> answer)>;
  // Reads what is kept, without what belongs to nobody who is known any more, and removes the files of everything else.
  static Result<std::unique_ptr<Avatars>> load(records::Journal& journal, AvatarRules rules, AvatarFiles& files,
                                               std::function<void(std::span<Byte>)> entropy);
  ~Avatars() { *alive_ = false; }
  void attach(records::Store& store) { store_ = &store; }
  const AvatarRules& rules() const { return rules_; }

  // An upload's name, which is a secret of its visitor. Errors: `forbidden` (uploads are off), `too_large`, `full`, `rate_limited`.
  Result<std::string> begin(VisitorId visitor, std::size_t bytes, std::int64_t now_ms);
  // Parts come in order; how much is there. Errors: `not_found`, `invalid`.
  Result<std::size_t> send(const std::string& upload, std::size_t at, ByteView part, std::int64_t now_ms);
  // What it is: schema Avatar. Errors: those of the check; `conflict` while it is not all there.
  void check(VisitorId visitor, const std::string& upload, std::int64_t now_ms, Done done);
  // On disk when done. Errors: `forbidden` (the licence, a ban), `full`. `with` is stored in the same step.
  void keep(VisitorId visitor, const std::string& upload, AvatarRight right, Puts with, Done done);
  // Error `not_found`.
  void drop(VisitorId visitor, const std::string& hash, Finished done);
  // Of one visitor: list of Avatar.
  Json list(VisitorId visitor) const;
  // What others are told of it: schema WornAvatar. None: the visitor neither keeps nor borrows it.
  std::optional<Json> worn(VisitorId visitor, const std::string& hash) const;

  // What the visitor has said of their right to wear it. Error `not_found`.
  Result<AvatarRight> right_of(VisitorId visitor, const std::string& hash) const;
  // Before any `borrow`, which otherwise finds nothing `unavailable`.
  void reach(Fetch fetch) { fetch_ = std::move(fetch); }
  // What somebody from `home` keeps there, shown here until nobody has worn it for a while: schema WornAvatar. Errors: `forbidden`
  // (uploads are off, a ban, the licence), `invalid` (another file than was named), those of the fetch and of the check, `full`. A
  // home that is not there is asked again for half a minute.
  void borrow(VisitorId visitor, const std::string& home, const std::string& hash, AvatarRight right,
              std::int64_t now_ms, const Done& done);
  void fetch_again(std::int64_t now_ms);  // every second: from the homes that did not answer
  void show(const std::string& hash, std::int64_t now_ms, AvatarFiles::Done done);
  // Goes on showing these, and no longer what nobody asked for.
  void go_on(const std::set<std::string>& worn, std::int64_t now_ms);

  // Removes a file for good; it is refused when it comes again. Error `full`.
  void ban(const std::string& hash, const std::string& reason, Finished done);
  void unban(const std::string& hash, Finished done);  // error `not_found`
  Json bans() const;
  Json status() const;  // kept, bytes, borrowed, uploads under way

 private:
  struct Upload {
    VisitorId visitor;
    std::size_t bytes = 0;
    Bytes content;
    std::int64_t until_ms = 0;
    AvatarFiles::Checked checked;
    bool checking = false;
  };
  struct Kept {
    Json about;
    std::map<VisitorId, std::string> owners;  // with the right that they named
    std::uint64_t bytes = 0;
  };
  struct Borrowed {
    Json about;
    std::set<VisitorId> wearers;
    std::int64_t worn_ms = 0;
  };
  Avatars(AvatarRules rules, AvatarFiles& files, std::function<void(std::span<Byte>)> entropy)
      : rules_(rules), files_(files), entropy_(std::move(entropy)), alive_(std::make_shared<bool>(true)) {}
  std::size_t count_of(VisitorId visitor) const;
  Result<Upload*> upload_of(VisitorId visitor, const std::string& name);
  // A figure on its way from its wearer's home.
  struct Coming {
    std::string url;
    std::vector<Finished> waiting;
    int fetches = 0;
    bool under_way = false;
    std::int64_t again_ms = 0;  // 0: not known yet
  };
  Status may_come(const std::string& hash) const;
  void fetch(const std::string& hash, std::int64_t now_ms);
  void borrow_here(VisitorId visitor, const std::string& hash, AvatarRight right, std::int64_t now_ms,
                   const Done& done);
  void came(const std::string& hash, std::int64_t now_ms, const Result<AvatarFiles::Checked>& checked);
  void arrived(const std::string& hash, const Status& status);
  Status may_keep(VisitorId visitor, const CheckedAvatar& avatar, AvatarRight right) const;
  void record(VisitorId visitor, const AvatarFiles::Checked& avatar, AvatarRight right, Puts with, const Done& done);
  static std::string stored(const Kept& kept);

  AvatarRules rules_;
  AvatarFiles& files_;
  std::function<void(std::span<Byte>)> entropy_;
  records::Store* store_ = nullptr;
  std::map<std::string, Upload> uploads_;
  std::map<std::string, Kept> kept_;  // by hash
  std::map<std::string, Borrowed> borrowed_;  // by hash
  std::map<std::string, Coming> coming_;  // by hash
  Fetch fetch_;
  std::map<std::string, std::string> bans_;  // hash, reason
  std::uint64_t bytes_ = 0;
  std::shared_ptr<bool> alive_;
};

}  // namespace mw::server
