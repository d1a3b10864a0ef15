// Shapes of the calls' parameters and results (generated from the host's registry: calls.gen.ts, schema/calls.md) and of the
// events on ordered tracks (schema/frames.md). Positions are metres (glTF axes, y up), yaw is radians: 0 looks along +z
// and grows towards +x.

import type { ChatMessage, EntityAddParams, Person, SessionOpenResult, Thing, WorldEnterResult } from "./calls.gen.ts";

export type {
  Account,
  Appearance,
  Avatar,
  Calls,
  CatalogueModel,
  ChatMessage,
  HostStatusResult,
  Language,
  Mood,
  Outfit,
  MovementRules,
  Notifications,
  Person,
  Portal,
  Role,
  Text,
  Thing,
  Vec3,
  Visitor,
  WorldDetail,
  WorldSummary,
} from "./calls.gen.ts";

export type EnterResult = WorldEnterResult;
export type OpenResult = SessionOpenResult;
/** What an edit may say of a thing. */
export type ThingFields = Omit<EntityAddParams, "world">;

export type PeopleEvent =
  | { type: "snapshot"; people: Person[]; spectators?: { first: number; count: number } }
  | { type: "joined"; person: Person }
  | { type: "changed"; person: Person }
  | { type: "left"; entity: number };
export type ChatEvent = { type: "snapshot"; messages: ChatMessage[] } | ({ type: "said" } & ChatMessage);
export type SceneEvent =
  | { type: "snapshot"; sequence: number; entities: Thing[] }
  | { type: "added"; sequence: number; entity: Thing }
  | { type: "changed"; sequence: number; entity: Thing }
  | { type: "removed"; sequence: number; entity: number };
