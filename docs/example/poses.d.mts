export type Row = [entity: number, x: number, y: number, z: number, yaw: number, animation: number, speaking: boolean];
export interface Picture {
  tick: number;
  poses: Row[];
}
/** Of one track. Places in cm, directions in 256ths of a turn. */
export class Poses {
  constructor(trained: string[][]);
  keyframe(payload: Uint8Array): Picture;
  rekey(payload: Uint8Array): Picture;
  delta(payload: Uint8Array): Picture;
}
