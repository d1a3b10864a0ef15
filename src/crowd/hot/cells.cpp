// Runs every tick: no allocation after warm-up, no lock, no exception, no log, no system call.
#include "crowd/cells.h"

#include <algorithm>

#include "base/assert.h"
#include "base/limits.h"

namespace mw::crowd {
namespace {

constexpr float kRootSide = 2.f * limits::kWorldExtentM;
constexpr unsigned kPlaceDepth = 11;  // below it nodes are split by entity
constexpr unsigned kDepthMax = kPlaceDepth + 8;
static_assert(kRootSide == static_cast<float>(limits::kCellSideM << kPlaceDepth));

// Spreads neighbouring numbers (D. Knuth, The Art of Computer Programming 3, 6.4: multiplicative hashing).
std::uint32_t hash_of(EntityId entity) { return entity.value * 2'654'435'769u; }
unsigned hash_shift(unsigned depth) { return 30 - 2 * (depth - kPlaceDepth); }

// Somebody who came or left is shown soon, but a large cell is not sent whole at every tick for it.
constexpr std::uint32_t kMembersPerEarlyTick = 32;

}  // namespace

std::uint32_t Cells::child_of(const Node& node, float x, float z, EntityId entity) const {
  if (node.depth >= kPlaceDepth) return node.children + ((hash_of(entity) >> hash_shift(node.depth)) & 3u);
  const Rect& low = nodes_[node.children].region;
  return node.children + (x >= low.x1 ? 1u : 0u) + (z >= low.z1 ? 2u : 0u);
}

bool Cells::holds(const Node& node, float x, float z, EntityId entity) const {
  if (!node.region.contains(x, z)) return false;
  return node.depth <= kPlaceDepth || hash_of(entity) >> (hash_shift(node.depth) + 2) == node.prefix;
}

// Rows have moved on the stage: what is known by row moves with them.
void Cells::remap(const stage::Stage& stage) {
  const auto entities = stage.entities();
  next_leaf_.assign(entities.size(), kNone);
  next_home_.assign(entities.size(), kNone);
  moved_.assign(entity_.size(), kNone);
  std::size_t now = 0;
  for (std::size_t before = 0; before < entity_.size(); ++before) {
    while (now < entities.size() && entities[now] < entity_[before]) ++now;
    if (now == entities.size() || entities[now] != entity_[before]) continue;
    moved_[before] = static_cast<std::uint32_t>(now);
    next_leaf_[now] = leaf_[before];
    next_home_[now] = home_[before];
  }
  leaf_.swap(next_leaf_);
  home_.swap(next_home_);
  entity_.assign(entities.begin(), entities.end());
  for (Cell& cell : cells_) {
    if (!cell.used) continue;
    for (auto& row : cell.rows) {
      if (row == kNone) continue;
      row = moved_[row];
      cell.changed |= row == kNone;
    }
  }
  membership_ = stage.membership();
}

void Cells::note_jumps(const stage::Stage& stage) {
  const auto mark = [&](std::size_t row) {
    if (home_[row] != kNone) cells_[home_[row]].jumped = true;
    cells_[cell_of(row)].jumped = true;
  };
  if (const auto jumped = stage.jumps_since(jumps_)) {
    for (const EntityId entity : *jumped)
      if (const auto row = stage.row(entity)) mark(*row);
  } else {
    for (std::size_t row = 0; row < entity_.size(); ++row) mark(row);
  }
  jumps_ = stage.jumps();
}

void Cells::place(const stage::Stage& stage) {
  const auto positions = stage.positions();
  for (std::size_t row = 0; row < entity_.size(); ++row) {
    const auto& [x, y, z] = positions[row];
    const std::uint32_t before = leaf_[row];
    if (before != kNone && nodes_[before].cell != kNone && holds(nodes_[before], x, z, entity_[row])) continue;
    std::uint32_t at = 0;
    while (nodes_[at].children != kNone) at = child_of(nodes_[at], x, z, entity_[row]);
    leaf_[row] = at;
    if (before == kNone) cells_[nodes_[at].cell].changed = true;
  }
}

// Counting sort: order_ holds the rows of each leaf in ascending order.
void Cells::sort(const stage::Stage& stage) {
  by_node_.assign(nodes_.size() + 1, 0);
  for (const auto leaf : leaf_) by_node_[leaf + 1]++;
  for (std::size_t i = 0; i < nodes_.size(); ++i) {
    nodes_[i].begin = by_node_[i];
    by_node_[i + 1] += by_node_[i];
    nodes_[i].end = by_node_[i + 1];
  }
  order_.resize(stage.size());
  for (std::size_t row = 0; row < leaf_.size(); ++row) order_[by_node_[leaf_[row]]++] = static_cast<std::uint32_t>(row);
}

void Cells::split(std::uint32_t index, const stage::Stage& stage) {
  const std::uint32_t children = take_children();
  Node& node = nodes_[index];
  const Rect& r = node.region;
  const float x = (r.x0 + r.x1) / 2, z = (r.z0 + r.z1) / 2;
  retire(node.cell);
  node.cell = kNone;
  node.children = children;
  for (std::uint32_t i = 0; i < 4; ++i) {
    Node& child = nodes_[children + i];
    child = {};
    child.parent = index;
    child.depth = static_cast<std::uint8_t>(node.depth + 1);
    child.prefix = node.depth >= kPlaceDepth ? node.prefix << 2 | i : 0;
    child.region =
        node.depth >= kPlaceDepth ? r : Rect{i & 1 ? x : r.x0, i & 2 ? z : r.z0, i & 1 ? r.x1 : x, i & 2 ? r.z1 : z};
    child.cell = open(child.region);
  }
  // Stable, so that rows stay in ascending order.
  scratch_.assign(order_.begin() + node.begin, order_.begin() + node.end);
  const auto positions = stage.positions();
  std::uint32_t at = node.begin;
  for (std::uint32_t i = children; i < children + 4; ++i) {
    nodes_[i].begin = at;
    for (const auto row : scratch_) {
      if (child_of(nodes_[index], positions[row].x, positions[row].z, entity_[row]) != i) continue;
      order_[at++] = row;
      leaf_[row] = i;
    }
    nodes_[i].end = at;
  }
}

// True when the node's four leaves became one. Its people are counted and grouped with the next step.
bool Cells::merge(std::uint32_t index) {
  const std::uint32_t children = nodes_[index].children;
  std::uint32_t people = 0;
  for (std::uint32_t i = children; i < children + 4; ++i) {
    if (nodes_[i].cell == kNone) return false;
    people += nodes_[i].end - nodes_[i].begin;
  }
  if (people >= limits::kCellMerge) return false;
  merged_.clear();
  for (std::uint32_t i = children; i < children + 4; ++i) {
    for (std::uint32_t k = nodes_[i].begin; k < nodes_[i].end; ++k) {
      merged_.push_back(order_[k]);
      leaf_[order_[k]] = index;
    }
    retire(nodes_[i].cell);
    nodes_[i] = {};
  }
  std::sort(merged_.begin(), merged_.end());
  spare_children_.push_back(children);
  nodes_[index].children = kNone;
  nodes_[index].cell = open(nodes_[index].region);
  return true;
}

// Splits at once what is too full, as deep as it needs; merges one node in kGroupMaxTicks in turn.
void Cells::reshape(const stage::Stage& stage) {
  for (std::uint32_t i = 0; i < nodes_.size();
       ++i) {  // children lie behind or before: those before come with the next step
    if (nodes_[i].cell != kNone) {
      const bool full = nodes_[i].end - nodes_[i].begin > limits::kCellSplit && nodes_[i].depth < kDepthMax;
      if (full) split(i, stage);
    } else if (nodes_[i].children != kNone && (i + tick_) % limits::kGroupMaxTicks == 0 && merge(i)) {
      regroup(nodes_[i].cell, merged_, stage);
      nodes_[i].begin = nodes_[i].end = 0;
    }
  }
}

bool Cells::due(const Cell& cell) const {
  const std::uint32_t since = tick_ - cell.regrouped;
  if (cell.epoch == 0 || cell.jumped || since >= limits::kGroupMaxTicks) return true;
  return cell.changed &&
         since >= std::min<std::size_t>(cell.members.size() / kMembersPerEarlyTick, limits::kGroupMaxTicks);
}

// `standing`: rows of who stands in the cell's place, ascending.
void Cells::regroup(CellIndex index, std::span<const std::uint32_t> standing, const stage::Stage& stage) {
  Cell& cell = cells_[index];
  for (const auto row : standing) home_[row] = index;
  scratch_.clear();
  for (const auto row : cell.rows)
    if (row != kNone && (cell.retired || home_[row] == index)) scratch_.push_back(row);
  // Both are ascending; who stands here still is in both.
  cell.rows.resize(scratch_.size() + standing.size());
  cell.rows.erase(std::set_union(scratch_.begin(), scratch_.end(), standing.begin(), standing.end(), cell.rows.begin()),
                  cell.rows.end());
  cell.members.resize(cell.rows.size());
  const auto positions = stage.positions();
  for (std::size_t i = 0; i < cell.rows.size(); ++i) {
    const auto row = cell.rows[i];
    cell.members[i] = entity_[row];
    const auto& p = positions[row];
    if (i == 0) cell.bounds = {p.x, p.z, p.x, p.z};
    cell.bounds = {std::min(cell.bounds.x0, p.x), std::min(cell.bounds.z0, p.z), std::max(cell.bounds.x1, p.x),
                   std::max(cell.bounds.z1, p.z)};
  }
  // A new cell's first group is shorter, so that cells which were made together do not all open groups at the same tick.
  const bool fresh = cell.epoch == 0;
  cell.regrouped = fresh ? tick_ - hash_of(EntityId{index + 1}) % limits::kGroupMaxTicks : tick_;
  cell.epoch = ++epoch_;
  cell.changed = cell.jumped = false;
}

void Cells::step(std::uint32_t tick, const stage::Stage& stage) {
  tick_ = tick;
  if (membership_ != stage.membership()) remap(stage);
  place(stage);
  note_jumps(stage);
  sort(stage);
  reshape(stage);
  for (const Node& node : nodes_) {
    if (node.cell == kNone || !due(cells_[node.cell])) continue;
    regroup(node.cell, std::span(order_).subspan(node.begin, node.end - node.begin), stage);
  }
  // Nobody is added to a retired cell; who left the world leaves it too.
  for (const CellIndex index : retired_)
    if (cells_[index].changed) regroup(index, {}, stage);
}

}  // namespace mw::crowd
