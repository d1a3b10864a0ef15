#include "crowd/cells.h"

#include <algorithm>

#include "base/assert.h"
#include "base/limits.h"

namespace mw::crowd {

Cells::Cells(std::size_t capacity) {
  for (auto* column : {&leaf_, &order_, &moved_, &next_leaf_, &home_, &next_home_}) column->reserve(capacity);
  entity_.reserve(capacity);
  constexpr float kEdge = limits::kWorldExtentM;
  Node root;
  root.region = {-kEdge, -kEdge, kEdge, kEdge};
  root.cell = open(root.region);
  nodes_.push_back(root);
}

CellIndex Cells::open(const Rect& region) {
  CellIndex index = kNone;
  if (spare_cells_.empty()) {
    index = static_cast<CellIndex>(cells_.size());
    cells_.emplace_back();
    regions_.emplace_back();
  } else {
    index = spare_cells_.back();
    spare_cells_.pop_back();
  }
  Cell& cell = cells_[index];
  cell.members.clear();
  cell.rows.clear();
  cell.epoch = 0;
  cell.used = true;
  cell.retired = cell.changed = cell.jumped = false;
  cell.bounds = {};
  regions_[index] = region;
  leaves_.push_back(index);
  ++layout_;
  return index;
}

// Members whose place is another cell's are taken there as soon as may be: nobody new is shown this cell.
void Cells::retire(CellIndex index) {
  Cell& cell = cells_[index];
  cell.retired = true;
  for (const auto row : cell.rows)
    if (row != kNone && leaf_[row] != kNone && nodes_[leaf_[row]].cell != kNone) cells_[cell_of(row)].changed = true;
  cell.changed = cell.jumped = false;
  std::erase(leaves_, index);
  retired_.push_back(index);
  ++layout_;
}

void Cells::release(CellIndex index) {
  MW_ASSERT(cells_[index].used && cells_[index].retired);
  for (auto& home : home_)
    if (home == index) home = kNone;
  cells_[index].used = false;
  std::erase(retired_, index);
  spare_cells_.push_back(index);
}

std::uint32_t Cells::take_children() {
  if (!spare_children_.empty()) {
    const auto first = spare_children_.back();
    spare_children_.pop_back();
    return first;
  }
  const auto first = static_cast<std::uint32_t>(nodes_.size());
  nodes_.resize(nodes_.size() + 4);
  return first;
}

}  // namespace mw::crowd
