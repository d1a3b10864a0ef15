// A thing of one's own, given at home to somebody who is there: to whom, and a second yes.

import type { Calls, Person } from "@manyworlds/protocol";
import type { Client } from "@manyworlds/sdk";
import { useLayoutEffect, useRef, useState } from "preact/hooks";
import Choose from "../gifts/choose.tsx";
import { giftText } from "../gifts/texts.ts";
import * as state from "../state.ts";
import { thingName } from "../thing-names.ts";
import { ownedText } from "./texts.ts";

type Thing = Calls["title.mine"]["result"]["things"][number];

function Sure(props: { thing: Thing; person: Person; busy: boolean; onYes: () => void; onNo: () => void }) {
  const no = useRef<HTMLButtonElement>(null);
  useLayoutEffect(() => no.current?.focus(), []);
  const words = { thing: thingName(props.thing), name: props.person.name };
  return (
    <div class="choose" role="group" aria-label={ownedText("give.sure", words)}>
      <p>{ownedText("give.sure", words)}</p>
      <button ref={no} type="button" onClick={props.onNo}>
        {ownedText("give.no")}
      </button>
      <button type="button" class="primary" disabled={props.busy} onClick={props.onYes}>
        {ownedText("give.yes")}
      </button>
    </div>
  );
}

export function Giving(props: { client: Client; thing: Thing; onGiven: () => void; onDone: () => void; onProblem: (error: unknown) => void }) {
  const { client, thing } = props;
  const [person, setPerson] = useState<Person | null>(null);
  const [busy, setBusy] = useState(false);
  if (!person)
    return (
      <Choose
        {...(thing.log_host ? { about: giftText("give.guest") } : {})}
        onChoose={(chosen) => {
          setPerson(chosen);
          return Promise.resolve(false);
        }}
        onDone={props.onDone}
      />
    );
  const give = () => {
    setBusy(true);
    client
      .call("title.transfer", { asset: thing.asset, visitor: person.visitor ?? "" })
      .then(() => {
        state.notify(ownedText("given", { thing: thingName(thing), name: person.name }));
        props.onGiven();
      }, props.onProblem)
      .finally(props.onDone);
  };
  return <Sure thing={thing} person={person} busy={busy} onYes={give} onNo={props.onDone} />;
}
