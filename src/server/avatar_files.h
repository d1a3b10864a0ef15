// Own figures as files: checked, kept in a folder, and shown from memory while somebody wears or looks at them. What nobody wears
// is not served, so that no host becomes a place to fetch other people's figures from.
// Layout of the folder: HASH.glb as it came, HASH.1.glb and on its lower levels, HASH.json what it is.
// Thread: any. Checking, reading and writing happen on one thread of its own, in order; answers come by `post`. Overflow: over
// kAvatarTasks waiting, `unavailable`. Without threads (tests) everything happens in the call itself.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <set>
#include <string>
#include <vector>

#include "base/bytes.h"
#include "base/result.h"
#include "data/json.h"
#include "edge/content.h"

namespace mw::server {

inline constexpr std::size_t kAvatarTasks = 64;
// All figures that are shown at once. One for which there is no place is not shown: the kit's figure stands in.
inline constexpr std::size_t kAvatarsShownBytes = std::size_t{512} << 20;
// A figure that nobody has asked to be shown for so long is not shown any more. Longer than a visit may take to begin
// (limits::kVisitMs): the host where it begins fetches the figure then, and nobody wears it at home.
inline constexpr std::int64_t kAvatarShownMs = 150'000;

// A file that holds, with what is derived from it.
struct CheckedAvatar {
  std::string hash;  // SHA-256 of the file, hexadecimal
  Bytes file;
  std::vector<Bytes> levels;  // lower ones, finest first; none where the licence or a picture's format forbids them
  Json about;  // schema Avatar
  std::uint64_t bytes() const;  // of all of it
};
// Errors: those of gltf::AvatarFile. Takes up to a second for the largest.
Result<CheckedAvatar> check_avatar(Bytes file);
bool is_avatar_hash(std::string_view text);  // 64 hexadecimal digits, lower case

class AvatarFiles final : public edge::ContentSource {
 public:
  using Post = std::function<void(std::function<void()>)>;
  using Checked = std::shared_ptr<const CheckedAvatar>;
  using Done = std::function<void(Status)>;
  // Behind it stands `rest`, which may be null.
  AvatarFiles(std::string folder, std::shared_ptr<const edge::ContentSource> rest, Post post, bool threads = true);
  ~AvatarFiles() override;
  void stop();  // nothing is posted afterwards

  void check(Bytes file, std::function<void(Result<Checked>)> done);
  // On disk when `done` says ok.
  void keep(Checked avatar, Done done);
  void remove(const std::string& hash);  // and shows it no more
  void remove_files(const std::string& hash);  // goes on showing it while it is asked for
  // Removes the files of all others: at the start, after a crash between a file and the record of it.
  void sweep(std::set<std::string> kept);
  // Serves it under /avatars/HASH/ from when `done` says ok. Again: goes on serving it. Errors: `not_found`, `full`.
  void show(const std::string& hash, std::int64_t now_ms, Done done);
  // As `show`, of what stands in no folder: it is forgotten when it is shown no more. Error `full`.
  void lend(Checked avatar, std::int64_t now_ms, Done done);
  void hide_old(std::int64_t now_ms);

  std::shared_ptr<const edge::Blob> find(std::string_view path, std::string_view query) const override;

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace mw::server
