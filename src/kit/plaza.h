// The parts of the plaza.
#pragma once

#include "kit/layout.h"

namespace mw::kit::plaza {

struct Kinds {
  int window, window_lit, shopfront, arcade;
};

// A house front of `width` towards +z of `place`, with `floors` over the ground floor.
struct House {
  Transform place;  // middle of the front's lower edge
  float width = 14, depth = 9;
  int floors = 2;
  Srgb wall = tone::kChalk, roof = 0x8A6F60;
  bool pitched = true;
  bool arcade = false;
};

Kinds add_kinds(Layout& layout, Srgb accent);
void add_house(Layout& layout, const Kinds& kinds, const House& house, Dice& dice);
void add_loggia(Layout& layout, float y, float z, int bays, float bay);
void add_tower(Layout& layout, Vec3 foot, Srgb accent);
void add_gatehouse(Layout& layout, const Transform& place, Srgb wall);
void add_horizon(Layout& layout, Dice& dice);

}  // namespace mw::kit::plaza
