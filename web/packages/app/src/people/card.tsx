// What one may do about somebody who is here: trade, befriend, hide, block. Friends and blocks are kept at one's home, and so are the
// buttons for them; elsewhere a link leads there.

import type { Person } from "@manyworlds/protocol";
import { type Client, originOf } from "@manyworlds/sdk";
import { useState } from "preact/hooks";
import { hidden } from "../hidden.ts";
import * as state from "../state.ts";
import { session } from "../ui/context.ts";
import { blockOf, blocks } from "./blocks.ts";
import { hide } from "./hide.ts";
import { peopleText } from "./texts.ts";

function Block(props: { client: Client; person: Person; visitor: string }) {
  const { client, person } = props;
  const [sure, setSure] = useState(false);
  const [busy, setBusy] = useState(false);
  const words = { name: person.name };
  const act = (call: Promise<unknown>) => {
    setBusy(true);
    call.catch(state.problem).finally(() => {
      setBusy(false);
      setSure(false);
    });
  };
  const block = blockOf(blocks.value, person);
  // A host with all its people is let in again on the page of friends, not by way of one of them.
  if (block && block.who === person.home) return <p class="about">{peopleText("unblock.host", { host: block.who })}</p>;
  if (block)
    return (
      <button type="button" disabled={busy} aria-label={peopleText("unblock.label", words)} onClick={() => act(client.call("friend.unblock", { who: block.who }))}>
        {peopleText("unblock")}
      </button>
    );
  if (!sure)
    return (
      <button type="button" aria-label={peopleText("block.label", words)} onClick={() => setSure(true)}>
        {peopleText("block")}
      </button>
    );
  return (
    <div class="sure" role="group" aria-label={peopleText("block.label", words)}>
      <p>{peopleText("block.sure", words)}</p>
      <button type="button" onClick={() => setSure(false)}>
        {peopleText("block.no")}
      </button>
      <button type="button" class="danger" disabled={busy} onClick={() => act(client.call("friend.block", { visitor: props.visitor }))}>
        {peopleText("block.yes")}
      </button>
    </div>
  );
}

function Add(props: { client: Client; person: Person; visitor: string }) {
  const [busy, setBusy] = useState(false);
  const words = { name: props.person.name };
  const add = () => {
    setBusy(true);
    props.client
      .call("friend.ask", { visitor: props.visitor })
      .then(({ state: now }) => state.notify(peopleText(`added.${now}`, words)), state.problem)
      .finally(() => setBusy(false));
  };
  return (
    <button type="button" disabled={busy} aria-label={peopleText("add.label", words)} onClick={add}>
      {peopleText("add")}
    </button>
  );
}

function AtHome({ home }: { home: string | null }) {
  const origin = home ? originOf(home) : null;
  if (!home || !origin) return <p class="about">{peopleText("guest")}</p>;
  return (
    <p class="about">
      {peopleText("at_home")}{" "}
      <a href={`${origin}/friends`} target="_blank" rel="noopener noreferrer">
        {peopleText("at_home.go", { host: home })}
      </a>
    </p>
  );
}

export default function Card({ person }: { person: Person }) {
  const client = session.value?.client;
  const { visitor } = person;
  if (!client || !visitor) return null;
  const words = { name: person.name };
  const gone = hidden.value.has(visitor);
  const isBlocked = blockOf(blocks.value, person) !== undefined;
  const atHome = state.home.value === location.host;
  const trade = () => void import("../trades/start.ts").then(({ start }) => start(person));
  return (
    <div class="person-card">
      {!gone && !isBlocked && !person.home && (
        <button type="button" aria-label={peopleText("trade.label", words)} onClick={trade}>
          {peopleText("trade")}
        </button>
      )}
      {atHome && !isBlocked && <Add client={client} person={person} visitor={visitor} />}
      {!isBlocked && (
        <button type="button" aria-label={peopleText(gone ? "show.label" : "hide.label", words)} onClick={() => hide(visitor, !gone)}>
          {peopleText(gone ? "show" : "hide")}
        </button>
      )}
      {atHome ? <Block client={client} person={person} visitor={visitor} /> : <AtHome home={state.home.value} />}
    </div>
  );
}
