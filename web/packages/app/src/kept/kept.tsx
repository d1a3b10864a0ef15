// What travel keeps, inside the account's panel: at home the hosts that are told without asking, elsewhere what this host has
// learned about somebody from another home, and a way to have it forgotten.

import { CallError, type Calls, ErrorCode } from "@manyworlds/protocol";
import type { Client } from "@manyworlds/sdk";
import type { ComponentChildren } from "preact";
import { useEffect, useLayoutEffect, useRef, useState } from "preact/hooks";
import { dayOf, language, named } from "../i18n.ts";
import * as state from "../state.ts";
import { thingName } from "../thing-names.ts";
import { say } from "./texts.ts";
import "./kept.css";

type Remembered = Calls["travel.remembered"]["result"]["hosts"];
type Learned = Calls["travel.learned"]["result"]["learned"];

/** The heading takes the focus: the button that led here is gone, and keys would go to the world. */
function Page(props: { title: string; children: ComponentChildren }) {
  const heading = useRef<HTMLHeadingElement>(null);
  useLayoutEffect(() => heading.current?.focus(), []);
  return (
    <div class="stack kept">
      <h3 ref={heading} tabIndex={-1}>
        {props.title}
      </h3>
      {props.children}
    </div>
  );
}

function Problem(props: { text: string }) {
  return (
    <p class="error" role="alert">
      {props.text}
    </p>
  );
}

export function RememberedHosts(props: { client: Client; onBack: () => void }) {
  const { client } = props;
  const [hosts, setHosts] = useState<Remembered | null>(null);
  const [error, setError] = useState("");
  const refresh = async () => setHosts((await client.call("travel.remembered", {})).hosts);
  const fail = (reason: unknown) => setError(state.errorText(reason));
  useEffect(() => void refresh().catch(fail), []);
  const revoke = (host: string) => {
    setError("");
    client
      .call("travel.revoke", { host })
      .then(async () => {
        state.notify(say("home.revoked", { host }));
        await refresh();
      })
      .catch(fail);
  };
  return (
    <Page title={say("home.title")}>
      {hosts && <p class="about">{say(hosts.length > 0 ? "home.text" : "home.none")}</p>}
      {!hosts && !error && <p class="about">{say("asking")}</p>}
      <ul class="hosts">
        {hosts?.map(({ host, since_ms }) => (
          <li key={host}>
            <span class="grow">
              <span class="host">{host}</span>
              <span class="source">{say("home.since", { day: dayOf(since_ms) })}</span>
            </span>
            <button type="button" aria-label={say("home.revoke.label", { host })} onClick={() => revoke(host)}>
              {say("home.revoke")}
            </button>
          </li>
        ))}
      </ul>
      {error && <Problem text={error} />}
      <button type="button" onClick={props.onBack}>
        {say("back")}
      </button>
    </Page>
  );
}

/** In the words of whoever reads, where the host gives a code or a number. */
function valueOf(one: Learned[number]): string {
  if (one.what === "avatar") return say("away.looks");
  if (one.what === "figure") return (one.value as { name?: string }).name || say("away.figure.nameless");
  if (one.what === "carried") return thingName(one.value as Calls["travel.carried"]["result"]["carried"][number]);
  const value = String(one.value);
  if (one.what === "language") return new Intl.DisplayNames([language.value === "zh" ? "zh-CN" : "en"], { type: "language" }).of(value) ?? value;
  if (one.what === "place") return named(state.worlds.value.find((world) => world.name === value)?.title, value);
  return value;
}

function Things(props: { learned: Learned }) {
  return (
    <dl class="learned">
      {props.learned.map((one, i) => (
        <div key={`${one.what} ${i}`}>
          <dt>{say(`away.what.${one.what}`)}</dt>
          <dd>{one.what === "identifier" ? <code class="long">{valueOf(one)}</code> : valueOf(one)}</dd>
          <dd class="source">
            {one.from ? say("away.told", { day: dayOf(one.when_ms), from: one.from }) : say("away.seen", { day: dayOf(one.when_ms) })} · {say(`away.why.${one.why}`)}
          </dd>
        </div>
      ))}
    </dl>
  );
}

function Confirm(props: { home: string; busy: boolean; onYes: () => void; onNo: () => void; error: string }) {
  return (
    <Page title={say("forget.title")}>
      <p>{say("forget.text", { home: props.home })}</p>
      {props.error && <Problem text={props.error} />}
      <button type="button" class="danger" disabled={props.busy} onClick={props.onYes}>
        {say("forget.yes")}
      </button>
      <button type="button" onClick={props.onNo}>
        {say("forget.no")}
      </button>
    </Page>
  );
}

export function LearnedHere(props: { client: Client; home: string; onBack: () => void; onForgotten: () => void }) {
  const { client } = props;
  const [learned, setLearned] = useState<Learned | null>(null);
  const [sure, setSure] = useState(false);
  const [busy, setBusy] = useState(false);
  const [error, setError] = useState("");
  const fail = (reason: unknown) =>
    setError(reason instanceof CallError && reason.code === ErrorCode.conflict ? say("forget.owns") : state.errorText(reason));
  useEffect(() => {
    client.call("travel.learned", {}).then((now) => setLearned(now.learned), fail);
  }, []);
  const forget = async () => {
    await client.call("travel.forget", {});
    state.home.value = null;
    // The guest's name and looks are the host's to say.
    await client.setLanguage(language.value);
    state.notify(say("forget.done"));
    props.onForgotten();
  };
  const yes = () => {
    setBusy(true);
    setError("");
    forget()
      .catch(fail)
      .finally(() => setBusy(false));
  };
  const no = () => {
    setSure(false);
    setError("");
  };
  if (sure) return <Confirm home={props.home} busy={busy} error={error} onYes={yes} onNo={no} />;
  return (
    <Page title={say("away.title", { host: location.host })}>
      {!learned && !error && <p class="about">{say("asking")}</p>}
      {learned?.length === 0 && <p class="about">{say("away.none")}</p>}
      {learned && <Things learned={learned} />}
      {error && <Problem text={error} />}
      {learned && learned.length > 0 && (
        <button type="button" class="danger" onClick={() => setSure(true)}>
          {say("forget.open")}
        </button>
      )}
      <button type="button" onClick={props.onBack}>
        {say("back")}
      </button>
    </Page>
  );
}
