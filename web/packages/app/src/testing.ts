// For tests alone: loaded only when the address asks for it with ?test.

import type { Calls } from "@manyworlds/protocol";
import { effect } from "@preact/signals";
import type { Session } from "./session.ts";
import { chat, link, people, phase, queue } from "./state.ts";

export function expose(session: Session): void {
  const place = () => session.standing;
  let entered = Number.NaN;
  const stop = effect(() => {
    if (phase.value.kind !== "in") return;
    entered = performance.now();
    queueMicrotask(() => stop());
  });
  const api = {
    /** From the start of navigation to the first moment of walking. */
    enteredMs: () => entered,
    phase: () => phase.value.kind,
    link: () => link.value,
    queue: () => queue.value,
    world: () => place()?.detail.name ?? null,
    detail: () => place()?.detail ?? null,
    visitor: () => session.client.visitor,
    self: () => place()?.player.self() ?? null,
    epoch: () => place()?.player.epoch ?? null,
    /** Everybody else as drawn now. */
    avatars: () => {
      const columns = place()?.sample(performance.now());
      if (!columns) return [];
      return Array.from({ length: columns.count }, (_, i) => ({
        entity: columns.entity[i],
        x: columns.x[i],
        y: columns.y[i],
        z: columns.z[i],
        yaw: columns.yaw[i],
        animation: columns.animation[i],
      }));
    },
    people: () => people.value,
    chat: () => chat.value,
    things: () => [...(place()?.things.values() ?? [])],
    stats: () => session.scene.stats(),
    own: async () => (await session.scene.openOwn()).drawn,
    crowdCost: () => session.scene.crowdCost(),
    labels: () => session.scene.labels(24).map((label) => ({ ...label })),
    pick: (x: number, y: number) => session.scene.pick(x, y),
    cameraYaw: () => session.scene.cameraYaw(),
    setCamera: (options: Parameters<typeof session.scene.setCamera>[0]) => session.scene.setCamera(options),
    travel: (world: string) => session.travel(world),
    /** Claims a place that many metres away, as a cheating client would. */
    lie: (metres: number) => {
      const player = place()?.player;
      if (player) player.state.x += metres;
    },
    freeze: (on: boolean) => {
      session.frozen = on;
    },
    pace: (ms: number) => {
      session.drawEveryMs = ms;
    },
    roundTrip: () => session.client.clock.roundTrip,
    call: <M extends keyof Calls>(method: M, params: Calls[M]["params"]) => session.client.call(method, params),
  };
  api.pace(Number(new URLSearchParams(location.search).get("pace") ?? 0));
  (window as unknown as { __manyworlds: typeof api }).__manyworlds = api;
}

