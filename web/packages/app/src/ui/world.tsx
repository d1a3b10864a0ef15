// Where one is: description, who is here, and the host's other worlds (so that a gate is never the only way).

import type { Person } from "@manyworlds/protocol";
import { lazy, Suspense } from "preact/compat";
import { useState } from "preact/hooks";
import { thingName } from "../thing-names.ts";
import { blocked, hidden, isHidden } from "../hidden.ts";
import { count, named, plural, t } from "../i18n.ts";
import { personName } from "../names.ts";
import { peopleText } from "../people/texts.ts";
import * as state from "../state.ts";
import { session } from "./context.ts";
import { Icon } from "./icons.tsx";
import { closePanel, Panel } from "./parts.tsx";

const Card = lazy(() => import("../people/card.tsx"));
const MOST = 200;

function order(a: Person, b: Person): number {
  const own = state.world.value?.entity;
  if ((a.entity === own) !== (b.entity === own)) return a.entity === own ? -1 : 1;
  if (a.simulated !== b.simulated) return a.simulated ? 1 : -1;
  return a.name.localeCompare(b.name, undefined, { numeric: true });
}

function Row({ person }: { person: Person }) {
  const own = person.entity === state.world.value?.entity;
  const { visitor } = person;
  const [more, setMore] = useState(false);
  const gone = visitor !== undefined && isHidden(visitor);
  return (
    <li class={gone ? "faint" : ""}>
      <span class="name">{personName(person)}</span>
      {own && <span class="mark">{t("people.you")}</span>}
      {person.simulated && <span class="mark">{t("people.simulated")}</span>}
      {person.home && <span class="mark">{person.home}</span>}
      {person.carried?.map((thing) => (
        <span key={thing.asset} class="mark thing" title={t("carried.with", { host: thing.host, keeper: thing.custody === "holder" ? person.name : thing.keeper, assurance: t(`carried.assurance.${thing.assurance}`) })}>
          {thingName(thing)}
        </span>
      ))}
      {person.avatar && (
        <span class="mark thing" title={person.avatar.name ?? ""}>
          {person.avatar.authors.length > 0 ? peopleText("own.by", { names: person.avatar.authors.join(", ") }) : peopleText("own")}
        </span>
      )}
      {person.role === "operator" && <span class="mark strong">{t("people.operator")}</span>}
      {blocked.value.has(visitor ?? "") && <span class="mark">{peopleText("blocked")}</span>}
      {!own && !person.simulated && visitor && (
        <button type="button" class="quiet more" aria-expanded={more} aria-label={peopleText("more.label", { name: person.name })} onClick={() => setMore(!more)}>
          {peopleText("more")}
        </button>
      )}
      {more && (
        <Suspense fallback={null}>
          <Card person={person} />
        </Suspense>
      )}
    </li>
  );
}

function OtherWorlds() {
  const others = state.worlds.value.filter((item) => item.name !== state.world.value?.name && !item.problem);
  if (others.length === 0) return null;
  return (
    <>
      <h3>{t("worlds.title")}</h3>
      <ul class="worlds">
        {others.map((item) => (
          <li key={item.name}>
            <button
              type="button"
              class="row"
              onClick={() => {
                closePanel();
                void session.value?.travel(item.name);
              }}
            >
              <Icon name="portal" />
              <span class="grow">{t("worlds.go", { world: named(item.title) })}</span>
              <span class="people-count">{count(item.people + item.simulated)}</span>
            </button>
          </li>
        ))}
      </ul>
    </>
  );
}

export default function WorldPanel() {
  const sorted = [...state.people.value].sort(order);
  const detail = state.world.value;
  return (
    <Panel id="world" title={named(detail?.title)} class="left top">
      <p class="about">{named(detail?.description)}</p>
      <OtherWorlds />
      <h3>{plural("people", sorted.length)}</h3>
      <ul class="people" aria-label={t("people.list")}>
        {sorted.slice(0, MOST).map((person) => (
          <Row key={person.entity} person={person} />
        ))}
      </ul>
      {hidden.value.size + blocked.value.size > 0 && <p class="about">{peopleText("hidden.about")}</p>}
      {sorted.length > MOST && <p class="about">{t("people.more", { n: count(sorted.length - MOST) })}</p>}
      <a class="button quiet" href="/sla" target="_blank" rel="noopener">
        {t("world.quality")}
      </a>
    </Panel>
  );
}
