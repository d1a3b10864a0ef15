// To whom something is given: the people who are here, by name.

import type { Person } from "@manyworlds/protocol";
import { useLayoutEffect, useRef } from "preact/hooks";
import { personName } from "../names.ts";
import * as state from "../state.ts";
import { giftText } from "./texts.ts";
import "./gifts.css";

const MOST = 200;

interface Props {
  /** What a guest, who may be on the list, is to expect. */
  about?: string;
  /** Instead of the words for giving. */
  question?: string;
  stop?: string;
  /** Only those who come from no other home. */
  here?: boolean;
  onChoose: (person: Person) => Promise<boolean>;
  onDone: () => void;
}

export default function Choose(props: Props) {
  const box = useRef<HTMLDivElement>(null);
  useLayoutEffect(() => box.current?.querySelector<HTMLElement>("button")?.focus(), []);
  const own = state.world.value?.entity;
  const people = state.people.value
    .filter((person) => person.entity !== own && !person.simulated && person.visitor && !(props.here && person.home))
    .toSorted((a, b) => a.name.localeCompare(b.name, undefined, { numeric: true }))
    .slice(0, MOST);
  const question = props.question ?? giftText("give.to");
  return (
    <div ref={box} class="choose" role="group" aria-label={question}>
      <p>{people.length > 0 ? question : giftText("give.nobody")}</p>
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
        {props.stop ?? giftText("give.stop")}
      </button>
    </div>
  );
}
