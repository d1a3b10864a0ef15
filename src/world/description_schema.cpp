// The schema of world.toml, in one place: schema/world.schema.json is written from here.
#include "base/assert.h"
#include "world/description.h"

namespace mw::world {
namespace {

constexpr std::string_view kSchema = R"json({
  "$schema": "http://json-schema.org/draft-07/schema#",
  "$id": "urn:manyworlds:schema:world",
  "title": "world.toml",
  "description": "A world of a Manyworlds host: a folder with this file, and a glTF scene or a kit program that makes one. Lengths are metres, angles radians; axes are glTF's (y up); yaw 0 looks along +z and grows towards +x.",
  "type": "object",
  "additionalProperties": false,
  "required": ["name", "title", "description", "scene"],
  "properties": {
    "name": {"type": "string", "pattern": "^[a-z0-9][a-z0-9-]{0,31}$", "description": "lower-case letters, digits and hyphens, at most 32: the name of the world and of its folder, part of its link"},
    "title": {"$ref": "#/definitions/short_text", "description": "What people call it."},
    "description": {"$ref": "#/definitions/long_text", "description": "What awaits a visitor, in a sentence or two."},
    "capacity": {"type": "integer", "minimum": 1, "maximum": 10000, "default": 100, "description": "Visitors at the same time; the next one waits in a queue."},
    "accent": {"type": "string", "pattern": "^#[0-9A-Fa-f]{6}$", "default": "#2A9D8F", "description": "a colour such as #2A9D8F: that of the interface in this world"},
    "walkers": {"type": "integer", "minimum": 0, "maximum": 68000, "default": 0, "description": "Simulated people, labelled as such."},
    "scene": {
      "type": "object",
      "description": "Exactly one of kit and file.",
      "additionalProperties": false,
      "properties": {
        "kit": {"type": "string", "pattern": "^[a-z][a-z0-9_-]{0,31}$", "description": "A program of the kit that makes the scene, such as plaza, garden or stadium."},
        "seed": {"type": "integer", "minimum": 0, "maximum": 4294967295, "default": 1, "description": "Seed of the kit program."},
        "file": {"type": "string", "minLength": 1, "maxLength": 200, "description": "A glTF 2.0 file (.glb or .gltf) inside this folder."}
      }
    },
    "spawn": {
      "type": "object",
      "description": "Where visitors arrive. When absent, the scene's own spawn point (OMI_spawn_point) counts.",
      "additionalProperties": false,
      "required": ["position"],
      "properties": {
        "position": {"$ref": "#/definitions/position"},
        "yaw": {"$ref": "#/definitions/yaw"},
        "radius": {"type": "number", "minimum": 0, "maximum": 100, "default": 2, "description": "Arrivals are spread over a disc of this radius."}
      }
    },
    "sky": {
      "type": "object",
      "additionalProperties": false,
      "properties": {
        "mood": {"enum": ["morning", "noon", "golden", "night"], "default": "golden", "description": "Light and sky."}
      }
    },
    "movement": {
      "type": "object",
      "description": "The rules of movement; the host judges by them and the client predicts by them.",
      "additionalProperties": false,
      "properties": {
        "walk_speed": {"type": "number", "minimum": 0.1, "maximum": 20, "default": 1.8, "description": "m/s"},
        "run_speed": {"type": "number", "minimum": 0.1, "maximum": 30, "default": 5, "description": "m/s"},
        "jump_speed": {"type": "number", "minimum": 0, "maximum": 20, "default": 4.6, "description": "m/s upwards at take-off"},
        "gravity": {"type": "number", "minimum": 0.5, "maximum": 40, "default": 9.81, "description": "m/s^2"},
        "acceleration": {"type": "number", "minimum": 1, "maximum": 200, "default": 30, "description": "m/s^2 on the ground"},
        "air_control": {"type": "number", "minimum": 0, "maximum": 1, "default": 0.35, "description": "Share of the acceleration while in the air"},
        "radius": {"type": "number", "minimum": 0.1, "maximum": 1, "default": 0.3, "description": "Of a visitor's body, m"},
        "height": {"type": "number", "minimum": 0.5, "maximum": 3, "default": 1.7, "description": "Of a visitor's body, m"},
        "slope_cos": {"type": "number", "minimum": 0.1, "maximum": 1, "default": 0.64, "description": "Cosine of the steepest slope that one can walk up"},
        "step_height": {"type": "number", "minimum": 0, "maximum": 0.8, "default": 0.35, "description": "Climbed without a jump, m"},
        "floor_y": {"type": "number", "minimum": -4000, "maximum": 4000, "default": -50, "description": "Whoever falls below this height is put back at the spawn, m"}
      }
    },
    "permissions": {
      "type": "object",
      "additionalProperties": false,
      "properties": {
        "edit": {"enum": ["nobody", "operators", "everyone"], "default": "operators", "description": "Who may change the scene."}
      }
    },
    "promise": {
      "type": "object",
      "description": "The quality of service that the world promises: so many client-minutes are good, that is, keep every bound below. /sla shows promise and measurement.",
      "additionalProperties": false,
      "properties": {
        "good_minutes": {"type": "number", "minimum": 0, "maximum": 100, "default": 95, "description": "Per cent of all client-minutes, failed joins included"},
        "join_ms": {"type": "number", "minimum": 1, "maximum": 600000, "default": 4000, "description": "From the wish to enter to the first correct frame"},
        "tick_ms": {"type": "number", "minimum": 1, "maximum": 90000, "default": 150, "description": "Time between two updates, p99; the host sends 20 a second"},
        "age_near_ms": {"type": "number", "minimum": 1, "maximum": 90000, "default": 200, "description": "Age of what is seen of people within 20 m, p99 over frames"},
        "age_middle_ms": {"type": "number", "minimum": 1, "maximum": 90000, "default": 800, "description": "The same from 20 to 70 m"},
        "age_far_ms": {"type": "number", "minimum": 1, "maximum": 90000, "default": 2000, "description": "The same beyond 70 m"},
        "stalled_percent": {"type": "number", "minimum": 0, "maximum": 100, "default": 2, "description": "Share of the time without an update for 150 ms, or in a frame over twice its interval"},
        "frame_ms": {"type": "number", "minimum": 1, "maximum": 90000, "default": 50, "description": "Time between two frames, p99"},
        "kbit_s": {"type": "number", "minimum": 1, "maximum": 1000000, "default": 1000, "description": "Traffic of one session to the client"}
      }
    },
    "portal": {
      "type": "array",
      "maxItems": 64,
      "description": "Doors to other worlds of this host, or to any https link.",
      "items": {
        "type": "object",
        "additionalProperties": false,
        "required": ["id", "title", "to", "position"],
        "properties": {
          "id": {"type": "string", "pattern": "^[a-z0-9][a-z0-9-]{0,31}$", "description": "lower-case letters, digits and hyphens, at most 32"},
          "title": {"$ref": "#/definitions/short_text"},
          "to": {"type": "string", "minLength": 1, "maxLength": 2000, "description": "The name of a world of this host, or a link that starts with https:// (http:// only under localhost)."},
          "position": {"$ref": "#/definitions/position"},
          "yaw": {"$ref": "#/definitions/yaw"},
          "width": {"type": "number", "minimum": 1, "maximum": 20, "default": 3},
          "height": {"type": "number", "minimum": 2, "maximum": 20, "default": 3}
        }
      }
    }
  },
  "definitions": {
    "short_text": {
      "type": "object", "additionalProperties": false, "required": ["en", "zh"],
      "properties": {"en": {"type": "string", "minLength": 1, "maxLength": 60}, "zh": {"type": "string", "minLength": 1, "maxLength": 60}}
    },
    "long_text": {
      "type": "object", "additionalProperties": false, "required": ["en", "zh"],
      "properties": {"en": {"type": "string", "minLength": 1, "maxLength": 500}, "zh": {"type": "string", "minLength": 1, "maxLength": 500}}
    },
    "position": {
      "type": "array", "minItems": 3, "maxItems": 3, "items": {"type": "number", "minimum": -4096, "maximum": 4096},
      "description": "x, y, z in metres"
    },
    "yaw": {"type": "number", "minimum": -6.2832, "maximum": 6.2832, "default": 0, "description": "radians"}
  }
})json";

}  // namespace

const Json& world_schema() {
  static const Json schema = [] {
    auto parsed = data::parse_json(kSchema);
    MW_ASSERT(parsed.ok());
    return std::move(parsed).value();
  }();
  return schema;
}

}  // namespace mw::world
