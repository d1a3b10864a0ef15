// To whom something is given: the people who are here, by name.

import type { Person } from "@manyworlds/protocol";
import { useLayoutEffect, useRef } from "preact/hooks";
import { personName } from "../names.ts";
import * as state from "../state.ts";
import { giftText } from "./texts.ts";
import "./gifts.css";

const MOST = 200;

/** `about`: what a guest, who may be on the list, is to expect. */
export default function Choose(props: { about?: string; onChoose: (person: Person) => Promise<boolean>; onDone: () => void }) {
  const box = useRef<HTMLDivElement>(null);
  useLayoutEffect(() => box.current?.querySelector<HTMLElement>("button")?.focus(), []);
  const own = state.world.value?.entity;
  const people = state.people.value
    .filter((person) => person.entity !== own && !person.simulated && person.visitor)
    .toSorted((a, b) => a.name.localeCompare(b.name, undefined, { numeric: true }))
    .slice(0, MOST);
  return (
    <div ref={box} class="choose" role="group" aria-label={giftText("give.to")}>
      <p>{people.length > 0 ? giftText("give.to") : giftText("give.nobody")}</p>
      {people.map((person) => (
        <button
          key={person.entity}
          type="button"
          class="row"
          onClick={() => void props.onChoose(person).then((done) => done && props.onDone())}
        >
          <span class="grow">{personName(person)}</span>
          {person.home && <span class="mark">{person.home}</span>}
        </button>
      ))}
      {people.length > 0 && props.about && <p class="about">{props.about}</p>}
      <button type="button" onClick={props.onDone}>
        {giftText("give.stop")}
      </button>
    </div>
  );
}
