// Chat: the last lines fade over the view; the panel has the history and the field. What people write is only ever text.

import type { ChatMessage } from "@manyworlds/protocol";
import { useEffect, useLayoutEffect, useRef, useState } from "preact/hooks";
import { shownChat } from "../hidden.ts";
import { t, timeOfDay } from "../i18n.ts";
import * as state from "../state.ts";
import { session } from "./context.ts";
import { Icon } from "./icons.tsx";
import { closePanel, focusView, Panel } from "./parts.tsx";

const LINES = 4;
const LINE_MS = 9000;
const MOST_CHARS = 500;

function Line({ message }: { message: ChatMessage }) {
  const mine = message.entity === state.world.value?.entity;
  return (
    <li class={mine ? "mine" : ""}>
      <span class="who">{message.name}</span> <span class="said">{message.text}</span>
    </li>
  );
}

/** The newest lines, each for some seconds. */
function Recent() {
  const [, redraw] = useState(0);
  const all = shownChat.value;
  const now = Date.now();
  const seen = useRef(new Map<ChatMessage["id"], number>()).current;
  const started = useRef(false);
  for (const message of all) {
    // The history that was there at entering is not news.
    if (!seen.has(message.id)) seen.set(message.id, started.current ? now : 0);
  }
  started.current = true;
  if (seen.size > 2 * all.length + LINES) {
    const kept = new Set(all.map((message) => message.id));
    for (const id of [...seen.keys()]) if (!kept.has(id)) seen.delete(id);
  }
  const fresh = all.filter((message) => now - (seen.get(message.id) ?? 0) < LINE_MS).slice(-LINES);
  const last = fresh.length;
  useEffect(() => {
    if (last === 0) return;
    const timer = setTimeout(() => redraw((n) => n + 1), 1000);
    return () => clearTimeout(timer);
  });
  return (
    <div class="recent" role="log" aria-live="polite" aria-label={t("chat.log")}>
      <ol>
        {fresh.map((message) => (
          <Line key={message.id} message={message} />
        ))}
      </ol>
    </div>
  );
}

function History() {
  const list = useRef<HTMLDivElement>(null);
  const messages = shownChat.value;
  useEffect(() => {
    list.current?.scrollTo({ top: list.current.scrollHeight });
    state.unread.value = 0;
  }, [messages]);
  return (
    <div class="history" ref={list} tabIndex={0} role="log" aria-live="polite" aria-label={t("chat.log")}>
      {messages.length === 0 && <p class="empty">{t("chat.empty")}</p>}
      <ol>
        {messages.map((message) => (
          <li key={message.id}>
            <time>{timeOfDay(message.time_ms)}</time> <span class="who">{message.name}</span>
            <span class="said">{message.text}</span>
          </li>
        ))}
      </ol>
    </div>
  );
}

function Field() {
  const input = useRef<HTMLInputElement>(null);
  // Before the next key: one that opens the chat types on at once, however long the next picture takes.
  useLayoutEffect(() => input.current?.focus(), []);
  const send = async (event: Event) => {
    event.preventDefault();
    const field = input.current;
    const text = field?.value.trim() ?? "";
    if (!field || text === "") return closePanel();
    field.value = "";
    try {
      await session.value?.say(text);
      // On a keyboard one goes on walking after a word; on a phone the field stays for the next one.
      if (!state.touch.value) focusView();
    } catch (error) {
      if (field.value === "") field.value = text;
      state.problem(error);
    }
  };
  return (
    <form class="say" onSubmit={(event) => void send(event)}>
      <input
        ref={input}
        class="grow"
        maxLength={MOST_CHARS}
        autocomplete="off"
        enterkeyhint="send"
        aria-label={t("chat.placeholder")}
        placeholder={t("chat.placeholder")}
      />
      <button type="submit" class="primary" aria-label={t("chat.send")}>
        <Icon name="send" />
      </button>
    </form>
  );
}

export function Chat() {
  if (state.panel.value !== "chat") return <Recent />;
  return (
    <Panel id="chat" title={t("chat.title")} class="left" keepFocus>
      <History />
      <Field />
    </Panel>
  );
}
