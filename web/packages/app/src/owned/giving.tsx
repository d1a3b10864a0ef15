// A thing of one's own, given at home to somebody who is there: to whom, and a second yes.

import type { Calls, Person } from "@manyworlds/protocol";
import type { Client } from "@manyworlds/sdk";
import { lazy, Suspense } from "preact/compat";
import { useLayoutEffect, useRef, useState } from "preact/hooks";
import Choose from "../gifts/choose.tsx";
import { giftText } from "../gifts/texts.ts";
import * as state from "../state.ts";
import { thingName } from "../thing-names.ts";
import { ownedText } from "./texts.ts";

const SignGift = lazy(() => import("../held/gift.tsx"));

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
  const visitor = person.visitor ?? "";
  const given = () => {
    state.notify(ownedText("given", { thing: thingName(thing), name: person.name }));
    props.onGiven();
  };
  if (thing.custody === "holder")
    return (
      <Suspense fallback={null}>
        <SignGift
          client={client}
          asset={thing.asset}
          to={{ visitor }}
          onGiven={() => {
            given();
            props.onDone();
          }}
          onStop={props.onDone}
        />
      </Suspense>
    );
  const give = () => {
    setBusy(true);
    client.call("title.transfer", { asset: thing.asset, visitor }).then(given, props.onProblem).finally(props.onDone);
  };
  return <Sure thing={thing} person={person} busy={busy} onYes={give} onNo={props.onDone} />;
}
