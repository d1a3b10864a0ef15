// What is at the edges while one walks: where one is, who one is, the tools, and short notices.

import { useEffect, useState } from "preact/hooks";
import { named, plural, t } from "../i18n.ts";
import { settings } from "../settings.ts";
import * as state from "../state.ts";
import { Icon } from "./icons.tsx";
import { ToolButton } from "./parts.tsx";
import { BackLink } from "./portal.tsx";

function WorldChip() {
  const detail = state.world.value;
  return (
    <button type="button" class="chip place" aria-expanded={state.panel.value === "world"} onClick={() => state.togglePanel("world")}>
      <strong>{named(detail?.title)}</strong>
      <span class="people-count">
        <Icon name="people" />
        {plural("people", state.people.value.length + state.spectators.value)}
      </span>
    </button>
  );
}

function NameChip() {
  const name = state.visitor.value?.name ?? "";
  return (
    <button
      type="button"
      class="chip name"
      aria-label={t("name.change", { name })}
      title={t("name.title")}
      aria-expanded={state.panel.value === "name"}
      onClick={() => state.togglePanel("name")}
    >
      <span class="dot" aria-hidden="true" />
      <span>{name}</span>
    </button>
  );
}

function Tools() {
  const unread = state.unread.value;
  return (
    <div class="tools" role="group" aria-label={t("toolbar")}>
      {state.isOperator.value && <ToolButton panel="operator" icon="operator" label={t("operator.title")} />}
      {state.mayEdit.value && <ToolButton panel="edit" icon="build" label={t("edit.open")} />}
      <ToolButton panel="gestures" icon="gesture" label={t("gesture.title")} />
      <ToolButton
        panel="chat"
        icon="chat"
        label={unread ? t("chat.open_unread", { n: unread }) : t("chat.open")}
        badge={unread}
      />
      <ToolButton panel="account" icon="account" label={t("account.title")} />
      <ToolButton panel="share" icon="share" label={t("share.title")} />
      <ToolButton panel="help" icon="help" label={t("help.title")} />
      <ToolButton panel="settings" icon="settings" label={t("settings.title")} />
    </div>
  );
}

const HINT_MS = 12_000;

/** How to move; goes when the person has moved, or after a while. */
function Hint() {
  const [late, setLate] = useState(false);
  useEffect(() => {
    const timer = setTimeout(() => setLate(true), HINT_MS);
    return () => clearTimeout(timer);
  }, []);
  const gone = late || state.hasMoved.value || state.panel.value !== null;
  return <p class={`hint ${gone ? "gone" : ""}`}>{state.touch.value ? t("help.hint.touch") : t("help.hint")}</p>;
}

export function Notices() {
  return (
    <div class="notices" role="status" aria-live="polite">
      {state.notices.value.map((notice) => (
        <div key={notice.id} class={`notice ${notice.kind}`}>
          <span>{notice.text}</span>
          {notice.stays && (
            <button type="button" class="quiet" onClick={() => state.dismiss(notice.id)}>
              {t("notice.dismiss")}
            </button>
          )}
        </div>
      ))}
    </div>
  );
}

export function Hud() {
  return (
    <>
      <div class="corner">
        <WorldChip />
        <NameChip />
        <BackLink class="chip back" />
      </div>
      <Tools />
      <Notices />
      <Hint />
      {settings.value.figures && <p class="figures">{state.figures.value}</p>}
    </>
  );
}
