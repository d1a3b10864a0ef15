// /sla: what each world of this host promises of its quality of service, and what was measured. Public; no session, no picture.

import type { Calls } from "@manyworlds/protocol";
import { render } from "preact";
import { useEffect, useState } from "preact/hooks";
import { readableOnDark } from "../colour.ts";
import { count, language, named, setLanguage, timeOfDay } from "../i18n.ts";
import { choose, settings, withQuery } from "../settings.ts";
import { Plot, type Points } from "./plot.tsx";
import "./sla.css";
import { percentText, type SlaKey, t, unitOf, valueText } from "./texts.ts";

type Quality = Calls["quality.describe"]["result"];
type World = Quality["worlds"][number];
type Window = "hour" | "day";

/** As one thinks of them: coming in, the host, the others, the screen. */
const MEASURES = ["join_ms", "tick_ms", "age_near_ms", "age_middle_ms", "age_far_ms", "stalled_percent", "frame_ms", "kbit_s"] as const;
const EVERY_MS = 10_000;
const STALE_MS = 60_000;

function Measures({ world, span }: { world: World; span: Window }) {
  const { percentiles, broken_minutes: broken } = world[span];
  const title = t("table", { world: named(world.title, world.name) });
  return (
    <div class="scroll" role="region" aria-label={title} tabIndex={0}>
      <table>
        <caption class="hidden">{title}</caption>
        <thead>
          <tr>
            <th scope="col">{t("table.measure")}</th>
            <th scope="col">{t("table.bound")}</th>
            <th scope="col">p50</th>
            <th scope="col">p95</th>
            <th scope="col">p99</th>
            <th scope="col">{t("table.broken")}</th>
          </tr>
        </thead>
        <tbody>
          {MEASURES.map((name) => {
            const { p50, p95, p99 } = percentiles[name];
            const bound = world.promise.most[name];
            return (
              <tr key={name}>
                <th scope="row">
                  {t(`measure.${name}` as SlaKey)} <span class="faint">{unitOf(name)}</span>
                </th>
                <td class="faint">{valueText(bound)}</td>
                {[p50, p95, p99].map((value, index) => (
                  <td key={index} class={value !== null && value > bound ? "over" : ""}>
                    {valueText(value)}
                  </td>
                ))}
                <td class={broken[name] > 0 ? "over" : "faint"}>{count(broken[name])}</td>
              </tr>
            );
          })}
        </tbody>
      </table>
    </div>
  );
}

function Verdict({ good, promise }: { good: number | null; promise: number }) {
  const kept = good === null ? null : good >= promise;
  const word = kept === null ? t("nothing") : kept ? t("kept") : t("broken");
  return (
    <span class={`verdict ${kept === null ? "none" : kept ? "kept" : "broken"}`}>
      <svg viewBox="0 0 16 16" aria-hidden="true">
        <path d={kept === null ? "M4 8h8" : kept ? "M3.5 8.5l3 3 6-7" : "M8 3.5v6M8 12v.5"} />
      </svg>
      {word}
    </span>
  );
}

function WorldCard({ world, span }: { world: World; span: Window }) {
  const measured = world[span];
  const promise = world.promise.good_minutes;
  const title = named(world.title, world.name);
  const accent = readableOnDark(world.accent);
  const minutes = measured.client_minutes;
  return (
    <section class="card" aria-label={title}>
      <header>
        <h2>
          <a href={`/w/${world.name}`}>{title}</a>
        </h2>
        <Verdict good={measured.good_percent} promise={promise} />
      </header>
      {world.admission === "closed" && <p class="alert">{t("closed")}</p>}
      <div class="figures">
        <p class="score">
          <b>{percentText(measured.good_percent)}</b>
          <span>
            {t("good")}
            <br />
            <span class="faint">{t("promised", { percent: count(promise) })}</span>
          </span>
        </p>
        <dl>
          <div>
            <dt>{t(minutes === 1 ? "minutes.one" : "minutes.other", { n: "" }).trim()}</dt>
            <dd>{count(Math.round(minutes * 10) / 10)}</dd>
          </div>
          <div>
            <dt>{t("coverage")}</dt>
            <dd>{percentText(measured.measured_percent)}</dd>
          </div>
          <div>
            <dt>{t("failed")}</dt>
            <dd>{count(measured.failed_joins)}</dd>
          </div>
          <div>
            <dt>{t("late")}</dt>
            <dd>{percentText(measured.late_ticks_percent)}</dd>
          </div>
          <div>
            <dt>{t("queue")}</dt>
            <dd>{count(world.waiting)}</dd>
          </div>
        </dl>
      </div>
      {measured.good_percent === null ? (
        <p class="empty">{t("nothing.text")}</p>
      ) : (
        <>
          <Plot key={span} points={measured.points as Points} promise={promise} accent={accent} world={title} />
          <Measures world={world} span={span} />
        </>
      )}
    </section>
  );
}

function Notes({ load }: { load: Quality["load"] }) {
  const percent = (share: number) => count(Math.round(share * 100));
  return (
    <section class="notes">
      <h2>{t("notes")}</h2>
      <ul>
        {(["notes.client", "notes.host", "notes.percentiles", "notes.angle"] as const).map((key) => (
          <li key={key}>{t(key)}</li>
        ))}
      </ul>
      <p class="faint">
        {t("load")}: {t("load.text", { load: percent(load.share), rate: load.rate_hz, detail: percent(load.detail) })}
      </p>
      <p>
        <a href="/sla.json">{t("notes.json")}</a>
      </p>
    </section>
  );
}

function Head({ host, span, setSpan }: { host: string; span: Window; setSpan: (span: Window) => void }) {
  const other = language.value === "zh" ? "en" : "zh";
  const speak = () => {
    choose({ language: other });
    setLanguage(other);
  };
  return (
    <header class="head">
      <nav>
        <a class="button" href="/">
          {t("enter")}
        </a>
        <button type="button" lang={other === "zh" ? "zh-CN" : "en"} onClick={speak}>
          {t("language")}
        </button>
      </nav>
      <p class="host">{host}</p>
      <h1>{t("title")}</h1>
      <p class="intro">{t("intro")}</p>
      <p class="calibration">
        <span class="chip">{t("uncalibrated")}</span> {t("uncalibrated.text")}
      </p>
      <fieldset class="window">
        <legend class="hidden">{t("window")}</legend>
        {(["hour", "day"] as const).map((value) => (
          <button type="button" key={value} aria-pressed={span === value} onClick={() => setSpan(value)}>
            {t(value)}
          </button>
        ))}
      </fieldset>
    </header>
  );
}

function Page() {
  const [quality, setQuality] = useState<Quality | null>(null);
  const [failed, setFailed] = useState(false);
  const [span, setSpan] = useState<Window>("hour");
  useEffect(() => {
    let live = true;
    const ask = async () => {
      try {
        const answer = await fetch("/sla.json", { cache: "no-store" });
        if (!answer.ok) throw new Error(String(answer.status));
        const next = (await answer.json()) as Quality;
        if (live) setQuality(next);
        if (live) setFailed(false);
      } catch {
        if (live) setFailed(true);
      }
    };
    void ask();
    const timer = setInterval(() => void ask(), EVERY_MS);
    return () => {
      live = false;
      clearInterval(timer);
    };
  }, []);
  const host = quality?.host ?? location.host;
  document.title = t("page", { host });
  const stale = quality !== null && failed && Date.now() - quality.unix_ms > STALE_MS;
  return (
    <main>
      <Head host={host} span={span} setSpan={setSpan} />
      {quality === null && <p class="empty" role="status">{failed ? t("error") : t("loading")}</p>}
      {stale && <p class="alert" role="status">{t("stale", { time: timeOfDay(quality.unix_ms) })}</p>}
      {quality?.worlds.length === 0 && <p class="empty">{t("no_worlds")}</p>}
      {quality?.worlds.map((world) => <WorldCard key={world.name} world={world} span={span} />)}
      {quality !== null && <Notes load={quality.load} />}
    </main>
  );
}

setLanguage(withQuery(settings.value, new URLSearchParams(location.search)).language);
render(<Page />, document.getElementById("sla") as HTMLElement);
