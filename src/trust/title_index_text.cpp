// A TitleIndex as text, for whoever goes on later.
#include <charconv>
#include <utility>

#include "base/format.h"
#include "crypto/multibase.h"
#include "trust/title_index.h"

namespace mw::trust {
namespace {

constexpr std::string_view kTitle = "manyworlds titles 1\n";

Error damaged(std::string why) { return Error{ErrorKind::damaged, "titles", std::move(why)}; }

// Words of one line after the other; the first thing that does not read stays.
class Words {
 public:
  explicit Words(std::string_view text) : rest_(text) {}
  bool good() const { return good_; }
  bool done() const { return rest_.empty(); }
  bool next_is(std::string_view name) const { return rest_.starts_with(name); }
  std::string_view word(char end) {
    const auto at = rest_.find(end);
    if (at == std::string_view::npos || at == 0) {
      good_ = false;
      return {};
    }
    const auto out = rest_.substr(0, at);
    rest_.remove_prefix(at + 1);
    return out;
  }
  void expect(std::string_view name) { good_ = good_ && word(' ') == name; }
  std::uint64_t number(char end) {
    const auto text = word(end);
    std::uint64_t out = 0;
    const auto [stop, error] = std::from_chars(text.data(), text.data() + text.size(), out);
    good_ = good_ && error == std::errc() && stop == text.data() + text.size();
    return out;
  }
  crypto::Digest hash(char end) {
    const auto read = parse_title_hash(word(end), "titles");
    good_ = good_ && read.ok();
    return read.ok() ? *read : crypto::Digest{};
  }
  crypto::PublicKey key(char end) {
    const auto read = crypto::from_multikey(word(end));
    good_ = good_ && read.ok();
    return read.ok() ? *read : crypto::PublicKey{};
  }

 private:
  std::string_view rest_;
  bool good_ = true;
};

Title read_title(Words& words) {
  Title title;
  words.expect("title");
  title.asset = words.hash(' ');
  title.content = words.hash(' ');
  title.sequence = words.number('\n');
  while (words.good() && words.next_is("point ")) {
    TitlePoint point;
    words.expect("point");
    point.index = words.number(' ');
    point.record = words.hash(' ');
    point.owner = words.key(' ');
    point.rotation = words.number('\n') != 0;
    title.history.push_back(point);
  }
  if (!words.good() || !words.next_is("lease ")) return title;
  Lease lease;
  words.expect("lease");
  lease.number = words.number(' ');
  lease.host = words.word(' ');
  lease.holder = words.key(' ');
  lease.from_s = static_cast<std::int64_t>(words.number(' '));
  lease.until_s = static_cast<std::int64_t>(words.number(' '));
  lease.index = words.number('\n');
  title.lease = lease;
  return title;
}

}  // namespace

std::string TitleIndex::save() const {
  std::string text = format("{}log {}\nentries {} {}\n", kTitle, log_, entries_, complete_ ? 1 : 0);
  for (const auto& [asset, title] : titles_) {
    text += format("title {} {} {}\n", title_hash_text(asset), title_hash_text(title.content), title.sequence);
    for (const auto& point : title.history)
      text += format("point {} {} {} {}\n", point.index, title_hash_text(point.record), crypto::multikey(point.owner),
                     point.rotation ? 1 : 0);
    if (const auto& lease = title.lease)
      text += format("lease {} {} {} {} {} {}\n", lease->number, lease->host, crypto::multikey(lease->holder),
                     lease->from_s, lease->until_s, lease->index);
  }
  return text;
}

Result<TitleIndex> TitleIndex::restore(std::string log, std::string_view text, std::size_t most) {
  if (!text.starts_with(kTitle)) return damaged("expected its first line");
  Words words(text.substr(kTitle.size()));
  TitleIndex index(std::move(log), most);
  words.expect("log");
  if (words.word('\n') != index.log_) return damaged("they are of another log");
  words.expect("entries");
  index.entries_ = words.number(' ');
  index.complete_ = words.number('\n') != 0;
  while (words.good() && !words.done()) {
    Title title = read_title(words);
    if (!words.good() || title.history.empty() || title.history.size() > limits::kTitleHistory ||
        index.titles_.size() >= most || title.history.back().index >= index.entries_ ||
        title.sequence + 1 < title.history.size())
      return damaged("a title does not read");
    const AssetId asset = title.asset;
    if (!index.titles_.emplace(asset, std::move(title)).second) return damaged("a title stands there twice");
  }
  if (!words.good()) return damaged("its lines do not read");
  return index;
}

}  // namespace mw::trust
