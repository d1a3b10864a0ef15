// Made from the call registry of the host; do not edit.

/** A text in English and Chinese. */
export interface Text {
  en: string;
  zh: string;
}

/** Position in metres: x, y (up), z; the axes of glTF. */
export type Vec3 = [number, number, number];

/** The languages of the interface. */
export type Language = "en" | "zh";

/** What a visitor may do here. */
export type Role = "guest" | "operator";

/** Light and sky of a world. */
export type Mood = "morning" | "noon" | "golden" | "night";

/** How a person looks; indices point into the palettes of person.glb. */
export interface Appearance {
  accent_colour: number;
  bottom: number;
  bottom_colour: number;
  /** width over the model's */
  build: number;
  hair: number;
  hair_colour: number;
  hat: number;
  /** metres */
  height: number;
  jacket: number;
  scarf: number;
  shoes_colour: number;
  skin: number;
  top: number;
  top_colour: number;
}

/** A figure of somebody's own, as others are told of it. */
export interface WornAvatar {
  authors: string[];
  /** of the file: /avatars/HASH/about.json says what there is of it */
  hash: string;
  /** metres */
  height: number;
  name?: string;
  rank: "excellent" | "good" | "medium" | "poor";
  /** of the file as it came */
  triangles: number;
}

/** A visitor, as they are told about themselves. */
export interface Visitor {
  appearance: Appearance;
  avatar?: WornAvatar;
  /** the home of a visitor from elsewhere: a.example */
  home?: string;
  id: string;
  language: Language;
  name: string;
  role: Role;
}

/** A thing that a visitor from elsewhere has brought along, under a lease that was checked. */
export interface Carried {
  /** the title's */
  asset: string;
  /** what another history of the log would be: docs/trust.md */
  assurance: "caught" | "prevented";
  colour?: string;
  /** who keeps the title's key: the keeper, or the owner */
  custody: "home" | "holder";
  /** whose log that is: a.example */
  host: string;
  in_hand: boolean;
  /** the home of who has it, which keeps the owner's key unless they hold it */
  keeper: string;
  /** in which the title lives */
  log: string;
  /** of the catalogue, perhaps; may be empty */
  model: string;
  /** may be empty */
  name: string;
  scale: number;
  /** Unix seconds; the lease */
  until_s: number;
}

/** A thing that one has brought along, as one is told of it oneself. */
export interface Brought {
  asset: string;
  colour?: string;
  /** who keeps the title's key: the keeper, or oneself */
  custody?: "home" | "holder";
  /** whose log its title lives in */
  host?: string;
  in_hand: boolean;
  /** one's home, which keeps the owner's key unless one holds it */
  keeper?: string;
  model: string;
  name: string;
  scale: number;
  state: "checking" | "waiting" | "here" | "refused" | "over";
  /** Unix seconds; the lease */
  until_s?: number;
  /** it is not here */
  why?: string;
}

/** A thing of somebody whose home is this host, by a key that it keeps for them or one that they hold. */
export interface Belonging {
  asset: string;
  /** it is there, by a lease */
  away?: {
    /** did:web */
    host: string;
    until_s: number;
  };
  /** it looks otherwise in its world now; all of this is what its title is over */
  changed?: boolean;
  colour?: string;
  /** who keeps its title's key: this host, or oneself */
  custody: "home" | "holder";
  /** the host whose log the title lives in, where that is not this one */
  log_host?: string;
  may_come: boolean;
  model: string;
  /** may be empty */
  name: string;
  scale: number;
  /** it may not */
  why?: string;
}

/** A thing that one visitor gives to another, at a host where both are. */
export interface Gift {
  asset: string;
  /** accepted: the giver's home, where they say that it is so */
  confirm?: string;
  from: {
    home?: string;
    name: string;
    visitor: string;
  };
  id: number;
  state: "offered" | "accepted" | "given" | "declined" | "over";
  thing: {
    colour?: string;
    model: string;
    name: string;
    scale: number;
  };
  to: {
    home?: string;
    name: string;
    visitor: string;
  };
  /** Unix time; no answer by then is a no */
  until_ms: number;
}

/** A thing that may be traded, by a title in this host's log. */
export interface TradeThing {
  /** its title */
  asset: string;
  /** it looks otherwise in its world now; `thing` is what its title is over */
  changed?: boolean;
  /** who keeps its key: this host, or its owner */
  custody: "home" | "holder";
  entity?: number;
  /** how often it has changed hands */
  moved: number;
  thing: {
    colour?: string;
    model: string;
    name: string;
    scale: number;
  };
  /** in which it stands */
  world?: string;
}

/** One thing for another, as one of the two sees it: `gives` goes, `gets` comes, absent while nothing was put up. */
export interface Trade {
  /** oneself, to this pair */
  agrees: boolean;
  /** by oneself */
  begun: boolean;
  gets?: TradeThing;
  gives?: TradeThing;
  id: number;
  /** traded: of the record in the log */
  index?: number;
  state: "open" | "recording" | "traded" | "declined" | "over";
  they_agree: boolean;
  /** Unix time; it ends then if nobody says anything */
  until_ms: number;
  /** it is over */
  why?: string;
  with: {
    home?: string;
    name: string;
    visitor: string;
  };
}

/** Somebody in a world. */
export interface Person {
  appearance: Appearance;
  avatar?: WornAvatar;
  carried?: Carried[];
  /** of the avatar */
  entity: number;
  /** the home of a visitor from elsewhere: a.example */
  home?: string;
  name: string;
  role: Role;
  simulated: boolean;
  /** absent for simulated people */
  visitor?: string;
}

/** A thing that an edit has put into a world. */
export interface Thing {
  /** the visitor who added it */
  by: string;
  colour?: string;
  entity: number;
  model: string;
  name?: string;
  position: Vec3;
  scale: number;
  /** radians */
  yaw: number;
}

/** What somebody said. */
export interface ChatMessage {
  entity: number;
  /** grows; unique within a world */
  id: number;
  name: string;
  text: string;
  /** Unix time */
  time_ms: number;
}

/** The rules of movement of a world (src/motion/motion.h); metres and seconds. */
export interface MovementRules {
  acceleration: number;
  air_control: number;
  floor_y: number;
  gravity: number;
  height: number;
  jump_speed: number;
  radius: number;
  run_speed: number;
  slope_cos: number;
  step_height: number;
  walk_speed: number;
}

/** A door to another world of the host, or to an https link. */
export interface Portal {
  height: number;
  id: string;
  position: Vec3;
  title: Text;
  to: {
    mood?: Mood;
    position?: Vec3;
    scene?: string;
    world: string;
    yaw?: number;
  } | {
    url: string;
  };
  width: number;
  /** the direction in which one comes out */
  yaw: number;
}

/** A model that edits may put into a world. */
export interface CatalogueModel {
  /** null: one walks through it */
  collision: string | null;
  name: string;
  title: Text;
  url: string;
}

/** A world as it stands in lists. */
export interface WorldSummary {
  accent: string;
  capacity: number;
  description: Text;
  name: string;
  /** visitors inside */
  people: number;
  /** why it cannot be entered; absent when it can */
  problem?: string;
  /** simulated people */
  simulated: number;
  title: Text;
  /** visitors in the queue */
  waiting: number;
}

/** All that a client needs of the world it has entered. */
export interface WorldDetail {
  accent: string;
  /** name of who had invited the visitor, and at whose side they are now */
  beside?: string;
  capacity: number;
  description: Text;
  /** the visitor's own avatar */
  entity: number;
  /** to be carried by pose claims until the next correction */
  epoch: number;
  may: {
    edit: boolean;
    operate: boolean;
  };
  models: CatalogueModel[];
  name: string;
  person: {
    url: string;
  };
  place: {
    position: Vec3;
    yaw: number;
  };
  portals: Portal[];
  rules: MovementRules;
  scene: {
    collision: string;
    url: string;
  };
  sky: {
    mood: Mood;
  };
  tick_hz: number;
  title: Text;
  tracks: {
    chat: string;
    people: string;
    poses: string;
    scene: string;
  };
}

/** An appearance that a visitor keeps, to change into. */
export interface Outfit {
  appearance: Appearance;
  /** absent: it is called by its number */
  name?: string;
  /** 1 to 8 */
  number: number;
}

/** A figure of somebody's own, as it was checked. */
export interface Avatar {
  cost: {
    /** of the file */
    bytes?: number;
    joints?: number;
    materials?: number;
    /** on a graphics card */
    texture_bytes?: number;
    textures?: number;
    triangles?: number;
    vertices?: number;
  };
  /** SHA-256 of the file */
  hash: string;
  /** metres */
  height: number;
  kind: "vrm0" | "vrm1" | "glb";
  levels: Array<{
    /** the node of each bone, by VRM's names */
    bones: {
      [key: string]: number;
    };
    bytes: number;
    offset: number[];
    /** metres for each of its units */
    scale: number;
    triangles: number;
    /** radians about y that make it look along +z */
    turn: number;
    url: string;
  }>;
  licence: {
    authors: string[];
    commercial: "unstated" | "no" | "yes";
    /** the author asks to be named */
    credit: boolean;
    /** no: nothing simpler is derived from it */
    modification: "unstated" | "no" | "yes";
    name?: string;
    redistribution: "unstated" | "no" | "yes";
    url?: string;
    wearer: "unstated" | "only_author" | "licensed" | "everyone";
  };
  /** why there are no lower ones */
  no_levels?: string;
  rank: "excellent" | "good" | "medium" | "poor";
  reasons: Array<{
    /** by the next better rank */
    allowed: number;
    measure: string;
    value: number;
  }>;
  /** its own size was no person's */
  resized: boolean;
}

/** A person whose home is this host. */
export interface Account {
  created_ms: number;
  /** a portable did:webvh 1.0 */
  did: string;
  id: string;
  passkeys: number;
}

/** Who keeps the key of a person's things, and the ways to the one that they hold. */
export interface TitleKey {
  /** titles in the logs of other hosts: this host keeps the key of all */
  abroad: number;
  /** whose key new things of theirs belong to: docs/trust.md */
  custody: "home" | "holder";
  /** titles in this log by the key that they hold */
  held: number;
  /** this host, as the proof names it */
  host: string;
  /** titles in this log by the key that this host keeps for them */
  kept: number;
  /** that they hold: z6Mk... */
  key?: string;
  /** of this host */
  log: string;
  /** did:webvh, as the proof names it */
  person: string;
  wrappings: Array<{
    /** the id of the passkey, base64url; empty: by the person's code */
    passkey: string;
    /** base64url */
    wrapped: string;
  }>;
}

/** This document: every method, its parameters and its result, as OpenRPC. */
export type RpcDiscoverParams = Record<string, never>;

export interface RpcDiscoverResult {
  [key: string]: unknown;
}

/** Opens the session of this connection, as a new guest or as a visitor who returns. */
export interface SessionOpenParams {
  language?: Language;
  /** absent: one is suggested */
  name?: string;
  operator?: string;
  /** 1 */
  protocol: number;
  resume?: string;
}

export interface SessionOpenResult {
  host: {
    name: string;
    version: string;
  };
  protocol: number;
  /** keep it; it is a bearer token */
  resume: string;
  visitor: Visitor;
  worlds: WorldSummary[];
}

/** What this host is, which protocol it speaks, and its worlds. */
export type HostDescribeParams = Record<string, never>;

export interface HostDescribeResult {
  languages: Language[];
  name: string;
  protocol: {
    max: number;
    min: number;
  };
  version: string;
  worlds: WorldSummary[];
}

/** Changes the visitor's own name, language or appearance. */
export interface VisitorChangeParams {
  appearance?: {
    accent_colour?: number;
    bottom?: number;
    bottom_colour?: number;
    build?: number;
    hair?: number;
    hair_colour?: number;
    hat?: number;
    height?: number;
    jacket?: number;
    scarf?: number;
    shoes_colour?: number;
    skin?: number;
    top?: number;
    top_colour?: number;
  };
  language?: Language;
  name?: string;
}

export type VisitorChangeResult = Visitor;

/** An invitation to come to the visitor's side. */
export type VisitorInviteParams = Record<string, never>;

export interface VisitorInviteResult {
  invitation: string;
  /** Unix time */
  until_ms: number;
}

/** The outfits that the visitor keeps. */
export type VisitorOutfitsParams = Record<string, never>;

export interface VisitorOutfitsResult {
  /** how many may be kept; 0 for a visitor from another home, whose wardrobe is there */
  most: number;
  outfits: Outfit[];
}

/** Keeps an outfit, or changes one that is kept. */
export interface VisitorOutfitKeepParams {
  appearance?: Appearance;
  name?: string;
  number?: number;
}

export interface VisitorOutfitKeepResult {
  /** how many may be kept; 0 for a visitor from another home, whose wardrobe is there */
  most: number;
  outfits: Outfit[];
}

/** Keeps an outfit no longer. */
export interface VisitorOutfitDropParams {
  number: number;
}

export interface VisitorOutfitDropResult {
  /** how many may be kept; 0 for a visitor from another home, whose wardrobe is there */
  most: number;
  outfits: Outfit[];
}

/** Begins to bring a figure of one's own: a .vrm or a .glb. */
export interface AvatarBeginParams {
  bytes: number;
}

export interface AvatarBeginResult {
  /** bytes */
  part: number;
  /** a secret: whoever has it can send parts */
  upload: string;
}

/** Brings the next part of a file. */
export interface AvatarSendParams {
  /** bytes that are there */
  at: number;
  data: string;
  upload: string;
}

export interface AvatarSendResult {
  /** bytes, of all parts */
  received: number;
}

/** What the file is: its bones, what it costs, what its licence says. */
export interface AvatarCheckParams {
  upload: string;
}

export type AvatarCheckResult = Avatar;

/** Keeps the figure that was checked. */
export interface AvatarKeepParams {
  right: "author" | "licensed" | "free";
  upload: string;
}

export type AvatarKeepResult = Avatar;

/** The figures of one's own that the visitor keeps. */
export type AvatarListParams = Record<string, never>;

export interface AvatarListResult {
  avatars: Avatar[];
  /** how many may be kept; 0 for a visitor from another home, whose figures are there */
  most: number;
  /** of one file */
  most_bytes: number;
  /** whether this host takes any */
  uploads: boolean;
  /** hash of the one that is worn */
  worn?: string;
}

/** Puts a kept figure on; without `hash`, the kit's again. */
export interface AvatarWearParams {
  hash?: string;
}

export type AvatarWearResult = Visitor;

/** Keeps a figure no longer. Its files go when nobody keeps it. */
export interface AvatarDropParams {
  hash: string;
}

export interface AvatarDropResult {
  avatars: Avatar[];
  /** how many may be kept; 0 for a visitor from another home, whose figures are there */
  most: number;
  /** of one file */
  most_bytes: number;
  /** whether this host takes any */
  uploads: boolean;
  /** hash of the one that is worn */
  worn?: string;
}

/** The files that are banned here, and how much is kept. */
export type AvatarBansParams = Record<string, never>;

export interface AvatarBansResult {
  bans: Array<{
    hash: string;
    reason: string;
  }>;
  /** files that people from elsewhere wear */
  borrowed: number;
  /** of all that is kept */
  bytes: number;
  /** files */
  kept: number;
  /** under way */
  uploads: number;
}

/** Removes a figure from this host for good. */
export interface AvatarBanParams {
  hash: string;
  reason?: string;
}

export interface AvatarBanResult {
  bans: Array<{
    hash: string;
    reason: string;
  }>;
  /** files that people from elsewhere wear */
  borrowed: number;
  /** of all that is kept */
  bytes: number;
  /** files */
  kept: number;
  /** under way */
  uploads: number;
}

/** Lets a banned file come again. */
export interface AvatarUnbanParams {
  hash: string;
}

export interface AvatarUnbanResult {
  bans: Array<{
    hash: string;
    reason: string;
  }>;
  /** files that people from elsewhere wear */
  borrowed: number;
  /** of all that is kept */
  bytes: number;
  /** files */
  kept: number;
  /** under way */
  uploads: number;
}

/** The worlds of this host. */
export type WorldListParams = Record<string, never>;

export interface WorldListResult {
  worlds: WorldSummary[];
}

/** Enters a world, or takes a place in its queue when it is full, or when one more would break its promise of quality. */
export interface WorldEnterParams {
  beside?: string;
  portal?: string;
  spawn?: string;
  world: string;
}

export type WorldEnterResult = {
  state: "entered";
  world: WorldDetail;
} | {
  /** 1 is next */
  position: number;
  /** `quality`: there is a place, but one more would break the promise for those inside */
  reason: "full" | "quality";
  state: "waiting";
};

/** Leaves the world, or the queue, that one is in. */
export type WorldLeaveParams = Record<string, never>;

export type WorldLeaveResult = Record<string, never>;

/** Subscribes to a track of the world that one stands in. */
export interface TrackSubscribeParams {
  track: string;
}

export interface TrackSubscribeResult {
  id: number;
  kind: "latest" | "ordered";
}

/** Ends a subscription. */
export interface TrackUnsubscribeParams {
  track: string;
}

export type TrackUnsubscribeResult = Record<string, never>;

/** Says something to everybody in the world. */
export interface ChatSayParams {
  text: string;
}

export interface ChatSayResult {
  /** of the message */
  id: number;
}

/** Everybody in the world, simulated people too. */
export interface PeopleListParams {
  world?: string;
}

export interface PeopleListResult {
  people: Person[];
}

/** Puts a thing into the world. */
export interface EntityAddParams {
  /** a colour such as #E4572E; empty: the model's own */
  colour?: string;
  model: string;
  /** empty: none */
  name?: string;
  position: Vec3;
  scale?: number;
  /** for operators who stand elsewhere */
  world?: string;
  /** radians */
  yaw?: number;
}

export interface EntityAddResult {
  entity: number;
  sequence: number;
}

/** Changes a thing: whatever is named. */
export interface EntityChangeParams {
  /** a colour such as #E4572E; empty: the model's own */
  colour?: string;
  entity: number;
  model?: string;
  /** empty: none */
  name?: string;
  position?: Vec3;
  scale?: number;
  /** for operators who stand elsewhere */
  world?: string;
  /** radians */
  yaw?: number;
}

export interface EntityChangeResult {
  entity: number;
  sequence: number;
}

/** Takes a thing out of the world. */
export interface EntityRemoveParams {
  entity: number;
  world?: string;
}

export interface EntityRemoveResult {
  entity: number;
  sequence: number;
}

/** Takes back the caller's last edit in this world. */
export interface UndoParams {
  world?: string;
}

export interface UndoResult {
  done: {
    entity: number;
    /** what happened to the thing now: undoing an addition removes */
    kind: "add" | "change" | "remove";
  };
  sequence: number;
}

/** Does again what the caller's last undo took back. */
export interface RedoParams {
  world?: string;
}

export interface RedoResult {
  done: {
    entity: number;
    /** what happened to the thing now: undoing an addition removes */
    kind: "add" | "change" | "remove";
  };
  sequence: number;
}

/** All things that edits have put into the world. */
export interface EntityListParams {
  world?: string;
}

export interface EntityListResult {
  entities: Thing[];
  /** of the last edit */
  sequence: number;
}

/** Whether one can have an account here, and one's own. */
export type AccountDescribeParams = Record<string, never>;

export interface AccountDescribeResult {
  account?: Account;
  available: boolean;
  /** of the pages on which passkeys work */
  origin?: string;
  /** why not */
  reason: string;
}

/** Begins the registration of a passkey: the first of a new account, or a further one. */
export interface AccountRegisterBeginParams {
  code?: string;
  recovery_key?: string;
}

export interface AccountRegisterBeginResult {
  account: string;
  options: {
    [key: string]: unknown;
  };
}

/** Registers the passkey; a guest has an account from then on. */
export interface AccountRegisterFinishParams {
  /** base64url */
  attestation: string;
  /** base64url */
  client_data: string;
  /** what the person calls the passkey */
  label?: string;
}

export interface AccountRegisterFinishResult {
  account: Account;
  /** for session.open: come back by it */
  resume: string;
}

/** Begins logging in by a passkey of this host. */
export type AccountLoginBeginParams = Record<string, never>;

export interface AccountLoginBeginResult {
  options: {
    [key: string]: unknown;
  };
}

/** Logs in: gives the token by which this browser comes back as the account's visitor. */
export interface AccountLoginFinishParams {
  /** base64url */
  authenticator_data: string;
  /** base64url */
  client_data: string;
  /** base64url */
  id: string;
  /** base64url */
  signature: string;
}

export interface AccountLoginFinishResult {
  account: Account;
  /** for session.open: come back by it */
  resume: string;
}

/** Begins the recovery of an account by its recovery file. */
export interface AccountRecoverBeginParams {
  key: string;
  next_key: string;
}

export interface AccountRecoverBeginResult {
  challenge: string;
  /** base64url */
  message: string;
}

/** Recovers the account: its passkeys and tokens end, and this browser comes back by `resume`. */
export interface AccountRecoverFinishParams {
  challenge: string;
  /** base64url */
  signature: string;
}

export interface AccountRecoverFinishResult {
  account: Account;
  /** for session.open: come back by it */
  resume: string;
}

/** The passkeys of one's own account; none for a guest. */
export type AccountPasskeysParams = Record<string, never>;

export interface AccountPasskeysResult {
  passkeys: Array<{
    created_ms: number;
    /** base64url */
    id: string;
    label: string;
    /** 0: never */
    used_ms: number;
  }>;
}

/** Removes a passkey of one's own account; not the last one. */
export interface AccountPasskeyRemoveParams {
  /** base64url */
  id: string;
}

export interface AccountPasskeyRemoveResult {
  account: Account;
}

/** Logs out everywhere else: every other browser of this account is a guest's from now on. */
export type AccountEndOthersParams = Record<string, never>;

export interface AccountEndOthersResult {
  account: Account;
  /** for session.open: come back by it */
  resume: string;
}

/** A code by which another device adds a passkey to this account: once, within ten minutes. */
export type AccountInviteParams = Record<string, never>;

export interface AccountInviteResult {
  code: string;
  until_ms: number;
}

/** Makes the title to a thing, for who made the thing. */
export interface TitleCreateParams {
  entity: number;
  /** signed elsewhere */
  record?: string;
  /** for operators who stand elsewhere */
  world?: string;
}

export interface TitleCreateResult {
  /** base64url of the hash of the record that made it */
  asset: string;
  /** base64url of SHA-256 of what the thing is */
  content: string;
  /** who keeps that key: this host for a visitor, or somebody by themselves */
  custody: "home" | "holder";
  /** a quorum of the log's witnesses has seen it; otherwise it is on disk */
  final: boolean;
  /** of the record by which it stands */
  index: number;
  /** the home that keeps the key, where that is not this host */
  kept_by?: string;
  /** the latest one, over or not: it is shown there */
  lease?: {
    from_s: number;
    /** did:web */
    host: string;
    until_s: number;
  };
  /** the one log in which the title lives */
  log: string;
  /** the key that owns it: z6Mk... */
  owner: string;
  /** how often it has moved */
  sequence: number;
}

/** Gives a title to another key, to a visitor who is here, or to a person of any home. */
export interface TitleTransferParams {
  asset?: string;
  /** or a did:webvh */
  person?: string;
  /** signed elsewhere */
  record?: string;
  /** of the holder of the title's key: base64url of 64 bytes */
  signature?: string;
  /** a key: z6Mk... */
  to?: string;
  /** or a visitor's id: their home keeps the key for them, for guests this host */
  visitor?: string;
}

export interface TitleTransferResult {
  /** base64url of the hash of the record that made it */
  asset: string;
  /** base64url of SHA-256 of what the thing is */
  content: string;
  /** who keeps that key: this host for a visitor, or somebody by themselves */
  custody: "home" | "holder";
  /** a quorum of the log's witnesses has seen it; otherwise it is on disk */
  final: boolean;
  /** of the record by which it stands */
  index: number;
  /** the home that keeps the key, where that is not this host */
  kept_by?: string;
  /** the latest one, over or not: it is shown there */
  lease?: {
    from_s: number;
    /** did:web */
    host: string;
    until_s: number;
  };
  /** the one log in which the title lives */
  log: string;
  /** the key that owns it: z6Mk... */
  owner: string;
  /** how often it has moved */
  sequence: number;
}

/** A title with its history, and the proof that each record is in the log. */
export interface TitleShowParams {
  asset: string;
}

export interface TitleShowResult {
  /** base64url of the hash of the record that made it */
  asset: string;
  /** a signed note (C2SP tlog-checkpoint) with its cosignatures */
  checkpoint: string;
  /** base64url of SHA-256 of what the thing is */
  content: string;
  /** who keeps that key: this host for a visitor, or somebody by themselves */
  custody: "home" | "holder";
  /** a quorum of the log's witnesses has seen it; otherwise it is on disk */
  final: boolean;
  history: Array<{
    inclusion: string[];
    /** in the log */
    index: number;
    kind: string;
    /** from then on */
    owner: string;
    record: string;
  }>;
  /** of the record by which it stands */
  index: number;
  /** the home that keeps the key, where that is not this host */
  kept_by?: string;
  /** the latest one, over or not: it is shown there */
  lease?: {
    from_s: number;
    /** did:web */
    host: string;
    until_s: number;
  };
  /** the one log in which the title lives */
  log: string;
  /** the key that owns it: z6Mk... */
  owner: string;
  /** how often it has moved */
  sequence: number;
}

/** What one owns: here, by a key that this host keeps or one that one holds; and in the logs of other hosts. */
export type TitleMineParams = Record<string, never>;

export interface TitleMineResult {
  things: Belonging[];
}

/** Calls a thing home from the host that it is leased to. */
export interface TitleRecallParams {
  asset: string;
}

export interface TitleRecallResult {
  things: Belonging[];
}

/** Who would get a thing, before one gives it: as their own home names them. */
export interface TitleRecipientParams {
  asset: string;
  /** did:webvh */
  person: string;
}

export interface TitleRecipientResult {
  home: string;
  name: string;
  person: string;
}

/** Who keeps the key of one's things. */
export type TitleKeyParams = Record<string, never>;

export type TitleKeyResult = TitleKey;

/** Gives this host the public half of a key that one holds, and the secret half as the browser has wrapped it. */
export interface TitleKeyKeepParams {
  key: string;
  /** of the holder of the title's key: base64url of 64 bytes */
  proof: string;
  wrappings: Array<{
    /** the id of the passkey, base64url; empty: by the person's code */
    passkey: string;
    /** base64url */
    wrapped: string;
  }>;
}

export type TitleKeyKeepResult = TitleKey;

/** The rotations by which one's titles go to the key that one holds, or back to the one that this host keeps. */
export interface TitleKeyMovesParams {
  /** where the keys are to be */
  custody: "home" | "holder";
}

export interface TitleKeyMovesResult {
  log: string;
  more: boolean;
  moves: Array<{
    asset: string;
    previous: string;
    sequence: number;
    thing: {
      colour?: string;
      model: string;
      name: string;
      scale: number;
    };
    /** a key */
    to: string;
  }>;
  stay: Array<{
    asset: string;
    thing: {
      colour?: string;
      model: string;
      name: string;
      scale: number;
    };
    why: string;
  }>;
}

/** Chooses who keeps the key of what one gets from now on, and records these rotations. */
export interface TitleKeyMoveParams {
  /** where the keys are to be */
  custody: "home" | "holder";
  moves: Array<{
    asset: string;
    /** of the holder of the title's key: base64url of 64 bytes */
    signature: string;
  }>;
}

export interface TitleKeyMoveResult {
  failed: Array<{
    asset: string;
    why: string;
  }>;
  moved: number;
  state: TitleKey;
}

/** What one signs to give a thing whose key one holds: the transfer as `title.transfer` would record it now. */
export interface TitleFormParams {
  asset: string;
  person?: string;
  visitor?: string;
}

export interface TitleFormResult {
  log: string;
  moves: Array<{
    asset: string;
    previous: string;
    sequence: number;
    /** a key */
    to: string;
  }>;
  recipient: {
    home: string;
    name: string;
  };
  things: Array<{
    asset: string;
    /** the record that made the title: its statement's hash is the asset */
    creation: string;
    /** what `content` is the hash of */
    thing: {
      [key: string]: unknown;
    };
  }>;
}

/** What one signs to agree to a trade, where one holds the key of one's own thing. */
export interface TitleTradeFormParams {
  trade: number;
}

export interface TitleTradeFormResult {
  log: string;
  moves: Array<{
    asset: string;
    previous: string;
    sequence: number;
    /** a key */
    to: string;
  }>;
  things: Array<{
    asset: string;
    /** the record that made the title: its statement's hash is the asset */
    creation: string;
    /** what `content` is the hash of */
    thing: {
      [key: string]: unknown;
    };
  }>;
}

/** What one signs to take a thing along whose key one holds: a lease that begins now. */
export interface TitleLeaseFormParams {
  asset: string;
  /** of travel.challenge */
  challenge: {
    [key: string]: unknown;
  };
}

export interface TitleLeaseFormResult {
  lease: {
    asset: string;
    from: number;
    holder: string;
    host: string;
    number: number;
    previous: string;
    until: number;
  };
  log: string;
  things: Array<{
    asset: string;
    /** the record that made the title: its statement's hash is the asset */
    creation: string;
    /** what `content` is the hash of */
    thing: {
      [key: string]: unknown;
    };
  }>;
}

/** What the two could trade: one's own things, and theirs that stand in this world. */
export interface TitleTradeThingsParams {
  /** of the people track */
  visitor: string;
}

export interface TitleTradeThingsResult {
  gets: TradeThing[];
  gives: TradeThing[];
}

/** Offers somebody in the same world a thing for one of theirs. */
export interface TitleTradeOfferParams {
  /** one of the other's */
  gets?: string;
  /** a title of one's own */
  gives?: string;
  /** of the people track */
  visitor: string;
}

export interface TitleTradeOfferResult {
  trades: Trade[];
}

/** Puts another pair on the table; whoever had agreed has not any more. */
export interface TitleTradeChangeParams {
  /** one of the other's */
  gets?: string;
  /** a title of one's own */
  gives?: string;
  /** its id */
  trade: number;
}

export interface TitleTradeChangeResult {
  trades: Trade[];
}

/** Agrees to this pair, and no other. */
export interface TitleTradeAgreeParams {
  /** one of the other's */
  gets: string;
  /** a title of one's own */
  gives: string;
  /** of the holder of the title's key: base64url of 64 bytes */
  signature?: string;
  /** its id */
  trade: number;
}

export interface TitleTradeAgreeResult {
  trades: Trade[];
}

/** Ends a trade, before both have agreed. */
export interface TitleTradeDeclineParams {
  /** its id */
  trade: number;
}

export interface TitleTradeDeclineResult {
  trades: Trade[];
}

/** The trades that one is in, and those that have just ended. */
export type TitleTradeListParams = Record<string, never>;

export interface TitleTradeListResult {
  trades: Trade[];
}

/** Who asks for a visit, and what would be told; at home, to somebody with an account. */
export interface TravelAskedParams {
  /** of travel.challenge, at the destination */
  challenge: {
    [key: string]: unknown;
  };
}

export interface TravelAskedResult {
  /** things that may come along at once */
  carry_most: number;
  destination: {
    did: string;
    /** a.example, or a.example:8443 */
    host: string;
    name: string;
    url: string;
  };
  person: string;
  /** the person has said: always for this host */
  remembered: boolean;
  told: {
    avatar: Appearance;
    carried: Belonging[];
    figure?: {
      /** empty: it has none */
      name: string;
    };
    language: Language;
    name: string;
  };
  world: string;
}

/** Tells the destination: one credential, for that visit alone. */
export interface TravelAnswerParams {
  carry?: string[];
  /** of travel.challenge */
  challenge: {
    [key: string]: unknown;
  };
  leases?: Array<{
    asset: string;
    from_s: number;
    /** of the holder of the title's key: base64url of 64 bytes */
    signature: string;
    until_s: number;
  }>;
  remember?: boolean;
}

export interface TravelAnswerResult {
  /** schema/visit.md */
  credential: {
    [key: string]: unknown;
  };
  left_behind: Array<{
    asset: string;
    why: string;
  }>;
  return_to: string;
}

/** The hosts that are told without asking. */
export type TravelRememberedParams = Record<string, never>;

export interface TravelRememberedResult {
  hosts: Array<{
    /** a.example, or a.example:8443 */
    host: string;
    since_ms: number;
  }>;
}

/** Asks again before this host is told anything. */
export interface TravelRevokeParams {
  /** a.example, or a.example:8443 */
  host: string;
}

export interface TravelRevokeResult {
  /** false: it was not remembered */
  revoked: boolean;
}

/** Begins a visit, at the destination: what the browser takes to the person's home. */
export interface TravelChallengeParams {
  /** the person's home */
  home: string;
  /** of the page that takes the answer; / by itself */
  path?: string;
  /** base64url of 32 bytes */
  session_key: string;
  world: string;
}

export interface TravelChallengeResult {
  /** schema/visit.md */
  challenge: {
    [key: string]: unknown;
  };
  /** the home's page */
  go: string;
}

/** What the session key signs to arrive; for one arrival of this session. */
export type TravelNonceParams = Record<string, never>;

export interface TravelNonceResult {
  nonce: string;
}

/** Arrives as the person that their home says: the same visitor each time. */
export interface TravelArriveParams {
  /** of travel.answer */
  credential: {
    [key: string]: unknown;
  };
  session_key: string;
  /** base64url of 64 bytes */
  signature: string;
}

export interface TravelArriveResult {
  carried: Brought[];
  person: {
    /** did:webvh */
    did: string;
    /** a.example, or a.example:8443 */
    home: string;
  };
  /** for session.open */
  resume: string;
  visitor: string;
}

/** What this host has learned of oneself as a visitor from elsewhere; nothing of a guest. */
export type TravelLearnedParams = Record<string, never>;

export interface TravelLearnedResult {
  learned: Array<{
    /** who told it; empty: seen here */
    from: string;
    value: unknown;
    what: "identifier" | "home" | "name" | "avatar" | "figure" | "language" | "carried" | "place";
    when_ms: number;
    why: "recognise" | "show" | "serve" | "return";
  }>;
}

/** Makes this host forget it: one is a guest from then on. */
export type TravelForgetParams = Record<string, never>;

export interface TravelForgetResult {
  /** false: there was nothing */
  forgotten: boolean;
}

/** What the host says of itself to which a portal leads. */
export interface TravelLookParams {
  /** as in the portal's `to.url` */
  url: string;
}

export interface TravelLookResult {
  did?: string;
  /** a.example, or a.example:8443 */
  host: string;
  name?: string;
  operator?: string;
  reachable: boolean;
  /** people of other homes */
  takes?: "open" | "list" | "introduction" | "off";
  url: string;
  /** whether people of that host may come here */
  welcome_here?: boolean;
  /** it is not */
  why?: string;
  world?: {
    accent?: string;
    capacity: number;
    description?: Text;
    name: string;
    people: number;
    /** per cent of client-minutes that are good */
    promise?: number;
    title: Text;
  };
}

/** What one has brought along from one's home, and what has become of it. */
export type TravelCarriedParams = Record<string, never>;

export interface TravelCarriedResult {
  carried: Brought[];
}

/** Takes a thing that one has brought in hand, for everybody to see; without `asset` the hand is empty. */
export interface TravelHandParams {
  asset?: string;
}

export interface TravelHandResult {
  carried: Brought[];
}

/** Offers a thing that one has brought to somebody who is here. */
export interface TravelGiveParams {
  asset: string;
  /** of the people track */
  visitor: string;
}

export interface TravelGiveResult {
  gifts: Gift[];
}

/** Takes a gift. The giver learns one's identifier, which the title is made out to. */
export interface TravelAcceptParams {
  gift: number;
}

export interface TravelAcceptResult {
  gifts: Gift[];
}

/** Declines a gift, or takes back one's own offer. */
export interface TravelDeclineParams {
  gift: number;
}

export interface TravelDeclineResult {
  gifts: Gift[];
}

/** Gifts that wait for somebody's yes, from one and to one. */
export type TravelGiftsParams = Record<string, never>;

export interface TravelGiftsResult {
  gifts: Gift[];
}

/** Gives back what one has brought, before its lease ends: it is at home again at once. */
export type TravelReturnParams = Record<string, never>;

export interface TravelReturnResult {
  carried: Brought[];
}

/** Refuses people of a host, or one person, from now on. */
export interface TravelBanParams {
  /** told to whoever is refused */
  reason?: string;
  /** a host (a.example) or a person (did:webvh:...) */
  who: string;
}

export interface TravelBanResult {
  changed: boolean;
}

/** Takes a ban back. */
export interface TravelUnbanParams {
  /** a host (a.example) or a person (did:webvh:...) */
  who: string;
}

export interface TravelUnbanResult {
  changed: boolean;
}

/** The hosts and people of other homes that are refused. */
export type TravelBansParams = Record<string, never>;

export interface TravelBansResult {
  bans: Array<{
    reason: string;
    since_ms: number;
    who: string;
  }>;
}

/** One's friends, who asks, who is blocked; at home, to somebody with an account. */
export type FriendListParams = Record<string, never>;

export interface FriendListResult {
  blocks: Array<{
    name: string;
    since_ms: number;
    /** who they are on this host, if they were here */
    visitor?: string;
    /** a person, a host, or a guest of this host */
    who: string;
  }>;
  /** did:webvh of a person: their friend code */
  code: string;
  dropped: number;
  friends: Array<{
    /** did:webvh of a person: their friend code */
    did: string;
    /** a.example, or a.example:8443 */
    home: string;
    /** as their home said last; may be empty */
    name: string;
    /** where they are, if they let their friends see it */
    place?: {
      host: string;
      url: string;
      world: string;
    };
    since_ms: number;
    state: "asked" | "asks" | "friends";
    /** messages of theirs */
    unread: number;
  }>;
  /** friends see in which world one is */
  shares_place: boolean;
}

/** Asks a person for their friendship, by their friend code, or because they are here. */
export interface FriendAskParams {
  /** did:webvh of a person: their friend code */
  did?: string;
  /** or somebody of the people track */
  visitor?: string;
}

export interface FriendAskResult {
  state: "asked" | "friends";
}

/** Accepts or refuses somebody who asks. */
export interface FriendAnswerParams {
  accept: boolean;
  /** did:webvh of a person: their friend code */
  did: string;
}

export interface FriendAnswerResult {
  done: boolean;
}

/** Ends a friendship, or takes a request back. */
export interface FriendEndParams {
  /** did:webvh of a person: their friend code */
  did: string;
}

export interface FriendEndResult {
  /** false: there was none */
  done: boolean;
}

/** What was written between oneself and a friend, oldest first. */
export interface FriendMessagesParams {
  /** did:webvh of a person: their friend code */
  did: string;
}

export interface FriendMessagesResult {
  messages: Array<{
    mine: boolean;
    /** grows */
    number: number;
    read: boolean;
    text: string;
    time_ms: number;
  }>;
}

/** Writes to a friend, wherever they are. */
export interface FriendSayParams {
  /** did:webvh of a person: their friend code */
  did: string;
  text: string;
}

export interface FriendSayResult {
  message: {
    mine: boolean;
    /** grows */
    number: number;
    read: boolean;
    text: string;
    time_ms: number;
  };
}

/** Has read what a friend wrote so far. */
export interface FriendReadParams {
  /** did:webvh of a person: their friend code */
  did: string;
}

export interface FriendReadResult {
  /** false: nothing was unread */
  done: boolean;
}

/** Wants nothing more of somebody: no requests, no messages, no place. */
export interface FriendBlockParams {
  visitor?: string;
  who?: string;
}

export interface FriendBlockResult {
  /** false: was so already */
  done: boolean;
}

/** Takes a block back. */
export interface FriendUnblockParams {
  who: string;
}

export interface FriendUnblockResult {
  /** false: there was none */
  done: boolean;
}

/** Whether friends may see where one is: the host and the world. At first they may not. */
export interface FriendShareParams {
  place: boolean;
}

export interface FriendShareResult {
  /** false: was so already */
  done: boolean;
}

/** Trades the one-time token of an operator link for an operator's token. */
export interface OperatorClaimParams {
  token: string;
}

export interface OperatorClaimResult {
  role: Role;
  token: string;
}

/** How the host is doing. */
export type HostStatusParams = Record<string, never>;

export interface HostStatusResult {
  calls: Array<{
    calls: number;
    errors: number;
    method: string;
    seconds: number;
  }>;
  host_id: string;
  /** of the log that anybody can check */
  log: {
    /** entries that a quorum of witnesses has seen */
    final?: number;
    open?: boolean;
    origin?: string;
    /** entries that the published checkpoint covers */
    published?: number;
    quorum?: number;
    /** why it takes no entries */
    reason?: string;
    /** entries on disk */
    recorded?: number;
    /** from which backup, until witnesses have confirmed it */
    restored?: string;
    witnesses?: Array<{
      /** 0: not yet */
      answered_ms: number;
      /** checkpoints, since the start */
      cosigned: number;
      /** times that it was asked in vain */
      failures: number;
      name: string;
      /** of the latest attempt */
      problem: string;
      url: string;
    }>;
  };
  name: string;
  operators: Array<{
    id: string;
    issued_ms: number;
  }>;
  /** of the machine: memory, processor time, tick duration; more may come */
  process: {
    [key: string]: unknown;
  };
  sessions: number;
  /** batches not yet on disk */
  store_waiting: number;
  /** nothing where the host has no name that others could come back to */
  travel: {
    /** people of other homes, since the start */
    arrived?: number;
    bans?: number;
    /** visits that people of here were told of elsewhere, since the start */
    issued?: number;
    /** people of other homes who are remembered */
    known?: number;
    /** why */
    last_refusal?: string;
    policy?: "open" | "list" | "introduction" | "off";
    /** challenges and arrivals, since the start */
    refused?: number;
  };
  uptime_s: number;
  version: string;
  visitors: number;
  worlds: Array<{
    capacity: number;
    claims: number;
    corrections: number;
    /** the last edit's sequence */
    edits: number;
    name: string;
    problem: string;
    simulated: number;
    things: number;
    visitors: number;
    waiting: number;
  }>;
}

/** Removes a visitor, who cannot come back for that time. */
export interface VisitorRemoveParams {
  address?: boolean;
  minutes?: number;
  reason?: string;
  visitor: string;
}

export type VisitorRemoveResult = Record<string, never>;

/** Reports how good the last minute in a world was, as this client measured it. */
export interface QualityReportParams {
  /** The same beyond 70 m, ms */
  age_far_ms?: number;
  /** The same from 20 to 70 m, ms */
  age_middle_ms?: number;
  /** Age of what is seen of people within 20 m, p99 over frames, ms */
  age_near_ms?: number;
  /** of the ages: half the shortest round trip */
  clock_error_ms?: number;
  /** Time between two frames, p99, ms */
  frame_ms?: number;
  /** From the wish to enter to the first correct frame, ms */
  join_ms?: number;
  /** false: no correct frame was drawn; true when absent */
  joined?: boolean;
  /** Traffic of the session to the client, kbit/s */
  kbit_s?: number;
  /** of looking at the world that the report covers; a hidden page looks not */
  seconds: number;
  /** Share of the time without an update for 150 ms or in a frame over twice its interval, % */
  stalled_percent?: number;
  /** Time between two updates, p99, ms */
  tick_ms?: number;
  world: string;
}

export interface QualityReportResult {
  /** client-seconds */
  counted: number;
}

/** What each world promises of its quality of service, and what was measured in the last hour and day. */
export type QualityDescribeParams = Record<string, never>;

export interface QualityDescribeResult {
  /** false: the bounds come from literature, not from what people here noticed */
  calibrated: boolean;
  host: string;
  load: {
    /** share of their byte budgets that viewers get */
    detail: number;
    /** at which poses go out */
    rate_hz: number;
    /** of its time that the busiest of the host works (a loop, or all cores), mean of 5 s */
    share: number;
  };
  unix_ms: number;
  worlds: Array<{
    accent: string;
    /** closed: newcomers wait, since one more would break the promise */
    admission: "open" | "closed";
    day: {
      /** bad minutes, by the bounds that did not hold */
      broken_minutes: {
        age_far_ms: number;
        age_middle_ms: number;
        age_near_ms: number;
        frame_ms: number;
        join_ms: number;
        kbit_s: number;
        stalled_percent: number;
        tick_ms: number;
      };
      /** good and bad ones, failed joins included */
      client_minutes: number;
      failed_joins: number;
      /** of the client-minutes that were measured; null when none was */
      good_percent: number | null;
      late_ticks_percent: number | null;
      /** of the time that visitors were inside, how much somebody reported of */
      measured_percent: number | null;
      /** over clients; within a fifth of the truth */
      percentiles: {
        age_far_ms: {
          p50: number | null;
          p95: number | null;
          p99: number | null;
        };
        age_middle_ms: {
          p50: number | null;
          p95: number | null;
          p99: number | null;
        };
        age_near_ms: {
          p50: number | null;
          p95: number | null;
          p99: number | null;
        };
        frame_ms: {
          p50: number | null;
          p95: number | null;
          p99: number | null;
        };
        join_ms: {
          p50: number | null;
          p95: number | null;
          p99: number | null;
        };
        kbit_s: {
          p50: number | null;
          p95: number | null;
          p99: number | null;
        };
        stalled_percent: {
          p50: number | null;
          p95: number | null;
          p99: number | null;
        };
        tick_ms: {
          p50: number | null;
          p95: number | null;
          p99: number | null;
        };
      };
      points: {
        client_minutes: number[];
        /** Unix minute at which the first begins */
        from: number;
        good_percent: Array<number | null>;
        /** length of each */
        minutes: number;
      };
    };
    hour: {
      /** bad minutes, by the bounds that did not hold */
      broken_minutes: {
        age_far_ms: number;
        age_middle_ms: number;
        age_near_ms: number;
        frame_ms: number;
        join_ms: number;
        kbit_s: number;
        stalled_percent: number;
        tick_ms: number;
      };
      /** good and bad ones, failed joins included */
      client_minutes: number;
      failed_joins: number;
      /** of the client-minutes that were measured; null when none was */
      good_percent: number | null;
      late_ticks_percent: number | null;
      /** of the time that visitors were inside, how much somebody reported of */
      measured_percent: number | null;
      /** over clients; within a fifth of the truth */
      percentiles: {
        age_far_ms: {
          p50: number | null;
          p95: number | null;
          p99: number | null;
        };
        age_middle_ms: {
          p50: number | null;
          p95: number | null;
          p99: number | null;
        };
        age_near_ms: {
          p50: number | null;
          p95: number | null;
          p99: number | null;
        };
        frame_ms: {
          p50: number | null;
          p95: number | null;
          p99: number | null;
        };
        join_ms: {
          p50: number | null;
          p95: number | null;
          p99: number | null;
        };
        kbit_s: {
          p50: number | null;
          p95: number | null;
          p99: number | null;
        };
        stalled_percent: {
          p50: number | null;
          p95: number | null;
          p99: number | null;
        };
        tick_ms: {
          p50: number | null;
          p95: number | null;
          p99: number | null;
        };
      };
      points: {
        client_minutes: number[];
        /** Unix minute at which the first begins */
        from: number;
        good_percent: Array<number | null>;
        /** length of each */
        minutes: number;
      };
    };
    name: string;
    promise: {
      /** per cent */
      good_minutes: number;
      /** bounds */
      most: {
        age_far_ms: number;
        age_middle_ms: number;
        age_near_ms: number;
        frame_ms: number;
        join_ms: number;
        kbit_s: number;
        stalled_percent: number;
        tick_ms: number;
      };
    };
    title: Text;
    visitors: number;
    waiting: number;
  }>;
}

/** The position in the queue of a world, or what one waits for, has changed; 1 is next. */
export interface WorldQueueParams {
  position: number;
  /** `quality`: there is a place, but one more would break the promise for those inside */
  reason: "full" | "quality";
  world: string;
}

/** The wait is over: what world.enter would have answered. */
export interface WorldEnteredParams {
  world: WorldDetail;
}

/** The host stops within `seconds`; come back with the resume token a little later. */
export interface HostDrainingParams {
  seconds: number;
}

/** An operator has removed this visitor; the connection is closed with 4003. */
export interface VisitorRemovedParams {
  minutes: number;
  reason: string;
}

/** A quorum of the log's witnesses has seen a record that this visitor made. */
export interface TitleFinalParams {
  asset: string;
  index: number;
}

/** Something was given to one elsewhere, or given on. */
export interface TitleOwnedParams {
  things: Belonging[];
}

/** Somebody who is here has given one a thing. */
export interface TitleGivenParams {
  asset: string;
  from: {
    name: string;
    visitor: string;
  };
  thing: {
    colour?: string;
    model: string;
    name: string;
    scale: number;
  };
}

/** Something has become of a trade of this visitor's. */
export interface TitleTradeParams {
  trades: Trade[];
}

/** Something has become of what this visitor has brought along. */
export interface TravelBroughtParams {
  carried: Brought[];
}

/** Something has become of gifts from or to this visitor. */
export interface TravelGiftParams {
  gifts: Gift[];
}

/** Something of what friend.list and friend.messages answer is new. */
export type FriendChangedParams = Record<string, never>;

/** Every call: its parameters and its result. */
export interface Calls {
  /** This document: every method, its parameters and its result, as OpenRPC. */
  "rpc.discover": { params: RpcDiscoverParams; result: RpcDiscoverResult };
  /** Opens the session of this connection, as a new guest or as a visitor who returns. */
  "session.open": { params: SessionOpenParams; result: SessionOpenResult };
  /** What this host is, which protocol it speaks, and its worlds. */
  "host.describe": { params: HostDescribeParams; result: HostDescribeResult };
  /** Changes the visitor's own name, language or appearance. */
  "visitor.change": { params: VisitorChangeParams; result: VisitorChangeResult };
  /** An invitation to come to the visitor's side. */
  "visitor.invite": { params: VisitorInviteParams; result: VisitorInviteResult };
  /** The outfits that the visitor keeps. */
  "visitor.outfits": { params: VisitorOutfitsParams; result: VisitorOutfitsResult };
  /** Keeps an outfit, or changes one that is kept. */
  "visitor.outfit.keep": { params: VisitorOutfitKeepParams; result: VisitorOutfitKeepResult };
  /** Keeps an outfit no longer. */
  "visitor.outfit.drop": { params: VisitorOutfitDropParams; result: VisitorOutfitDropResult };
  /** Begins to bring a figure of one's own: a .vrm or a .glb. */
  "avatar.begin": { params: AvatarBeginParams; result: AvatarBeginResult };
  /** Brings the next part of a file. */
  "avatar.send": { params: AvatarSendParams; result: AvatarSendResult };
  /** What the file is: its bones, what it costs, what its licence says. */
  "avatar.check": { params: AvatarCheckParams; result: AvatarCheckResult };
  /** Keeps the figure that was checked. */
  "avatar.keep": { params: AvatarKeepParams; result: AvatarKeepResult };
  /** The figures of one's own that the visitor keeps. */
  "avatar.list": { params: AvatarListParams; result: AvatarListResult };
  /** Puts a kept figure on; without `hash`, the kit's again. */
  "avatar.wear": { params: AvatarWearParams; result: AvatarWearResult };
  /** Keeps a figure no longer. Its files go when nobody keeps it. */
  "avatar.drop": { params: AvatarDropParams; result: AvatarDropResult };
  /** The files that are banned here, and how much is kept. */
  "avatar.bans": { params: AvatarBansParams; result: AvatarBansResult };
  /** Removes a figure from this host for good. */
  "avatar.ban": { params: AvatarBanParams; result: AvatarBanResult };
  /** Lets a banned file come again. */
  "avatar.unban": { params: AvatarUnbanParams; result: AvatarUnbanResult };
  /** The worlds of this host. */
  "world.list": { params: WorldListParams; result: WorldListResult };
  /** Enters a world, or takes a place in its queue when it is full, or when one more would break its promise of quality. */
  "world.enter": { params: WorldEnterParams; result: WorldEnterResult };
  /** Leaves the world, or the queue, that one is in. */
  "world.leave": { params: WorldLeaveParams; result: WorldLeaveResult };
  /** Subscribes to a track of the world that one stands in. */
  "track.subscribe": { params: TrackSubscribeParams; result: TrackSubscribeResult };
  /** Ends a subscription. */
  "track.unsubscribe": { params: TrackUnsubscribeParams; result: TrackUnsubscribeResult };
  /** Says something to everybody in the world. */
  "chat.say": { params: ChatSayParams; result: ChatSayResult };
  /** Everybody in the world, simulated people too. */
  "people.list": { params: PeopleListParams; result: PeopleListResult };
  /** Puts a thing into the world. */
  "entity.add": { params: EntityAddParams; result: EntityAddResult };
  /** Changes a thing: whatever is named. */
  "entity.change": { params: EntityChangeParams; result: EntityChangeResult };
  /** Takes a thing out of the world. */
  "entity.remove": { params: EntityRemoveParams; result: EntityRemoveResult };
  /** Takes back the caller's last edit in this world. */
  "undo": { params: UndoParams; result: UndoResult };
  /** Does again what the caller's last undo took back. */
  "redo": { params: RedoParams; result: RedoResult };
  /** All things that edits have put into the world. */
  "entity.list": { params: EntityListParams; result: EntityListResult };
  /** Whether one can have an account here, and one's own. */
  "account.describe": { params: AccountDescribeParams; result: AccountDescribeResult };
  /** Begins the registration of a passkey: the first of a new account, or a further one. */
  "account.register.begin": { params: AccountRegisterBeginParams; result: AccountRegisterBeginResult };
  /** Registers the passkey; a guest has an account from then on. */
  "account.register.finish": { params: AccountRegisterFinishParams; result: AccountRegisterFinishResult };
  /** Begins logging in by a passkey of this host. */
  "account.login.begin": { params: AccountLoginBeginParams; result: AccountLoginBeginResult };
  /** Logs in: gives the token by which this browser comes back as the account's visitor. */
  "account.login.finish": { params: AccountLoginFinishParams; result: AccountLoginFinishResult };
  /** Begins the recovery of an account by its recovery file. */
  "account.recover.begin": { params: AccountRecoverBeginParams; result: AccountRecoverBeginResult };
  /** Recovers the account: its passkeys and tokens end, and this browser comes back by `resume`. */
  "account.recover.finish": { params: AccountRecoverFinishParams; result: AccountRecoverFinishResult };
  /** The passkeys of one's own account; none for a guest. */
  "account.passkeys": { params: AccountPasskeysParams; result: AccountPasskeysResult };
  /** Removes a passkey of one's own account; not the last one. */
  "account.passkey.remove": { params: AccountPasskeyRemoveParams; result: AccountPasskeyRemoveResult };
  /** Logs out everywhere else: every other browser of this account is a guest's from now on. */
  "account.end_others": { params: AccountEndOthersParams; result: AccountEndOthersResult };
  /** A code by which another device adds a passkey to this account: once, within ten minutes. */
  "account.invite": { params: AccountInviteParams; result: AccountInviteResult };
  /** Makes the title to a thing, for who made the thing. */
  "title.create": { params: TitleCreateParams; result: TitleCreateResult };
  /** Gives a title to another key, to a visitor who is here, or to a person of any home. */
  "title.transfer": { params: TitleTransferParams; result: TitleTransferResult };
  /** A title with its history, and the proof that each record is in the log. */
  "title.show": { params: TitleShowParams; result: TitleShowResult };
  /** What one owns: here, by a key that this host keeps or one that one holds; and in the logs of other hosts. */
  "title.mine": { params: TitleMineParams; result: TitleMineResult };
  /** Calls a thing home from the host that it is leased to. */
  "title.recall": { params: TitleRecallParams; result: TitleRecallResult };
  /** Who would get a thing, before one gives it: as their own home names them. */
  "title.recipient": { params: TitleRecipientParams; result: TitleRecipientResult };
  /** Who keeps the key of one's things. */
  "title.key": { params: TitleKeyParams; result: TitleKeyResult };
  /** Gives this host the public half of a key that one holds, and the secret half as the browser has wrapped it. */
  "title.key.keep": { params: TitleKeyKeepParams; result: TitleKeyKeepResult };
  /** The rotations by which one's titles go to the key that one holds, or back to the one that this host keeps. */
  "title.key.moves": { params: TitleKeyMovesParams; result: TitleKeyMovesResult };
  /** Chooses who keeps the key of what one gets from now on, and records these rotations. */
  "title.key.move": { params: TitleKeyMoveParams; result: TitleKeyMoveResult };
  /** What one signs to give a thing whose key one holds: the transfer as `title.transfer` would record it now. */
  "title.form": { params: TitleFormParams; result: TitleFormResult };
  /** What one signs to agree to a trade, where one holds the key of one's own thing. */
  "title.trade.form": { params: TitleTradeFormParams; result: TitleTradeFormResult };
  /** What one signs to take a thing along whose key one holds: a lease that begins now. */
  "title.lease.form": { params: TitleLeaseFormParams; result: TitleLeaseFormResult };
  /** What the two could trade: one's own things, and theirs that stand in this world. */
  "title.trade.things": { params: TitleTradeThingsParams; result: TitleTradeThingsResult };
  /** Offers somebody in the same world a thing for one of theirs. */
  "title.trade.offer": { params: TitleTradeOfferParams; result: TitleTradeOfferResult };
  /** Puts another pair on the table; whoever had agreed has not any more. */
  "title.trade.change": { params: TitleTradeChangeParams; result: TitleTradeChangeResult };
  /** Agrees to this pair, and no other. */
  "title.trade.agree": { params: TitleTradeAgreeParams; result: TitleTradeAgreeResult };
  /** Ends a trade, before both have agreed. */
  "title.trade.decline": { params: TitleTradeDeclineParams; result: TitleTradeDeclineResult };
  /** The trades that one is in, and those that have just ended. */
  "title.trade.list": { params: TitleTradeListParams; result: TitleTradeListResult };
  /** Who asks for a visit, and what would be told; at home, to somebody with an account. */
  "travel.asked": { params: TravelAskedParams; result: TravelAskedResult };
  /** Tells the destination: one credential, for that visit alone. */
  "travel.answer": { params: TravelAnswerParams; result: TravelAnswerResult };
  /** The hosts that are told without asking. */
  "travel.remembered": { params: TravelRememberedParams; result: TravelRememberedResult };
  /** Asks again before this host is told anything. */
  "travel.revoke": { params: TravelRevokeParams; result: TravelRevokeResult };
  /** Begins a visit, at the destination: what the browser takes to the person's home. */
  "travel.challenge": { params: TravelChallengeParams; result: TravelChallengeResult };
  /** What the session key signs to arrive; for one arrival of this session. */
  "travel.nonce": { params: TravelNonceParams; result: TravelNonceResult };
  /** Arrives as the person that their home says: the same visitor each time. */
  "travel.arrive": { params: TravelArriveParams; result: TravelArriveResult };
  /** What this host has learned of oneself as a visitor from elsewhere; nothing of a guest. */
  "travel.learned": { params: TravelLearnedParams; result: TravelLearnedResult };
  /** Makes this host forget it: one is a guest from then on. */
  "travel.forget": { params: TravelForgetParams; result: TravelForgetResult };
  /** What the host says of itself to which a portal leads. */
  "travel.look": { params: TravelLookParams; result: TravelLookResult };
  /** What one has brought along from one's home, and what has become of it. */
  "travel.carried": { params: TravelCarriedParams; result: TravelCarriedResult };
  /** Takes a thing that one has brought in hand, for everybody to see; without `asset` the hand is empty. */
  "travel.hand": { params: TravelHandParams; result: TravelHandResult };
  /** Offers a thing that one has brought to somebody who is here. */
  "travel.give": { params: TravelGiveParams; result: TravelGiveResult };
  /** Takes a gift. The giver learns one's identifier, which the title is made out to. */
  "travel.accept": { params: TravelAcceptParams; result: TravelAcceptResult };
  /** Declines a gift, or takes back one's own offer. */
  "travel.decline": { params: TravelDeclineParams; result: TravelDeclineResult };
  /** Gifts that wait for somebody's yes, from one and to one. */
  "travel.gifts": { params: TravelGiftsParams; result: TravelGiftsResult };
  /** Gives back what one has brought, before its lease ends: it is at home again at once. */
  "travel.return": { params: TravelReturnParams; result: TravelReturnResult };
  /** Refuses people of a host, or one person, from now on. */
  "travel.ban": { params: TravelBanParams; result: TravelBanResult };
  /** Takes a ban back. */
  "travel.unban": { params: TravelUnbanParams; result: TravelUnbanResult };
  /** The hosts and people of other homes that are refused. */
  "travel.bans": { params: TravelBansParams; result: TravelBansResult };
  /** One's friends, who asks, who is blocked; at home, to somebody with an account. */
  "friend.list": { params: FriendListParams; result: FriendListResult };
  /** Asks a person for their friendship, by their friend code, or because they are here. */
  "friend.ask": { params: FriendAskParams; result: FriendAskResult };
  /** Accepts or refuses somebody who asks. */
  "friend.answer": { params: FriendAnswerParams; result: FriendAnswerResult };
  /** Ends a friendship, or takes a request back. */
  "friend.end": { params: FriendEndParams; result: FriendEndResult };
  /** What was written between oneself and a friend, oldest first. */
  "friend.messages": { params: FriendMessagesParams; result: FriendMessagesResult };
  /** Writes to a friend, wherever they are. */
  "friend.say": { params: FriendSayParams; result: FriendSayResult };
  /** Has read what a friend wrote so far. */
  "friend.read": { params: FriendReadParams; result: FriendReadResult };
  /** Wants nothing more of somebody: no requests, no messages, no place. */
  "friend.block": { params: FriendBlockParams; result: FriendBlockResult };
  /** Takes a block back. */
  "friend.unblock": { params: FriendUnblockParams; result: FriendUnblockResult };
  /** Whether friends may see where one is: the host and the world. At first they may not. */
  "friend.share": { params: FriendShareParams; result: FriendShareResult };
  /** Trades the one-time token of an operator link for an operator's token. */
  "operator.claim": { params: OperatorClaimParams; result: OperatorClaimResult };
  /** How the host is doing. */
  "host.status": { params: HostStatusParams; result: HostStatusResult };
  /** Removes a visitor, who cannot come back for that time. */
  "visitor.remove": { params: VisitorRemoveParams; result: VisitorRemoveResult };
  /** Reports how good the last minute in a world was, as this client measured it. */
  "quality.report": { params: QualityReportParams; result: QualityReportResult };
  /** What each world promises of its quality of service, and what was measured in the last hour and day. */
  "quality.describe": { params: QualityDescribeParams; result: QualityDescribeResult };
}

/** What the host says unasked, by method. */
export interface Notifications {
  /** The position in the queue of a world, or what one waits for, has changed; 1 is next. */
  "world.queue": WorldQueueParams;
  /** The wait is over: what world.enter would have answered. */
  "world.entered": WorldEnteredParams;
  /** The host stops within `seconds`; come back with the resume token a little later. */
  "host.draining": HostDrainingParams;
  /** An operator has removed this visitor; the connection is closed with 4003. */
  "visitor.removed": VisitorRemovedParams;
  /** A quorum of the log's witnesses has seen a record that this visitor made. */
  "title.final": TitleFinalParams;
  /** Something was given to one elsewhere, or given on. */
  "title.owned": TitleOwnedParams;
  /** Somebody who is here has given one a thing. */
  "title.given": TitleGivenParams;
  /** Something has become of a trade of this visitor's. */
  "title.trade": TitleTradeParams;
  /** Something has become of what this visitor has brought along. */
  "travel.brought": TravelBroughtParams;
  /** Something has become of gifts from or to this visitor. */
  "travel.gift": TravelGiftParams;
  /** Something of what friend.list and friend.messages answer is new. */
  "friend.changed": FriendChangedParams;
}

/** Codes of errors. */
export const ErrorCode = {
  /** not JSON */
  parse: -32700,
  /** JSON, but not a JSON-RPC 2.0 request */
  request: -32600,
  /** no such method */
  method: -32601,
  /** wrong parameters; `data` is `{field, message}` */
  params: -32602,
  /** the host's own fault */
  internal: -32603,
  /** another version of the protocol; `data` is `{min, max, yours}` */
  version: -32000,
  /** the caller lacks the capability */
  forbidden: -32001,
  /** what was named does not exist */
  not_found: -32002,
  /** valid by itself, but not in the present state */
  conflict: -32003,
  /** no place left: a world, a list, the disk */
  full: -32004,
  /** over a stated limit */
  too_large: -32005,
  /** over the quota; later it will do */
  rate_limited: -32006,
  /** not now: starting, stopping, or the store is behind */
  unavailable: -32007,
} as const;
