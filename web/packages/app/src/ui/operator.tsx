// For operators: how the host is, and the way out for whoever disturbs the others.

import { useEffect, useState } from "preact/hooks";
import type { Calls } from "@manyworlds/protocol";
import { count, named, t } from "../i18n.ts";
import { say } from "../kept/texts.ts";
import * as state from "../state.ts";
import { session } from "./context.ts";
import { Panel } from "./parts.tsx";

const EVERY_MS = 2000;
const MOST_FIGURES = 40;
const QUALITY_EVERY_MS = 5000;

/** host.status is open-ended: whatever it says is shown, nested names joined by dots. */
export function flatten(value: unknown, prefix = ""): [string, string][] {
  if (typeof value === "number") return [[prefix, count(Math.round(value * 100) / 100)]];
  if (typeof value === "string" || typeof value === "boolean") return [[prefix, String(value)]];
  if (typeof value !== "object" || value === null) return [];
  const entries = Object.entries(value).map(([key, inner]) => {
    const named = Array.isArray(value) && typeof inner === "object" && inner !== null && "name" in inner ? String(inner.name) : key;
    return flatten(inner, prefix ? `${prefix}.${named}` : named);
  });
  return entries.flat();
}

type Status = Calls["host.status"]["result"];

/** The host's figures, every two seconds, and why there are none. */
function useStatus(): { status: Status | null; error: string } {
  const [now, setNow] = useState<{ status: Status | null; error: string }>({ status: null, error: "" });
  useEffect(() => {
    let live = true;
    const ask = async () => {
      try {
        const status = (await session.value?.client.call("host.status", {})) ?? null;
        if (live) setNow({ status, error: "" });
      } catch (error) {
        if (live) setNow((before) => ({ ...before, error: state.errorText(error) }));
      }
    };
    void ask();
    const timer = setInterval(() => void ask(), EVERY_MS);
    return () => {
      live = false;
      clearInterval(timer);
    };
  }, []);
  return now;
}

/** Who came from other homes, who was refused, and why the last one was. */
function Travel(props: { travel: Status["travel"] }) {
  const { policy, issued, arrived, refused, last_refusal, known, bans } = props.travel;
  if (!policy) return <p class="about">{say("operator.none")}</p>;
  const rows = [
    [say("operator.policy"), say(`operator.policy.${policy}`)],
    [say("operator.arrived"), count(arrived ?? 0)],
    [say("operator.refused"), count(refused ?? 0)],
    [say("operator.issued"), count(issued ?? 0)],
    [say("operator.known"), count(known ?? 0)],
    [say("operator.bans"), count(bans ?? 0)],
  ];
  return (
    <>
      <dl class="figures-list">
        {rows.map(([name, value]) => (
          <div key={name}>
            <dt>{name}</dt>
            <dd>{value}</dd>
          </div>
        ))}
      </dl>
      {last_refusal && <p class="about last-refusal">{say("operator.last", { reason: last_refusal })}</p>}
    </>
  );
}

function Figures(props: { status: Status | null; error: string }) {
  const figures: [string, string][] = props.error ? [["", props.error]] : flatten(props.status).slice(0, MOST_FIGURES);
  return (
    <dl class="figures-list">
      {figures.map(([name, value]) => (
        <div key={name}>
          <dt>{name}</dt>
          <dd>{value}</dd>
        </div>
      ))}
    </dl>
  );
}

type Described = Calls["quality.describe"]["result"];

/** What every world promises and keeps; the page /sla has all of it. */
function QualityOfService() {
  const [quality, setQuality] = useState<Described | null>(null);
  useEffect(() => {
    let live = true;
    const ask = async () => {
      const next = await session.value?.client.call("quality.describe", {}).catch(() => null);
      if (live && next) setQuality(next);
    };
    void ask();
    const timer = setInterval(() => void ask(), QUALITY_EVERY_MS);
    return () => {
      live = false;
      clearInterval(timer);
    };
  }, []);
  const percent = (value: number | null) => (value === null ? t("operator.quality.none") : `${count(value)} %`);
  const share = (value: number) => count(Math.round(value * 100));
  return (
    <>
      {quality?.worlds.map((world) => {
        const broken = world.hour.good_percent !== null && world.hour.good_percent < world.promise.good_minutes;
        const promise = count(world.promise.good_minutes);
        return (
          <div key={world.name}>
            <span class="name">{named(world.title, world.name)}</span>
            <p class={broken ? "error" : "about"}>
              {t("operator.quality.line", { hour: percent(world.hour.good_percent), day: percent(world.day.good_percent), promise })}
            </p>
            {world.admission === "closed" && <p class="error">{t("operator.quality.closed")}</p>}
          </div>
        );
      })}
      {quality && (
        <p class="about">
          {t("operator.quality.load", { load: share(quality.load.share), detail: share(quality.load.detail), rate: quality.load.rate_hz })}
        </p>
      )}
      <a class="button" href="/sla" target="_blank" rel="noopener">
        {t("operator.quality.all")}
      </a>
    </>
  );
}

function Visitors() {
  const [minutes, setMinutes] = useState(10);
  const others = state.people.value.filter((person) => person.visitor && person.entity !== state.world.value?.entity);
  const remove = async (visitor: string, name: string) => {
    try {
      await session.value?.client.call("visitor.remove", { visitor, minutes });
      state.notify(t("operator.removed", { name }));
    } catch (error) {
      state.problem(error);
    }
  };
  return (
    <>
      <div class="stack">
        <label for="minutes">{t("operator.minutes")}</label>
        <input
          id="minutes"
          type="number"
          min={1}
          max={1440}
          value={minutes}
          onChange={(event) => setMinutes(Math.max(1, Math.round(event.currentTarget.valueAsNumber) || 1))}
        />
      </div>
      {others.length === 0 && <p class="about">{t("operator.nobody")}</p>}
      <ul class="people">
        {others.map((person) => (
          <li key={person.entity}>
            <span class="name grow">{person.name}</span>
            <button type="button" class="danger" onClick={() => void remove(person.visitor as string, person.name)}>
              {t("operator.remove", { name: person.name })}
            </button>
          </li>
        ))}
      </ul>
    </>
  );
}

export default function OperatorPanel() {
  const { status, error } = useStatus();
  return (
    <Panel id="operator" title={t("operator.title")} class="right">
      <h3>{t("operator.visitors")}</h3>
      <Visitors />
      <h3>{t("operator.quality")}</h3>
      <QualityOfService />
      <h3>{say("operator.travel")}</h3>
      {status && <Travel travel={status.travel} />}
      <h3>{t("operator.figures")}</h3>
      <Figures status={status} error={error} />
    </Panel>
  );
}
