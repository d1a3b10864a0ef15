// Where one waits when a world is full, or when one more would break its promise. Loaded when one has to.

import { named, t } from "../i18n.ts";
import * as state from "../state.ts";
import { session } from "./context.ts";
import { BackLink } from "./portal.tsx";

export default function Queue() {
  const queue = state.queue.value;
  if (!queue) return null;
  const wanted = state.worlds.value.find((world) => world.name === queue.world);
  const others = state.worlds.value.filter((world) => world.name !== queue.world && !world.problem && world.waiting === 0);
  const other = others.find((world) => world.name !== state.world.value?.name);
  const title = named(wanted?.title, queue.world);
  const stop = async () => {
    try {
      await session.value?.client.leave();
      state.notify(t("queue.left"));
    } catch (error) {
      state.problem(error);
    }
    if (state.phase.value.kind !== "in" && other) void session.value?.travel(other.name);
  };
  return (
    <div class="screen clear">
      <div class="card" role="status">
        <h2>{t(queue.reason === "quality" ? "queue.title_quality" : "queue.title", { world: title })}</h2>
        <p class="position">{queue.position}</p>
        <p>{t(queue.reason === "quality" ? "queue.text_quality" : "queue.text", { position: queue.position })}</p>
        <div class="actions">
          {state.phase.value.kind === "in" && (
            <button type="button" onClick={() => void stop()}>
              {t("queue.leave")}
            </button>
          )}
          {other && (
            <button type="button" class="primary" onClick={() => void session.value?.travel(other.name)}>
              {t("queue.elsewhere", { world: named(other.title) })}
            </button>
          )}
          <BackLink class="" />
        </div>
      </div>
    </div>
  );
}
