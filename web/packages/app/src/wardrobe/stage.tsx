// The live picture of oneself. The scene draws into the canvas with every frame; here one turns.

import type { Appearance } from "@manyworlds/protocol";
import type { MirrorView } from "@manyworlds/scene";
import { useEffect, useRef, useState } from "preact/hooks";
import * as state from "../state.ts";
import { session } from "../ui/context.ts";
import { degrees } from "./looks.ts";
import { say } from "./texts.ts";

export type Looked = Parameters<MirrorView["look"]>[0];

const RADIANS_PER_PIXEL = 0.012;
const RADIANS_PER_KEY = Math.PI / 12;
const KEYS: Record<string, number> = { ArrowLeft: -1, ArrowDown: -1, ArrowRight: 1, ArrowUp: 1 };

/** The picture of `appearance`; null until the scene has what it needs for it. */
export function useMirror(appearance: Appearance, looked: Looked) {
  const stage = useRef<HTMLCanvasElement>(null);
  const [mirror, setMirror] = useState<MirrorView | null>(null);
  useEffect(() => {
    const canvas = stage.current;
    const scene = session.value?.scene;
    if (!canvas || !scene) return;
    let there = true;
    const opened = scene.openMirror(canvas);
    opened.then((one) => (there ? setMirror(one) : one.close(canvas)), state.problem);
    return () => {
      there = false;
      opened.then((one) => one.close(canvas), () => undefined);
    };
  }, []);
  useEffect(() => mirror?.set(appearance), [mirror, appearance]);
  useEffect(() => mirror?.look(looked), [mirror, looked]);
  return { stage, mirror };
}

export function Stage(props: { canvas: { current: HTMLCanvasElement | null }; mirror: MirrorView | null }) {
  const { canvas, mirror } = props;
  const [turned, setTurned] = useState(0);
  const dragged = useRef<number | null>(null);
  const turn = (radians: number) => {
    if (!mirror) return;
    mirror.turn(radians);
    setTurned(degrees(mirror.yaw));
  };
  return (
    <canvas
      ref={canvas}
      class={mirror ? "stage" : "stage waiting"}
      role="slider"
      tabIndex={0}
      aria-label={say("stage")}
      aria-valuemin={0}
      aria-valuemax={359}
      aria-valuenow={turned}
      aria-valuetext={say("stage.turned", { n: turned })}
      onKeyDown={(event) => {
        const way = KEYS[event.key];
        if (way === undefined) return;
        event.preventDefault();
        turn(way * RADIANS_PER_KEY);
      }}
      onPointerDown={(event) => {
        event.currentTarget.setPointerCapture(event.pointerId);
        dragged.current = event.clientX;
      }}
      onPointerMove={(event) => {
        if (dragged.current === null) return;
        turn((event.clientX - dragged.current) * RADIANS_PER_PIXEL);
        dragged.current = event.clientX;
      }}
      onPointerUp={() => (dragged.current = null)}
      onPointerCancel={() => (dragged.current = null)}
    />
  );
}
