// The host's own rules of movement and codec of poses, compiled to WebAssembly (src/wasm/exports.cpp), behind the types of
// core.ts. The module imports nothing and works in any thread. Its memory may grow while it works, which detaches views:
// whoever keeps one asks again after each call, and the classes here do so.

import type { MovementRules } from "./calls.ts";
import type { Core, CrowdAggregate, DecodedPoses, MotionInput, MotionState, Mover, PoseReader } from "./core.ts";

type Pointer = number;

interface Exports {
  memory: WebAssembly.Memory;
  _initialize(): void;
  mw_alloc(bytes: number): Pointer;
  mw_free(pointer: Pointer): void;
  mw_mover_new(): Pointer;
  mw_mover_free(mover: Pointer): void;
  mw_mover_io(mover: Pointer): Pointer;
  mw_mover_rules(mover: Pointer): Pointer;
  mw_mover_set_body(
    mover: Pointer, body: number, bytes: Pointer, size: number,
    x: number, y: number, z: number, cosYaw: number, sinYaw: number, scale: number,
  ): number;
  mw_mover_remove_body(mover: Pointer, body: number): void;
  mw_mover_step(mover: Pointer): void;
  mw_mover_ground(mover: Pointer, x: number, z: number, yMax: number, yMin: number): number;
  mw_mover_ray(mover: Pointer, x0: number, y0: number, z0: number, x1: number, y1: number, z1: number): number;
  mw_picture_new(): Pointer;
  mw_picture_free(picture: Pointer): void;
  mw_picture_take(picture: Pointer, kind: number, track: number, group: number, payload: Pointer, size: number): number;
  mw_picture_count(picture: Pointer): number;
  mw_picture_tick(picture: Pointer): number;
  mw_picture_aggregate_count(picture: Pointer): number;
  mw_picture_aggregates(picture: Pointer): Pointer;
  mw_picture_column(picture: Pointer, column: number): Pointer;
  mw_claim_encode(
    out: Pointer, epoch: number, sequence: number, timeMs: number, x: number, y: number, z: number,
    vx: number, vy: number, vz: number, yaw: number, gesture: number, grounded: number,
  ): void;
  mw_agree_on_motion(steps: number): bigint;
  mw_agree_on_poses(frames: number): bigint;
}

const CLAIM_BYTES = 30;
const AGGREGATE_BYTES = 36;

/** The order of the rules in memory: motion::Rules. */
const RULES = [
  "walk_speed", "run_speed", "jump_speed", "gravity", "acceleration", "air_control", "radius", "height", "step_height",
  "slope_cos", "floor_y",
] as const satisfies readonly (keyof MovementRules)[];

/** Bytes on their way into the module; the buffer grows with the largest and is used again. */
class Inbox {
  #at: Pointer = 0;
  #room = 0;

  constructor(private readonly wasm: Exports) {}

  put(bytes: Uint8Array): Pointer {
    if (bytes.length > this.#room) {
      if (this.#at !== 0) this.wasm.mw_free(this.#at);
      this.#room = Math.max(1024, 2 ** Math.ceil(Math.log2(bytes.length)));
      this.#at = this.wasm.mw_alloc(this.#room);
      if (this.#at === 0) throw new RangeError("the WebAssembly memory is full");
    }
    new Uint8Array(this.wasm.memory.buffer, this.#at, bytes.length).set(bytes);
    return this.#at;
  }

  dispose(): void {
    if (this.#at !== 0) this.wasm.mw_free(this.#at);
    this.#at = this.#room = 0;
  }
}

/** A track's id, then the fields of wire::Aggregate as they lie in memory (exports.cpp holds them to it). */
function aggregateAt(view: DataView, at: number): CrowdAggregate {
  const quarters = (offset: number) => view.getInt16(at + offset, true) / 4;
  const extent = (offset: number) => view.getUint16(at + offset, true) / 4;
  return {
    track: view.getUint32(at, true), tick: view.getUint32(at + 4, true), count: view.getUint32(at + 8, true),
    x: quarters(12), y: quarters(14), z: quarters(16), halfX: extent(18), halfZ: extent(20),
    slopeX: view.getInt8(at + 22) / 100, slopeZ: view.getInt8(at + 23) / 100,
    velocityX: view.getInt8(at + 24) / 10, velocityZ: view.getInt8(at + 25) / 10, spread: view.getUint8(at + 26) / 10,
    shares: Array.from({ length: 8 }, (_, i) => view.getUint8(at + 27 + i) / 15),
  };
}

/** The poses tracks of one world; its views are good until the next call of any reader or mover of the same core. */
export class WasmPoseReader implements PoseReader {
  readonly #picture: Pointer;
  readonly #inbox: Inbox;

  constructor(private readonly wasm: Exports) {
    this.#picture = wasm.mw_picture_new();
    this.#inbox = new Inbox(wasm);
  }

  take(kind: number, track: number, group: number, payload: Uint8Array): boolean {
    const at = this.#inbox.put(payload);
    return this.wasm.mw_picture_take(this.#picture, kind, track, group, at, payload.length) === 1;
  }

  poses(): DecodedPoses {
    const { wasm } = this;
    const count = wasm.mw_picture_count(this.#picture);
    const { buffer } = wasm.memory;
    const column = (index: number) => (count === 0 ? 0 : wasm.mw_picture_column(this.#picture, index));
    return {
      tick: wasm.mw_picture_tick(this.#picture) >>> 0,
      count,
      entity: new Uint32Array(buffer, column(0), count),
      x: new Int32Array(buffer, column(1), count),
      y: new Int32Array(buffer, column(2), count),
      z: new Int32Array(buffer, column(3), count),
      yaw: new Uint8Array(buffer, column(4), count),
      animation: new Uint8Array(buffer, column(5), count),
      speaking: new Uint8Array(buffer, column(6), count),
      ticks: new Uint32Array(buffer, column(7), count),
      levels: new Uint8Array(buffer, column(8), count),
    };
  }

  aggregates(): CrowdAggregate[] {
    const { wasm } = this;
    const count = wasm.mw_picture_aggregate_count(this.#picture);
    if (count === 0) return [];
    const view = new DataView(wasm.memory.buffer, wasm.mw_picture_aggregates(this.#picture), count * AGGREGATE_BYTES);
    return Array.from({ length: count }, (_, i) => aggregateAt(view, i * AGGREGATE_BYTES));
  }

  dispose(): void {
    this.wasm.mw_picture_free(this.#picture);
    this.#inbox.dispose();
  }
}

/** The rules of movement in one world. */
export class WasmMover implements Mover {
  readonly #mover: Pointer;
  readonly #io: Pointer;
  #view: Float32Array;

  constructor(private readonly wasm: Exports) {
    this.#mover = wasm.mw_mover_new();
    this.#io = wasm.mw_mover_io(this.#mover);
    this.#view = this.#floats();
  }

  setRules(rules: MovementRules): void {
    const at = this.wasm.mw_mover_rules(this.#mover);
    new Float32Array(this.wasm.memory.buffer, at, RULES.length).set(RULES.map((name) => rules[name]));
  }

  setBody(
    body: number,
    baked: Uint8Array,
    placement = { x: 0, y: 0, z: 0, yaw: 0, scale: 1 },
  ): boolean {
    const { wasm } = this;
    const bytes = wasm.mw_alloc(baked.length);
    if (bytes === 0) return false;
    new Uint8Array(wasm.memory.buffer, bytes, baked.length).set(baked);
    const { x, y, z, yaw, scale } = placement;
    const done = wasm.mw_mover_set_body(this.#mover, body, bytes, baked.length, x, y, z, Math.cos(yaw), Math.sin(yaw), scale);
    wasm.mw_free(bytes);
    return done === 1;
  }

  removeBody(body: number): void {
    this.wasm.mw_mover_remove_body(this.#mover, body);
  }

  step(state: MotionState, input: MotionInput): void {
    let io = this.#current();
    io[0] = state.x;
    io[1] = state.y;
    io[2] = state.z;
    io[3] = state.vx;
    io[4] = state.vy;
    io[5] = state.vz;
    io[6] = state.grounded ? 1 : 0;
    io[7] = input.moveX;
    io[8] = input.moveZ;
    io[9] = input.run ? 1 : 0;
    io[10] = input.jump ? 1 : 0;
    this.wasm.mw_mover_step(this.#mover);
    io = this.#current();
    state.x = io[0] as number;
    state.y = io[1] as number;
    state.z = io[2] as number;
    state.vx = io[3] as number;
    state.vy = io[4] as number;
    state.vz = io[5] as number;
    state.grounded = io[6] !== 0;
  }

  /** Height of the highest surface at (x, z) between the two heights; null when there is none. */
  ground(x: number, z: number, yMax: number, yMin: number): number | null {
    const y = this.wasm.mw_mover_ground(this.#mover, x, z, yMax, yMin);
    return y < yMin ? null : y;
  }

  /** Share (0 to 1) of the way between two points that is free: for a camera that must not look through walls. */
  ray(from: { x: number; y: number; z: number }, to: { x: number; y: number; z: number }): number {
    return this.wasm.mw_mover_ray(this.#mover, from.x, from.y, from.z, to.x, to.y, to.z);
  }

  dispose(): void {
    this.wasm.mw_mover_free(this.#mover);
  }

  #floats(): Float32Array {
    return new Float32Array(this.wasm.memory.buffer, this.#io, 11);
  }

  #current(): Float32Array {
    if (this.#view.buffer !== this.wasm.memory.buffer) this.#view = this.#floats();
    return this.#view;
  }
}

/** What a claim says, in metres, metres per second and radians. */
export interface ClaimInput extends MotionState {
  epoch: number;
  sequence: number;
  timeMs: number;
  yaw: number;
  gesture: number;
}

export class WasmCore implements Core {
  readonly #wasm: Exports;
  readonly #claim: Pointer;

  constructor(instance: WebAssembly.Instance) {
    this.#wasm = instance.exports as unknown as Exports;
    this.#wasm._initialize();
    this.#claim = this.#wasm.mw_alloc(CLAIM_BYTES);
  }

  createPoseReader(): WasmPoseReader {
    return new WasmPoseReader(this.#wasm);
  }

  createMover(): WasmMover {
    return new WasmMover(this.#wasm);
  }

  /** The 30 bytes of a pose claim, rounded as the host rounds. */
  encodeClaim(c: ClaimInput): Uint8Array<ArrayBuffer> {
    this.#wasm.mw_claim_encode(
      this.#claim, c.epoch, c.sequence, c.timeMs, c.x, c.y, c.z, c.vx, c.vy, c.vz, c.yaw, c.gesture, c.grounded ? 1 : 0,
    );
    return new Uint8Array(this.#wasm.memory.buffer, this.#claim, CLAIM_BYTES).slice();
  }

  /** Hashes of long runs, which the native build must reach, too (schema/vectors/agreement.json). */
  agreeOnMotion(steps: number): bigint {
    return BigInt.asUintN(64, this.#wasm.mw_agree_on_motion(steps));
  }

  agreeOnPoses(frames: number): bigint {
    return BigInt.asUintN(64, this.#wasm.mw_agree_on_poses(frames));
  }
}

/** Makes the core of a module's bytes, or of a response that streams them. */
export async function loadWasmCore(source: BufferSource | Response): Promise<WasmCore> {
  const bytes = source instanceof Response ? await source.arrayBuffer() : source;
  const { instance } = await WebAssembly.instantiate(bytes, {});
  return new WasmCore(instance);
}
