// What fills the page when one is not walking: opening, failing, ending. Waiting in a queue: queue.tsx.

import { named, t, type TextKey } from "../i18n.ts";
import { windowStore } from "../settings.ts";
import * as state from "../state.ts";
import { session } from "./context.ts";
import { Icon } from "./icons.tsx";
import { BackLink } from "./portal.tsx";

export function Loading() {
  const phase = state.phase.value;
  const title = phase.kind === "loading" ? named(phase.world.title) : "";
  const about = phase.kind === "loading" ? named(phase.world.description) : "";
  const percent = Math.round(state.progress.value * 100);
  const step = phase.kind === "loading" ? t("loading.files", { world: title }) : state.link.value.kind === "open" ? t("loading.world") : t("loading.connecting");
  return (
    <div class="screen opening">
      <div class="card bare">
        <p class="title">{title || t("app.title")}</p>
        {about && <p class="about">{about}</p>}
        <progress max={100} value={percent} aria-label={step} />
        <p class="step" role="status">
          <span>{step}</span>
          <span class="percent">{t("loading.percent", { percent })}</span>
        </p>
        <p class="tip">{state.touch.value ? t("loading.hint.touch") : t("loading.hint.keys")}</p>
      </div>
    </div>
  );
}

export function Failed() {
  const phase = state.phase.value;
  const others = state.worlds.value.filter((world) => !world.problem);
  return (
    <div class="screen">
      <div class="card" role="alert">
        <h2>{t("failed.title")}</h2>
        <p>{phase.kind === "failed" ? phase.reason : ""}</p>
        <div class="actions">
          <button type="button" class="primary" onClick={() => location.reload()}>
            {t("failed.retry")}
          </button>
          {others.slice(0, 3).map((world) => (
            <a class="button" href={`/w/${world.name}`}>
              {t("failed.go_other", { world: named(world.title) })}
            </a>
          ))}
          <BackLink class="" />
        </div>
      </div>
    </div>
  );
}

export function Lost() {
  const link = state.link.value;
  if (link.kind !== "lost") return null;
  const values = { attempt: link.attempt };
  return (
    <div class="banner" role="alert">
      <span class="spinner" aria-hidden="true" />
      <div class="grow">
        <strong>{t("lost.title")}</strong>
        <span>{link.draining ? t("lost.draining", values) : t("lost.text", values)}</span>
      </div>
      <button type="button" onClick={() => session.value?.client.retryNow()}>
        {t("lost.retry")}
      </button>
    </div>
  );
}

/** Continues as somebody else, in this window alone. */
function joinApart(): void {
  windowStore.set("manyworlds.apart", "1");
  location.reload();
}

export function Ended() {
  const link = state.link.value;
  if (link.kind !== "ended") return null;
  const { reason, detail } = link;
  const text = (part: "title" | "text") => t(`ended.${reason}.${part}` as TextKey, { reason: detail });
  return (
    <div class="screen clear">
      <div class="card" role="alert">
        <Icon name={reason === "removed" ? "operator" : "portal"} />
        <h2>{text("title")}</h2>
        <p>{text("text")}</p>
        {reason === "removed" && detail && <p>{t("ended.removed.reason", { reason: detail })}</p>}
        <div class="actions">
          {reason === "replaced" && (
            <button type="button" onClick={joinApart}>
              {t("ended.replaced.other")}
            </button>
          )}
          <button type="button" class="primary" onClick={() => location.reload()}>
            {reason === "replaced" ? t("ended.replaced.here") : reason === "version" ? t("ended.version.reload") : t("failed.retry")}
          </button>
          <BackLink class="" />
        </div>
      </div>
    </div>
  );
}
