import { named, plural, t } from "../i18n.ts";
import { askPortal, cameFrom, nearPortal, panel, touch, worlds } from "../state.ts";
import { leadsToWorld } from "../travel.ts";
import { session } from "./context.ts";
import { Icon } from "./icons.tsx";

export function site(url: string): string {
  try {
    return new URL(url).host;
  } catch {
    return url;
  }
}

/** Where the gate in front of one leads. */
export function PortalPrompt() {
  const near = nearPortal.value;
  if (!near || askPortal.value || (panel.value && touch.value)) return null;
  const target = worlds.value.find((item) => item.name === near.world);
  const crowd = target ? ` · ${plural("count", target.people + target.simulated)}` : "";
  const where = near.url ? t(leadsToWorld(near.url) ? "portal.elsewhere" : "portal.leaves", { site: site(near.url) }) : `${named(target?.title, near.world ?? "")}${crowd}`;
  return (
    <div class="prompt">
      <Icon name="portal" />
      <div class="grow">
        <strong>{near.title}</strong>
        <span>{where}</span>
        {!touch.value && <span class="faint">{t("portal.key")}</span>}
      </div>
      <button type="button" class="primary" onClick={() => session.value?.useNearest()}>
        {t("portal.enter")}
      </button>
    </div>
  );
}

/** The way back to the host that one walked here from. */
export function BackLink(props: { class: string }) {
  const from = cameFrom.value;
  if (!from) return null;
  return (
    <a class={`button ${props.class}`} href={from} rel="noreferrer">
      <Icon name="undo" />
      <span>{t("portal.back", { site: site(from) })}</span>
    </a>
  );
}
