// Shapes of the calls' parameters and results, and of the events on ordered tracks: schema/calls.md.
// Positions are metres (glTF axes, y up), yaw is radians: 0 looks along +z and grows towards +x.

export type Language = "en" | "zh";
export type Text = { en: string; zh: string };
export type Vec3 = [number, number, number];
export type Role = "guest" | "operator";

/** How a person looks; made by the host from a seed (the kit's parameters). Indices point into the palettes of person.glb. */
export interface Appearance {
  height: number;
  build: number;
  skin: number;
  hair: number;
  hair_colour: number;
  top: number;
  top_colour: number;
  bottom: number;
  bottom_colour: number;
  shoes_colour: number;
  jacket: number;
  hat: number;
  scarf: number;
  accent_colour: number;
}

export interface Visitor {
  id: string;
  name: string;
  role: Role;
  appearance: Appearance;
  language?: Language;
}

export interface WorldSummary {
  name: string;
  title: Text;
  description: Text;
  people: number;
  simulated: number;
  capacity: number;
  waiting: number;
  accent: string;
  problem?: string;
}

/** motion::Rules; units metres and seconds. */
export interface MovementRules {
  walk_speed: number;
  run_speed: number;
  jump_speed: number;
  gravity: number;
  acceleration: number;
  air_control: number;
  radius: number;
  height: number;
  step_height: number;
  slope_cos: number;
  floor_y: number;
}

export type Mood = "morning" | "noon" | "golden" | "night";

export interface Portal {
  id: string;
  title: Text;
  to: { world: string } | { url: string };
  position: Vec3;
  yaw: number;
  width: number;
  height: number;
}

export interface CatalogueModel {
  name: string;
  title: Text;
  url: string;
  collision: string | null;
}

export interface WorldDetail {
  name: string;
  title: Text;
  description: Text;
  accent: string;
  capacity: number;
  entity: number;
  epoch: number;
  place: { position: Vec3; yaw: number };
  rules: MovementRules;
  sky: { mood: Mood; [key: string]: unknown };
  scene: { url: string; collision: string };
  person: { url: string };
  models: CatalogueModel[];
  portals: Portal[];
  tracks: { poses: string; people: string; chat: string; scene: string };
  tick_hz: number;
  may: { edit: boolean; operate: boolean };
}

export interface Person {
  entity: number;
  visitor?: string;
  name: string;
  simulated: boolean;
  role: Role;
  appearance: Appearance;
}

/** Something that edits have put into the world. */
export interface Thing {
  entity: number;
  model: string;
  position: Vec3;
  yaw: number;
  scale: number;
  colour?: string;
  name?: string;
  by?: string;
}

export interface ThingFields {
  model: string;
  position: Vec3;
  yaw?: number;
  scale?: number;
  colour?: string;
  name?: string;
}

export interface ChatMessage {
  id: number | string;
  entity: number;
  name: string;
  text: string;
  time_ms: number;
}

export type PeopleEvent =
  | { type: "snapshot"; people: Person[] }
  | { type: "joined"; person: Person }
  | { type: "changed"; person: Person }
  | { type: "left"; entity: number };
export type ChatEvent = { type: "snapshot"; messages: ChatMessage[] } | ({ type: "said" } & ChatMessage);
export type SceneEvent =
  | { type: "snapshot"; sequence: number; entities: Thing[] }
  | { type: "added"; sequence: number; entity: Thing }
  | { type: "changed"; sequence: number; entity: Thing }
  | { type: "removed"; sequence: number; entity: number };

export type EnterResult = { state: "entered"; world: WorldDetail } | { state: "waiting"; position: number };
export interface OpenResult {
  protocol: number;
  host: { name: string; version: string };
  visitor: Visitor;
  resume: string;
  worlds: WorldSummary[];
}

/** Every call by name: its parameters and its result. */
export interface Calls {
  "session.open": {
    params: { protocol: number; name?: string; language?: Language; resume?: string; operator?: string };
    result: OpenResult;
  };
  "host.describe": {
    params: Record<string, never>;
    result: {
      name: string;
      version: string;
      protocol: { min: number; max: number };
      languages: Language[];
      worlds: WorldSummary[];
    };
  };
  "world.list": { params: Record<string, never>; result: { worlds: WorldSummary[] } };
  "world.enter": { params: { world: string; portal?: string; spawn?: string }; result: EnterResult };
  "world.leave": { params: Record<string, never>; result: unknown };
  "track.subscribe": { params: { track: string }; result: { id: number; kind: "latest" | "ordered" } };
  "track.unsubscribe": { params: { track: string }; result: unknown };
  "chat.say": { params: { text: string }; result: { id: number | string } };
  "visitor.change": {
    params: { name?: string; language?: Language; appearance?: Partial<Appearance> };
    result: Visitor;
  };
  "people.list": { params: Record<string, never>; result: { people: Person[] } };
  "entity.add": { params: ThingFields; result: { entity: number; sequence: number } };
  "entity.change": { params: { entity: number } & Partial<ThingFields>; result: { sequence: number } };
  "entity.remove": { params: { entity: number }; result: { sequence: number } };
  "entity.list": { params: Record<string, never>; result: { sequence: number; entities: Thing[] } };
  undo: { params: Record<string, never>; result: { sequence: number; done: { kind: string; entity: number } } };
  redo: { params: Record<string, never>; result: { sequence: number; done: { kind: string; entity: number } } };
  "operator.claim": { params: { token: string }; result: { token: string; role: Role } };
  "host.status": { params: Record<string, never>; result: Record<string, unknown> };
  "visitor.remove": { params: { visitor: string; minutes?: number; reason?: string }; result: unknown };
}

/** Notifications from the host: method and parameters. */
export interface Notifications {
  "world.queue": { world: string; position: number };
  "world.entered": { world: WorldDetail };
  "host.draining": { seconds?: number };
  "visitor.removed": { reason?: string; minutes?: number };
}
