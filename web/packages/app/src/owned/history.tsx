// The history of a thing, as its log proves it; asked for when somebody opens it.

import { CallError, type Calls, ErrorCode } from "@manyworlds/protocol";
import type { Client } from "@manyworlds/sdk";
import { useState } from "preact/hooks";
import { custodyOf } from "../held/custody.ts";
import * as state from "../state.ts";
import { type OwnedKey, ownedText } from "./texts.ts";
import "./owned.css";

type Shown = Calls["title.show"]["result"];

export function History(props: { client: Client; asset: string }) {
  const [shown, setShown] = useState<Shown | null>(null);
  const [error, setError] = useState("");
  const load = () => {
    if (shown) return;
    props.client.call("title.show", { asset: props.asset }).then(setShown, (reason: unknown) => {
      const later = reason instanceof CallError && reason.code === ErrorCode.unavailable;
      setError(later ? ownedText("history.later") : state.errorText(reason));
    });
  };
  return (
    <details onToggle={(event) => event.currentTarget.open && load()}>
      <summary>{ownedText("history")}</summary>
      {error && <p class="about">{error}</p>}
      <ol class="history">
        {shown?.history.map((step) => (
          <li key={step.index}>
            <span>{ownedText(`history.${step.kind}` as OwnedKey)}</span>
            <code class="long">{step.owner}</code>
            <span class="source">{ownedText("history.step", { index: step.index, proof: step.inclusion.length })}</span>
          </li>
        ))}
      </ol>
      {shown && (
        <p class="about">
          {custodyOf(shown, location.host)} {ownedText("history.proof")}
        </p>
      )}
    </details>
  );
}
