// The cells of one world: a quadtree over x and z whose leaves split where it is dense (limits::kCellSplit) and merge again
// (kCellMerge). A leaf of kCellSideM that is still too full splits by entity. Each leaf is a cell with members, fixed from one
// regrouping to the next: at least every kGroupMaxTicks, each cell at a tick of its own, and soon when somebody came, left or
// jumped there. Members are all who stand in the cell then, and all who were members before and whom no other cell has taken
// since; so whoever crosses a border is a member of one cell or, for less than a second, of both, never of none.
// A cell that was split or merged goes on as *retired*, with the members it has, until it is released: who was shown it is
// shown others first. Source: DESIGN.md, "The crowd".
// Thread: the control loop. `step` allocates nothing once the crowd has been as large and as spread before.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "base/ids.h"
#include "stage/stage.h"

namespace mw::crowd {

// Metres; the low sides belong to it, the high ones do not.
struct Rect {
  float x0 = 0, z0 = 0, x1 = 0, z1 = 0;
  bool contains(float x, float z) const { return x >= x0 && x < x1 && z >= z0 && z < z1; }
};

using CellIndex = std::uint32_t;  // used again after a release
inline constexpr std::uint32_t kNone = ~0u;

struct Cell {
  bool used = false, retired = false;
  std::uint32_t epoch = 0;  // another one after each regrouping, never the same twice within one Cells
  std::uint32_t regrouped = 0;  // at which tick
  std::vector<EntityId> members;  // ascending
  std::vector<std::uint32_t> rows;  // of the members on the stage; kNone for who has left it since
  Rect bounds;  // of the members when they were grouped
  bool changed = false, jumped = false;  // somebody came or left; somebody jumped
};

class Cells {
 public:
  explicit Cells(std::size_t capacity);  // of the stage

  // Brings cells and members up to date with the stage. `tick` grows by one or more.
  void step(std::uint32_t tick, const stage::Stage& stage);

  std::span<const CellIndex> leaves() const { return leaves_; }  // those in force; at least one after the first step
  std::span<const CellIndex> retired() const { return retired_; }
  const Cell& operator[](CellIndex cell) const { return cells_[cell]; }
  std::size_t size() const { return cells_.size(); }  // indices lie below
  CellIndex cell_of(std::size_t row) const { return nodes_[leaf_[row]].cell; }  // in whose place somebody stands
  Rect region(CellIndex cell) const { return regions_[cell]; }
  std::uint64_t layout() const { return layout_; }  // changes when cells split or merge
  void release(CellIndex retired);

 private:
  struct Node {
    Rect region;
    std::uint32_t parent = kNone, children = kNone;  // four in a row
    CellIndex cell = kNone;  // of a leaf
    std::uint32_t prefix = 0;  // of an entity's hash, below the smallest side
    std::uint8_t depth = 0;
    std::uint32_t begin = 0, end = 0;  // of a leaf: who stands there, in order_
  };

  std::uint32_t child_of(const Node& node, float x, float z, EntityId entity) const;
  bool holds(const Node& node, float x, float z, EntityId entity) const;
  void remap(const stage::Stage& stage);
  void note_jumps(const stage::Stage& stage);
  void place(const stage::Stage& stage);
  void sort(const stage::Stage& stage);
  void split(std::uint32_t node, const stage::Stage& stage);
  bool merge(std::uint32_t node);
  void reshape(const stage::Stage& stage);
  void regroup(CellIndex cell, std::span<const std::uint32_t> standing, const stage::Stage& stage);
  bool due(const Cell& cell) const;
  CellIndex open(const Rect& region);
  void retire(CellIndex cell);
  std::uint32_t take_children();

  std::vector<Node> nodes_;
  std::vector<std::uint32_t> spare_children_;  // first of four
  std::vector<Cell> cells_;
  std::vector<Rect> regions_;
  std::vector<CellIndex> spare_cells_, leaves_, retired_;
  // By row of the stage.
  std::vector<EntityId> entity_;
  std::vector<std::uint32_t> leaf_, order_, moved_, next_leaf_;
  std::vector<CellIndex> home_, next_home_;  // which cell took them last
  std::vector<std::uint32_t> by_node_, scratch_, merged_;
  std::uint64_t membership_ = 0, jumps_ = 0, layout_ = 0;
  std::uint32_t tick_ = 0, epoch_ = 0;
};

}  // namespace mw::crowd
