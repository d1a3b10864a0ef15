#include "records/log.h"

#include <algorithm>
#include <array>
#include <bit>
#include <string_view>
#include <utility>

#include "base/format.h"
#include "base/limits.h"
#include "records/checkpoint.h"

namespace mw::records {
namespace {

constexpr std::array<Byte, 8> kMagic = {'M', 'W', 'L', 'O', 'G', 0, 0, 1};
constexpr std::size_t kHeaderBytes = kMagic.size() + 8 + 4 + 4 + sizeof(Hash);
constexpr std::size_t kFrameBytes = kHeaderBytes + limits::kLogBatchBytes;
constexpr std::string_view kMarkTitle = "manyworlds log mark 1";
constexpr std::size_t kMarkBytes = 8'192;

void put_little(Bytes& out, std::uint64_t number, std::size_t size) {
  for (std::size_t i = 0; i < size; ++i) out.push_back(static_cast<Byte>(number >> (8 * i)));
}
std::uint64_t get_little(ByteView bytes) {
  std::uint64_t number = 0;
  for (std::size_t i = bytes.size(); i-- > 0;) number = number << 8 | bytes[i];
  return number;
}

// The two bytes before an entry.
std::size_t entry_length(ByteView bytes) { return static_cast<std::size_t>(bytes[0]) << 8 | bytes[1]; }

Error damaged(std::string why) { return failure(ErrorKind::damaged, "the log: " + std::move(why)); }

// Hashes of tiles of this level in a tree of so many entries.
std::uint64_t hashes_at(unsigned level, std::uint64_t size) { return size >> (kTileHeight * level); }

struct FrameHeader {
  std::uint64_t first = 0;
  std::uint32_t count = 0, bytes = 0;
  Hash root{};
};

Bytes format_header(const FrameHeader& header) {
  Bytes out(kMagic.begin(), kMagic.end());
  out.reserve(kHeaderBytes);
  put_little(out, header.first, 8);
  put_little(out, header.count, 4);
  put_little(out, header.bytes, 4);
  out.insert(out.end(), header.root.begin(), header.root.end());
  return out;
}

// False for what is no header of ours.
bool parse_header(ByteView bytes, FrameHeader& out) {
  if (bytes.size() < kHeaderBytes || !std::equal(kMagic.begin(), kMagic.end(), bytes.begin())) return false;
  bytes = bytes.subspan(kMagic.size());
  out.first = get_little(bytes.first(8));
  out.count = static_cast<std::uint32_t>(get_little(bytes.subspan(8, 4)));
  out.bytes = static_cast<std::uint32_t>(get_little(bytes.subspan(12, 4)));
  std::copy_n(bytes.begin() + 16, sizeof(Hash), out.root.begin());
  return out.count > 0 && out.count <= limits::kLogBatchEntries && out.bytes <= limits::kLogBatchBytes;
}

// "title\nsize\nend\nhash...\nchecksum\n"
std::string format_mark(const Frontier& frontier, std::uint64_t end) {
  std::string text = format("{}\n{}\n{}\n", kMarkTitle, frontier.size(), end);
  for (const Hash& hash : frontier.nodes()) text += crypto::base64(hash) + "\n";
  return text + crypto::base64(crypto::sha256(as_bytes(text))) + "\n";
}

struct Mark {
  Frontier frontier;
  std::uint64_t end = 0;
};

Result<Mark> parse_mark(std::string_view text) {
  std::vector<std::string_view> lines;
  lines.reserve(72);
  std::string_view rest = text;
  for (auto line_end = rest.find('\n'); line_end != std::string_view::npos; line_end = rest.find('\n')) {
    lines.push_back(rest.substr(0, line_end));
    rest.remove_prefix(line_end + 1);
  }
  if (lines.size() < 4 || !rest.empty() || lines[0] != kMarkTitle) return damaged("the mark is none of ours");
  const auto checked = text.substr(0, static_cast<std::size_t>(lines.back().data() - text.data()));
  if (lines.back() != crypto::base64(crypto::sha256(as_bytes(checked)))) return damaged("the mark does not check");
  const auto size = parse_tree_size(lines[1], "size");
  MW_TRY(size);
  const auto end = parse_tree_size(lines[2], "end");
  MW_TRY(end);
  std::vector<Hash> nodes;
  nodes.reserve(lines.size());
  for (std::size_t i = 3; i + 1 < lines.size(); ++i) {
    auto hash = parse_hash(lines[i], "mark");
    MW_TRY(hash);
    nodes.push_back(*hash);
  }
  auto frontier = Frontier::restore(*size, std::move(nodes));
  MW_TRY(frontier);
  return Mark{*std::move(frontier), *end};
}

}  // namespace

// What a batch adds, before it is certain.
struct Log::Pending {
  Frontier frontier;
  Bytes index;
  std::array<Bytes, kTileLevels> hashes;
};

Log::~Log() = default;

Result<std::unique_ptr<Log>> Log::open(platform::Storage& storage) {
  std::unique_ptr<Log> log(new Log(storage));
  MW_TRY(log->open_files());
  MW_TRY(log->load_mark());
  MW_TRY(log->recover());
  log->durable_size_.store(log->size(), std::memory_order_release);
  return log;
}

Status Log::open_files() {
  auto entries = storage_.open("entries");
  MW_TRY(entries);
  entries_ = *std::move(entries);
  auto index = storage_.open("index");
  MW_TRY(index);
  index_ = *std::move(index);
  hashes_.reserve(kTileLevels);
  for (unsigned level = 0; level < kTileLevels; ++level) {
    auto file = storage_.open(format("hashes.{}", level));
    MW_TRY(file);
    hashes_.push_back(*std::move(file));
  }
  return ok();
}

Status Log::load_mark() {
  const auto text = storage_.load("mark", kMarkBytes);
  if (!text.ok()) {
    if (text.error().kind == ErrorKind::not_found) return ok();
    return text.error();
  }
  auto mark = parse_mark(*text);
  if (!mark.ok()) return ok();  // it only makes a start quicker; the entries say the same
  const std::uint64_t size = mark->frontier.size();
  if (entries_->size() < mark->end)
    return damaged(format("{} bytes of entries, where {} were on disk", entries_->size(), mark->end));
  bool whole = index_->size() >= size * 8;
  for (unsigned level = 0; level < kTileLevels; ++level)
    whole = whole && hashes_[level]->size() >= hashes_at(level, size) * sizeof(Hash);
  if (!whole) return ok();
  frontier_ = std::move(mark->frontier);
  end_ = mark->end;
  marked_ = size;
  return ok();
}

Status Log::recover() {
  const std::uint64_t file_end = entries_->size(), from = size();
  while (true) {
    const auto taken = take_frame(end_, file_end);
    MW_TRY(taken);
    if (!*taken) break;
  }
  read_at_start_ = size() - from;
  if (file_end - end_ > kFrameBytes) return damaged(format("entry {} and what follows it do not check", size()));
  // The batch that was on its way. Cut off for good before anything is written in its place.
  if (file_end != end_) MW_TRY(entries_->truncate(end_));
  // What was read may be in memory alone, when the process was killed before its sync: nothing may be said about it before.
  if (file_end != end_ || read_at_start_ > 0) return entries_->sync();
  return ok();
}

Result<bool> Log::take_frame(std::uint64_t at, std::uint64_t end) {
  if (end - at < kHeaderBytes) return false;
  auto head = read_exactly(*entries_, at, kHeaderBytes);
  MW_TRY(head);
  if (std::equal(kMagic.begin(), kMagic.end() - 1, head->begin()) && head->at(kMagic.size() - 1) > kMagic.back())
    return failure(ErrorKind::version,
                   format("the log has format {}; this program knows {}", head->at(kMagic.size() - 1), kMagic.back()));
  FrameHeader header;
  if (!parse_header(*head, header) || header.first != size() || header.bytes > end - at - kHeaderBytes) return false;
  auto body = read_exactly(*entries_, at + kHeaderBytes, header.bytes);
  MW_TRY(body);
  const auto entries = parse_bundle(*body, header.count);
  if (!entries.ok()) return false;
  Pending pending{frontier_, {}, {}};
  for (const ByteView entry : *entries)
    add(pending, entry, at + kHeaderBytes + static_cast<std::uint64_t>(entry.data() - body->data()) - 2);
  if (pending.frontier.root() != header.root) return false;
  MW_TRY(write_derived(pending));
  frontier_ = std::move(pending.frontier);
  end_ = at + kHeaderBytes + header.bytes;
  return true;
}

void Log::add(Pending& pending, ByteView entry, std::uint64_t place) const {
  put_little(pending.index, place, 8);
  pending.frontier.append(leaf_hash(entry), [&](unsigned height, std::uint64_t, const Hash& hash) {
    if (height % kTileHeight != 0) return;
    auto& out = pending.hashes[height / kTileHeight];
    out.insert(out.end(), hash.begin(), hash.end());
  });
}

// Not synced: what is lost of it is made again from the entries.
Status Log::write_derived(const Pending& pending) {
  const std::uint64_t before = size();
  MW_TRY(index_->write(before * 8, pending.index));
  for (unsigned level = 0; level < kTileLevels && !pending.hashes[level].empty(); ++level)
    MW_TRY(hashes_[level]->write(hashes_at(level, before) * sizeof(Hash), pending.hashes[level]));
  return ok();
}

Result<std::uint64_t> Log::append(std::span<const ByteView> entries) {
  if (failed_) return failure(ErrorKind::unavailable, "the log's disk failed; the host has to be started again");
  if (entries.empty()) return invalid("entries", "expected at least one");
  if (entries.size() > limits::kLogBatchEntries)
    return Error{ErrorKind::too_large, "entries", format("over {}", limits::kLogBatchEntries)};
  if (size() + entries.size() > kTreeSizeMax) return failure(ErrorKind::full, "the log has as many entries as it can");
  std::size_t bytes = 0;
  for (const ByteView entry : entries) {
    if (entry.size() > limits::kLogEntryBytes)
      return Error{ErrorKind::too_large, "entry", format("over {} bytes", limits::kLogEntryBytes)};
    bytes += entry.size() + 2;
  }
  if (bytes > limits::kLogBatchBytes)
    return Error{ErrorKind::too_large, "entries", format("over {} bytes", limits::kLogBatchBytes)};
  Pending pending{frontier_, {}, {}};
  pending.index.reserve(entries.size() * 8);
  pending.hashes[0].reserve(entries.size() * sizeof(Hash));
  Bytes frame(kHeaderBytes);
  frame.reserve(kHeaderBytes + bytes);
  for (const ByteView entry : entries) {
    add(pending, entry, end_ + frame.size());
    append_entry(frame, entry);
  }
  const FrameHeader header{size(), static_cast<std::uint32_t>(entries.size()), static_cast<std::uint32_t>(bytes),
                           pending.frontier.root()};
  const Bytes head = format_header(header);
  std::copy(head.begin(), head.end(), frame.begin());
  if (auto written = entries_->write(end_, frame); !written.ok()) return roll_back(std::move(written).error()).error();
  if (auto written = write_derived(pending); !written.ok()) return roll_back(std::move(written).error()).error();
  if (auto synced = entries_->sync(); !synced.ok()) {
    failed_ = true;
    return failure(ErrorKind::unavailable, synced.error().text());
  }
  const std::uint64_t first = size();
  frontier_ = std::move(pending.frontier);
  end_ += frame.size();
  durable_size_.store(size(), std::memory_order_release);
  // A mark that cannot be written costs time at the next start, and nothing else.
  if (size() - marked_ >= limits::kLogMarkEntries) (void)save_mark().ok();
  return first;
}

// Makes sure that a batch which is refused does not come back after a crash.
Status Log::roll_back(Error error) {
  const bool back = error.kind == ErrorKind::full && entries_->truncate(end_).ok() && entries_->sync().ok();
  if (back) return error;
  failed_ = true;
  return failure(ErrorKind::unavailable, error.text());
}

Status Log::save_mark() {
  if (failed_) return failure(ErrorKind::unavailable, "the log's disk failed");
  if (marked_ == size()) return ok();
  MW_TRY(index_->sync());
  for (const auto& file : hashes_)
    if (file->size() > 0) MW_TRY(file->sync());
  MW_TRY(storage_.replace("mark", format_mark(frontier_, end_)));
  marked_ = size();
  return ok();
}

std::uint64_t Log::bytes() const { return entries_->size(); }

Result<Bytes> Log::read_exactly(const platform::StoredFile& file, std::uint64_t offset, std::size_t size) const {
  Bytes bytes(size);
  const auto got = file.read(offset, bytes);
  MW_TRY(got);
  if (*got != size) return damaged("a file is shorter than it was");
  return bytes;
}

Result<Bytes> Log::read(const TileName& name) const {
  const unsigned most = tile_width(name.level, name.index, durable_size());
  if (name.level >= kTileLevels || name.width == 0 || name.width > most)
    return Error{ErrorKind::not_found, tile_path(name), "the log has no such tile"};
  if (name.entries) return read_bundle(name);
  return read_exactly(*hashes_[name.level], name.index * limits::kTileHashes * sizeof(Hash), name.width * sizeof(Hash));
}

Result<std::uint64_t> Log::place_of(std::uint64_t index) const {
  const auto bytes = read_exactly(*index_, index * 8, 8);
  MW_TRY(bytes);
  return get_little(*bytes);
}

Result<Bytes> Log::entry(std::uint64_t index) const {
  if (index >= durable_size())
    return Error{ErrorKind::not_found, "index", format("the log has {} entries", durable_size())};
  const auto place = place_of(index);
  MW_TRY(place);
  const auto length = read_exactly(*entries_, *place, 2);
  MW_TRY(length);
  return read_exactly(*entries_, *place + 2, entry_length(*length));
}

// The entries stand in frames, so that headers may lie between them.
Result<Bytes> Log::read_bundle(const TileName& name) const {
  const std::uint64_t first = name.index * limits::kTileHashes;
  const auto index = read_exactly(*index_, first * 8, std::size_t{name.width} * 8);
  MW_TRY(index);
  const auto place = [&](std::size_t i) { return get_little(ByteView(*index).subspan(i * 8, 8)); };
  const std::uint64_t begin = place(0), last = place(name.width - 1);
  const auto length = read_exactly(*entries_, last, 2);
  MW_TRY(length);
  const std::uint64_t end = last + 2 + entry_length(*length);
  if (end < begin || end - begin > limits::kBundleBytes + limits::kTileHashes * kHeaderBytes)
    return damaged("its index does not fit its entries");
  const auto span = read_exactly(*entries_, begin, static_cast<std::size_t>(end - begin));
  MW_TRY(span);
  Bytes bundle;
  bundle.reserve(span->size());
  for (std::size_t i = 0; i < name.width; ++i) {
    const std::uint64_t at = place(i) - begin;
    if (place(i) < begin || at + 2 > span->size()) return damaged("its index does not fit its entries");
    const std::size_t size = entry_length(ByteView(*span).subspan(at, 2));
    if (size > span->size() - at - 2) return damaged("its index does not fit its entries");
    append_entry(bundle, ByteView(*span).subspan(at + 2, size));
  }
  return bundle;
}

TileNodes Log::nodes(std::uint64_t size) const {
  return TileNodes(size, [this](const TileName& name) { return read(name); });
}

}  // namespace mw::records
