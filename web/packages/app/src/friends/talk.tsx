// What was written between two friends, and what can be done about the other.

import type { Calls } from "@manyworlds/protocol";
import type { Client } from "@manyworlds/sdk";
import { useEffect, useLayoutEffect, useRef, useState } from "preact/hooks";
import { language } from "../i18n.ts";
import { errorText } from "../state.ts";
import { called, type Friend } from "./friends.tsx";
import { say } from "./texts.ts";

type Message = Calls["friend.messages"]["result"]["messages"][number];

function timeOf(ms: number): string {
  return new Intl.DateTimeFormat(language.value === "zh" ? "zh-CN" : "en", { dateStyle: "short", timeStyle: "short" }).format(ms);
}

function Messages(props: { list: readonly Message[] | null; name: string }) {
  const end = useRef<HTMLDivElement>(null);
  const count = props.list?.length ?? 0;
  useLayoutEffect(() => {
    if (end.current) end.current.scrollTop = end.current.scrollHeight;
  }, [count]);
  if (props.list?.length === 0) return <p class="about">{say("talk.none")}</p>;
  return (
    // What scrolls is reached by the keyboard.
    <div class="messages" ref={end} role="log" aria-label={say("talk.label", { name: props.name })} tabIndex={0}>
      <ol>
        {props.list?.map((message) => (
          <li key={message.number} class={message.mine ? "mine" : ""}>
            <span class="by">
              {message.mine ? say("talk.mine") : props.name} · {timeOf(message.time_ms)}
            </span>
            <span class="text">{message.text}</span>
          </li>
        ))}
      </ol>
    </div>
  );
}

/** Asks once more before something is gone. */
function Sure(props: { ask: string; yes: string; busy: boolean; onYes: () => void; onNo: () => void }) {
  return (
    <div class="sure" role="group" aria-label={props.ask}>
      <p>{props.ask}</p>
      <div class="line">
        <button type="button" class="danger" ref={(button) => button?.focus()} disabled={props.busy} onClick={props.onYes}>
          {props.yes}
        </button>
        <button type="button" onClick={props.onNo}>
          {say("no")}
        </button>
      </div>
    </div>
  );
}

function useTalk(client: Client, did: string, news: number) {
  const [list, setList] = useState<readonly Message[] | null>(null);
  const [busy, setBusy] = useState(false);
  const [error, setError] = useState("");
  const fail = (reason: unknown) => setError(errorText(reason));
  const refresh = async () => {
    const { messages } = await client.call("friend.messages", { did });
    setList(messages);
    if (messages.some((message) => !message.mine && !message.read)) await client.call("friend.read", { did });
  };
  useEffect(() => void refresh().catch(fail), [did, news]);
  const act = (what: () => Promise<void>) => {
    setBusy(true);
    setError("");
    what()
      .catch(fail)
      .finally(() => setBusy(false));
  };
  return { list, busy, error, act, refresh };
}

export function Talk(props: { client: Client; one: Friend; page: boolean; news: number; onBack: () => void; onGone: () => void }) {
  const { client, one } = props;
  const name = called(one);
  const Heading = props.page ? "h1" : "h3";
  const { list, busy, error, act, refresh } = useTalk(client, one.did, props.news);
  const [text, setText] = useState("");
  const [sure, setSure] = useState<"" | "end" | "block">("");
  const heading = useRef<HTMLHeadingElement>(null);
  useLayoutEffect(() => heading.current?.focus(), []);
  const send = (event: Event) => {
    event.preventDefault();
    act(async () => {
      await client.call("friend.say", { did: one.did, text });
      setText("");
      await refresh();
    });
  };
  const gone = (what: Promise<unknown>) => act(async () => void (await what, props.onGone()));
  return (
    <>
      <button type="button" class="quiet back" onClick={props.onBack}>
        ← {say("back")}
      </button>
      <Heading class="whom" ref={heading} tabIndex={-1}>
        {name} <span class="home">{say("at", { home: one.home })}</span>
      </Heading>
      <Messages list={list} name={name} />
      <form class="line" onSubmit={send}>
        <input aria-label={say("talk.text", { name })} placeholder={say("talk.text", { name })} maxLength={1000} autocomplete="off" value={text} onInput={(event) => setText(event.currentTarget.value)} />
        <button type="submit" class="primary" disabled={busy || text.trim() === ""}>
          {say("talk.send")}
        </button>
      </form>
      {error && (
        <p class="error" role="alert">
          {error}
        </p>
      )}
      <p class="about">{say("talk.kept")}</p>
      {sure ? (
        <Sure
          ask={sure === "end" ? say("end.sure", { name }) : say("block.sure", { name })}
          yes={sure === "end" ? say("end.yes") : say("block.yes")}
          busy={busy}
          onYes={() => gone(sure === "end" ? client.call("friend.end", { did: one.did }) : client.call("friend.block", { who: one.did }))}
          onNo={() => setSure("")}
        />
      ) : (
        <div class="line">
          <button type="button" onClick={() => setSure("end")}>
            {say("end")}
          </button>
          <button type="button" class="danger" onClick={() => setSure("block")}>
            {say("block")}
          </button>
        </div>
      )}
    </>
  );
}
