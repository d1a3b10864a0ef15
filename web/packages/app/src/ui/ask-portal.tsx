// What one reads before a gate leads out of this host.

import type { Calls } from "@manyworlds/protocol";
import { useEffect, useLayoutEffect, useRef, useState } from "preact/hooks";
import { named, plural, t } from "../i18n.ts";
import { askPortal, home } from "../state.ts";
import { leadsToWorld, throughGate } from "../travel.ts";
import { session } from "./context.ts";
import { focusView } from "./parts.tsx";
import { site } from "./portal.tsx";

type Look = Calls["travel.look"]["result"];

/** What the host behind the gate says of itself, as this host heard it. */
function Behind(props: { url: string; site: string }) {
  const [look, setLook] = useState<Look | null | undefined>(undefined);
  useEffect(() => {
    setLook(undefined);
    // A host that asks no others has nothing to say here.
    const asked = session.value?.client.call("travel.look", { url: props.url }) ?? Promise.reject(new Error("no session"));
    asked.then(setLook, () => setLook(null));
  }, [props.url]);
  if (look === null) return null;
  if (look === undefined) return <p class="faint" role="status">{t("portal.look.asking", { site: props.site })}</p>;
  if (!look.reachable) return <p class="alert" role="status">{t("portal.look.down", { site: props.site, why: look.why ?? "" })}</p>;
  const { world } = look;
  const facts = [
    world && `${named(world.title, world.name)} · ${plural("count", world.people)}`,
    look.operator ? t("portal.look.by", { operator: look.operator }) : look.name,
    world?.promise !== undefined && t("portal.look.promise", { percent: world.promise }),
    home.value && look.takes === "off" && t("portal.look.off", { site: props.site }),
  ].filter((fact): fact is string => typeof fact === "string" && fact !== "");
  return (
    <div role="status">
      <ul class="facts">
        {facts.map((fact) => (
          <li key={fact}>{fact}</li>
        ))}
      </ul>
    </div>
  );
}

/** Before a gate leads out of this host. */
export default function AskPortal() {
  const ask = askPortal.value;
  const box = useRef<HTMLDialogElement>(null);
  useLayoutEffect(() => {
    if (ask) box.current?.showModal();
  }, [ask]);
  if (!ask?.url || !/^https?:\/\//i.test(ask.url)) return null;
  // Inside another page's frame, a further host would mostly refuse to be shown.
  const walk = leadsToWorld(ask.url) && window.parent === window;
  const stay = () => {
    askPortal.value = null;
    focusView();
  };
  return (
    <dialog ref={box} class="card" aria-labelledby="ask-title" onClose={stay}>
      <h2 id="ask-title">{walk ? t("portal.walk.title", { title: ask.title }) : t("portal.confirm.title")}</h2>
      {walk && <Behind url={ask.url} site={site(ask.url)} />}
      <p>{t(!walk ? "portal.confirm.text" : home.value ? "portal.walk.text.self" : "portal.walk.text", { site: site(ask.url), home: home.value ?? "" })}</p>
      <p class="address">{ask.url}</p>
      <div class="actions">
        <button type="button" onClick={stay}>
          {t("portal.confirm.stay")}
        </button>
        {walk ? (
          <a class="button primary" href={throughGate(ask.url)} rel="noreferrer">
            {t("portal.walk.go")}
          </a>
        ) : (
          <a class="button primary" href={ask.url} target="_blank" rel="noopener noreferrer" onClick={stay}>
            {t("portal.confirm.go", { site: site(ask.url) })}
          </a>
        )}
      </div>
    </dialog>
  );
}
