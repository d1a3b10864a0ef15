// Friends: who they are, where they are, who asks, and what was written. On the page /friends of one's home, and in the account's panel
// in its worlds; another host's page never shows it.

import type { Calls } from "@manyworlds/protocol";
import type { Client } from "@manyworlds/sdk";
import { type ComponentChildren, createContext } from "preact";
import { useContext, useEffect, useRef, useState } from "preact/hooks";
import { errorText } from "../state.ts";
import { Talk } from "./talk.tsx";
import { say, sayCount } from "./texts.ts";
import "./friends.css";

export type Listed = Calls["friend.list"]["result"];
export type Friend = Listed["friends"][number];
type Act = (what: () => Promise<void>) => void;

export const called = (one: { name: string }): string => one.name || say("unnamed");

/** Whom they are, in one line that is read as one. */
function Who(props: { one: Friend; children?: ComponentChildren }) {
  const { one } = props;
  return (
    <span class="who">
      <span class="name">{called(one)}</span>
      <span class="home">{say("at", { home: one.home })}</span>
      {props.children}
    </span>
  );
}

function Place(props: { one: Friend }) {
  const { place } = props.one;
  if (!place) return null;
  const at = { world: place.world, host: place.host };
  return (
    <span class="place">
      {say("place", at)}{" "}
      <a href={place.url} target="_blank" rel="noopener" aria-label={say("place.go.label", { ...at, name: called(props.one) })}>
        {say("place.go")}
      </a>
    </span>
  );
}

/** Of the heading above: the page's own is the first, a panel's the second. */
const Above = createContext<1 | 2>(2);

function Section(props: { title: string; children: ComponentChildren }) {
  const Heading = useContext(Above) === 1 ? "h2" : "h3";
  return (
    <section>
      <Heading class="part">{props.title}</Heading>
      {props.children}
    </section>
  );
}

function Asks(props: { list: readonly Friend[]; busy: boolean; onAnswer: (did: string, accept: boolean) => void }) {
  if (props.list.length === 0) return null;
  return (
    <Section title={say("section.asks")}>
      <ul>
        {props.list.map((one) => (
          <li key={one.did}>
            <Who one={one} />
            <button type="button" class="primary" disabled={props.busy} aria-label={say("accept.label", { name: called(one) })} onClick={() => props.onAnswer(one.did, true)}>
              {say("accept")}
            </button>
            <button type="button" disabled={props.busy} aria-label={say("refuse.label", { name: called(one) })} onClick={() => props.onAnswer(one.did, false)}>
              {say("refuse")}
            </button>
          </li>
        ))}
      </ul>
    </Section>
  );
}

function Known(props: { list: readonly Friend[]; onTalk: (did: string) => void }) {
  if (props.list.length === 0) return <p class="about">{say("none")}</p>;
  return (
    <Section title={say("section.friends")}>
      <ul>
        {props.list.map((one) => (
          <li key={one.did}>
            <Who one={one}>
              <Place one={one} />
              {one.unread > 0 && <strong class="unread">{sayCount("unread", one.unread)}</strong>}
            </Who>
            <button type="button" class={one.unread > 0 ? "primary" : ""} aria-label={say("write.label", { name: called(one) })} onClick={() => props.onTalk(one.did)}>
              {say("write")}
            </button>
          </li>
        ))}
      </ul>
    </Section>
  );
}

/** Who has not answered has told no name yet: the code says who it is. */
function Asked(props: { list: readonly Friend[]; busy: boolean; onBack: (did: string) => void }) {
  if (props.list.length === 0) return null;
  return (
    <Section title={say("section.asked")}>
      <ul>
        {props.list.map((one) => (
          <li key={one.did}>
            <span class="who">
              <code>{one.did}</code>
            </span>
            <button type="button" disabled={props.busy} aria-label={say("take_back.label", { name: one.home })} onClick={() => props.onBack(one.did)}>
              {say("take_back")}
            </button>
          </li>
        ))}
      </ul>
    </Section>
  );
}

function Add(props: { code: string; busy: boolean; onAsk: (did: string) => Promise<void>; act: Act }) {
  const [theirs, setTheirs] = useState("");
  const [told, setTold] = useState("");
  const copy = () =>
    navigator.clipboard.writeText(props.code).then(
      () => setTold(say("code.copied")),
      () => setTold(say("code.not_copied")),
    );
  const submit = (event: Event) => {
    event.preventDefault();
    props.act(async () => {
      await props.onAsk(theirs.trim());
      setTheirs("");
    });
  };
  return (
    <Section title={say("section.add")}>
      <form onSubmit={submit}>
        <label for="friend-code">{say("code.theirs")}</label>
        <div class="line">
          <input id="friend-code" autocomplete="off" autocapitalize="off" spellcheck={false} maxLength={512} placeholder={say("code.hint")} value={theirs} onInput={(event) => setTheirs(event.currentTarget.value)} />
          <button type="submit" class="primary" disabled={props.busy || theirs.trim() === ""}>
            {say("add")}
          </button>
        </div>
      </form>
      <p class="label">{say("code.mine")}</p>
      <div class="line">
        <code class="grow">{props.code}</code>
        <button type="button" onClick={() => void copy()}>
          {say("code.copy")}
        </button>
      </div>
      <p role="status" class="about">
        {told}
      </p>
    </Section>
  );
}

function Blocks(props: { list: Listed["blocks"]; busy: boolean; onUnblock: (who: string) => void }) {
  if (props.list.length === 0) return null;
  return (
    <Section title={say("section.blocks")}>
      <ul>
        {props.list.map((one) => (
          <li key={one.who}>
            <span class="who">
              <span class="name">{called(one)}</span>
              <span class="home">{one.who}</span>
            </span>
            <button type="button" disabled={props.busy} aria-label={say("unblock.label", { name: called(one) })} onClick={() => props.onUnblock(one.who)}>
              {say("unblock")}
            </button>
          </li>
        ))}
      </ul>
    </Section>
  );
}

/** What is shown follows what the home says is new. */
function useFriends(client: Client) {
  const [now, setNow] = useState<Listed | null>(null);
  const [news, setNews] = useState(0);
  const [busy, setBusy] = useState(false);
  const [error, setError] = useState("");
  const [told, setTold] = useState<{ did: string; state: "asked" | "friends" } | null>(null);
  const fail = (reason: unknown) => setError(errorText(reason));
  const refresh = async () => setNow(await client.call("friend.list", {}));
  useEffect(() => {
    void refresh().catch(fail);
    return client.on("notification", (notification) => {
      if (notification.method !== "friend.changed") return;
      setNews((before) => before + 1);
      void refresh().catch(fail);
    });
  }, []);
  const act: Act = (what) => {
    setBusy(true);
    setError("");
    setTold(null);
    what()
      .then(refresh)
      .catch(fail)
      .finally(() => setBusy(false));
  };
  // A box that is ticked stays so while its home is asked.
  const share = (place: boolean) => {
    setNow((before) => before && { ...before, shares_place: place });
    act(async () => void (await client.call("friend.share", { place })));
  };
  return { now, news, busy, error, told, setTold, act, refresh, share };
}

/** `heading`: the page's own, where this is a page. */
export function Friends(props: { client: Client; heading?: ComponentChildren; foot?: ComponentChildren }) {
  return (
    <Above.Provider value={props.heading ? 1 : 2}>
      <All {...props} />
    </Above.Provider>
  );
}

function All(props: { client: Client; heading?: ComponentChildren; foot?: ComponentChildren }) {
  const { client } = props;
  const { now, news, busy, error, told, setTold, act, refresh, share } = useFriends(client);
  const [open, setOpen] = useState("");
  const top = useRef<HTMLDivElement>(null);
  const one = now?.friends.find((friend) => friend.did === open && friend.state === "friends");
  const back = () => {
    setOpen("");
    requestAnimationFrame(() => top.current?.focus());
  };
  if (one)
    return (
      <div class="friends">
        <Talk client={client} one={one} page={props.heading !== undefined} news={news} onBack={back} onGone={() => void refresh().then(back)} />
      </div>
    );
  const of = (state: Friend["state"]) => now?.friends.filter((friend) => friend.state === state) ?? [];
  const ask = async (did: string) => {
    const { state } = await client.call("friend.ask", { did });
    setTold({ did, state });
  };
  return (
    <div class="friends" ref={top} tabIndex={-1}>
      {props.heading}
      {!now && !error && <p class="about">{say("asking")}</p>}
      {error && (
        <p class="error" role="alert">
          {error}
        </p>
      )}
      {now && (
        <>
          <Asks list={of("asks")} busy={busy} onAnswer={(did, accept) => act(async () => void (await client.call("friend.answer", { did, accept })))} />
          <Known list={of("friends")} onTalk={setOpen} />
          <Asked list={of("asked")} busy={busy} onBack={(did) => act(async () => void (await client.call("friend.end", { did })))} />
          {now.dropped > 0 && <p class="about">{sayCount("dropped", now.dropped)}</p>}
          <Add code={now.code} busy={busy} onAsk={ask} act={act} />
          <p role="status" class="about">
            {told && now.friends.some((friend) => friend.did === told.did && friend.state === told.state) && say(`added.${told.state}`)}
          </p>
          <label class="check">
            <input type="checkbox" checked={now.shares_place} disabled={busy} onChange={(event) => share(event.currentTarget.checked)} />
            <span>
              {say("share")}
              <small>{say("share.text")}</small>
            </span>
          </label>
          <Blocks list={now.blocks} busy={busy} onUnblock={(who) => act(async () => void (await client.call("friend.unblock", { who })))} />
        </>
      )}
      {props.foot}
    </div>
  );
}
