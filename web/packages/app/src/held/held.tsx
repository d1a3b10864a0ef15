// Who keeps the keys of somebody's things, inside the account's panel: holding them oneself, what opens the key, and handing them back.

import type { Calls } from "@manyworlds/protocol";
import { type Client } from "@manyworlds/sdk";
import { useEffect, useLayoutEffect, useRef, useState } from "preact/hooks";
import { thingName } from "../thing-names.ts";
import { askPasskey, type KeyFile, makeCode, OpenKey, type Wrapping } from "./key.ts";
import { keepKey, moveAll, type Moved, type TitleKey } from "./moving.ts";
import { Sign, wordsOf } from "./sign.tsx";
import { heldText } from "./texts.ts";
import "./held.css";

type Passkey = Calls["account.passkeys"]["result"]["passkeys"][number];
type Fresh = { key: OpenKey; code: string; wrappings: Wrapping[] };
type Step = { kind: "start" } | { kind: "hold" } | { kind: "code"; fresh: Fresh } | { kind: "move"; custody: "home" | "holder" } | { kind: "way"; passkey: Passkey };

const labelOf = (passkey: Passkey) => passkey.label || heldText("unnamed");

function save(file: KeyFile): void {
  const url = URL.createObjectURL(new Blob([`${JSON.stringify(file, null, 2)}\n`], { type: "application/json" }));
  const link = document.createElement("a");
  link.href = url;
  link.download = `manyworlds-key-${file.made}.json`;
  link.click();
  setTimeout(() => URL.revokeObjectURL(url), 10_000);
}

/** A fresh key, wrapped by the passkey that is chosen, where it can, and by a code. Nobody has been told of it yet. */
async function makeKey(about: TitleKey, passkeys: readonly Passkey[]): Promise<Fresh> {
  const { passkey, secret } = await askPasskey(passkeys.map((one) => one.id), about.host);
  const key = await OpenKey.fresh();
  const code = makeCode();
  const wrappings = [await key.wrapByCode(code, about)];
  if (secret) wrappings.unshift(await key.wrapByPasskey(passkey, secret, about));
  return { key, code, wrappings };
}

function Counts({ about }: { about: TitleKey }) {
  const words = { host: about.host };
  return (
    <ul class="people">
      {about.held > 0 && <li>{heldText("count.held", { n: about.held })}</li>}
      {about.kept > 0 && <li>{heldText("count.kept", { ...words, n: about.kept })}</li>}
      {about.abroad > 0 && <li>{heldText("count.abroad", { ...words, n: about.abroad })}</li>}
    </ul>
  );
}

/** What opens the key, and which of the passkeys does not yet. */
function Ways(props: { about: TitleKey; passkeys: readonly Passkey[]; onAdd: (passkey: Passkey) => void }) {
  const { about } = props;
  const opens = (passkey: Passkey) => about.wrappings.some((one) => one.passkey === passkey.id);
  return (
    <>
      <h3>{heldText("ways")}</h3>
      <ul class="held-ways">
        {props.passkeys.map((passkey) => (
          <li key={passkey.id}>
            <span class="grow">{heldText(opens(passkey) ? "way.passkey" : "way.no", { label: labelOf(passkey) })}</span>
            {!opens(passkey) && (
              <button type="button" aria-label={heldText("way.add.label", { label: labelOf(passkey) })} onClick={() => props.onAdd(passkey)}>
                {heldText("way.add")}
              </button>
            )}
          </li>
        ))}
        <li>
          <span class="grow">{heldText("way.code")}</span>
        </li>
      </ul>
    </>
  );
}

function Keep(props: { about: TitleKey; fresh: Fresh; busy: boolean; onGo: () => void; onStop: () => void }) {
  const { about, fresh } = props;
  const [kept, setKept] = useState(false);
  const byCode = fresh.wrappings.find((one) => !one.passkey);
  const file = (): KeyFile => ({
    manyworlds: "title-key-1", home: about.host, person: about.person, made: new Date().toISOString().slice(0, 10),
    publicKey: fresh.key.publicKey, code: fresh.code, wrapped: byCode?.wrapped ?? "",
  });
  return (
    <>
      <h3>{heldText("code.title")}</h3>
      <p>{heldText("code.text")}</p>
      <code class="held-code">{fresh.code}</code>
      {fresh.wrappings.length === 1 && <p>{heldText("hold.no_prf")}</p>}
      <button type="button" onClick={() => save(file())}>
        {heldText("code.save")}
      </button>
      <label class="check">
        <input type="checkbox" checked={kept} onChange={(event) => setKept(event.currentTarget.checked)} />
        <span>{heldText("code.kept")}</span>
      </label>
      <button type="button" class="primary" disabled={!kept || props.busy} onClick={props.onGo}>
        {heldText("code.go")}
      </button>
      <button type="button" disabled={props.busy} onClick={props.onStop}>
        {heldText("stop")}
      </button>
    </>
  );
}

function Result({ moved }: { moved: Moved }) {
  return (
    <div role="status">
      <p>{heldText("moved", { n: moved.moved })}</p>
      {moved.stay.length > 0 && (
        <>
          <p>{heldText("stay")}</p>
          <ul>
            {moved.stay.map((one) => (
              <li key={one.asset}>{heldText("stay.one", { thing: thingName(one.thing), why: one.why })}</li>
            ))}
          </ul>
        </>
      )}
    </div>
  );
}

function useHeld(client: Client) {
  const [about, setAbout] = useState<TitleKey | null>(null);
  const [passkeys, setPasskeys] = useState<readonly Passkey[]>([]);
  const [step, setStep] = useState<Step>({ kind: "start" });
  const [moved, setMoved] = useState<Moved | null>(null);
  const [said, setSaid] = useState("");
  const [busy, setBusy] = useState(false);
  const [error, setError] = useState("");
  const fresh = useRef<OpenKey | null>(null);
  const act = (what: () => Promise<void>) => {
    setBusy(true);
    setError("");
    what()
      .catch((reason: unknown) => setError(wordsOf(reason)))
      .finally(() => setBusy(false));
  };
  const closeFresh = () => {
    fresh.current?.close();
    fresh.current = null;
  };
  useEffect(() => {
    act(async () => {
      setAbout(await client.call("title.key", {}));
      setPasskeys((await client.call("account.passkeys", {})).passkeys);
    });
    return closeFresh;
  }, []);
  const go = (next: Step) => {
    if (next.kind !== "code") closeFresh();
    setError("");
    setSaid("");
    setStep(next);
  };
  const finished = (result: Moved) => {
    setMoved(result);
    setAbout(result.state);
    go({ kind: "start" });
  };
  return {
    about, passkeys, step, moved, said, busy, error, go, finished,
    make: (now: TitleKey) =>
      act(async () => {
        const made = await makeKey(now, passkeys);
        fresh.current = made.key;
        go({ kind: "code", fresh: made });
      }),
    hold: (now: TitleKey, made: Fresh) =>
      act(async () => {
        await keepKey(client, made.key, now, made.wrappings);
        finished(await moveAll(client, "holder", made.key));
      }),
    addWay: async (key: OpenKey, now: TitleKey, passkey: Passkey) => {
      const { secret } = await askPasskey([passkey.id], now.host);
      if (!secret) throw new Error(heldText("way.cannot", { label: labelOf(passkey) }));
      const added = await key.wrapByPasskey(passkey.id, secret, now);
      setAbout(await keepKey(client, key, now, [...now.wrappings.filter((one) => one.passkey !== passkey.id), added]));
      go({ kind: "start" });
      setSaid(heldText("way.added", { label: labelOf(passkey) }));
    },
  };
}

function Start(props: { now: ReturnType<typeof useHeld>; about: TitleKey; onBack: () => void }) {
  const { now, about } = props;
  const words = { host: about.host };
  const holds = about.custody === "holder";
  return (
    <>
      <p>{heldText(`who.${about.custody}`, words)}</p>
      <Counts about={about} />
      {now.moved && <Result moved={now.moved} />}
      {now.said && <p role="status">{now.said}</p>}
      {!holds && (
        <button type="button" class="primary" onClick={() => now.go(about.key ? { kind: "move", custody: "holder" } : { kind: "hold" })}>
          {heldText("hold")}
        </button>
      )}
      {!holds && about.key && about.held === 0 && (
        <button type="button" onClick={() => now.go({ kind: "hold" })}>
          {heldText("lost")}
        </button>
      )}
      {holds && about.kept > 0 && (
        <button type="button" class="primary" onClick={() => now.go({ kind: "move", custody: "holder" })}>
          {heldText("take")}
        </button>
      )}
      {about.key && <Ways about={about} passkeys={now.passkeys} onAdd={(passkey) => now.go({ kind: "way", passkey })} />}
      {(holds || about.held > 0) && (
        <button type="button" onClick={() => now.go({ kind: "move", custody: "home" })}>
          {heldText("back_home")}
        </button>
      )}
      <button type="button" onClick={props.onBack}>
        {heldText("back")}
      </button>
    </>
  );
}

export function HeldKeys({ client, onBack }: { client: Client; onBack: () => void }) {
  const now = useHeld(client);
  const { about, step } = now;
  const heading = useRef<HTMLHeadingElement>(null);
  const start = () => now.go({ kind: "start" });
  // The button that led here is gone, and keys would go to the world.
  useLayoutEffect(() => heading.current?.focus(), [step.kind]);
  return (
    <div class="stack kept">
      <h3 ref={heading} tabIndex={-1}>
        {heldText("title")}
      </h3>
      {!about && !now.error && <p class="about">{heldText("asking")}</p>}
      {about && step.kind === "start" && <Start now={now} about={about} onBack={onBack} />}
      {about && step.kind === "hold" && (
        <>
          <p>{heldText("hold.text", { host: about.host })}</p>
          <p>{heldText("hold.risk", { host: about.host })}</p>
          <button type="button" class="primary" disabled={now.busy} onClick={() => now.make(about)}>
            {heldText("hold.go")}
          </button>
          <button type="button" onClick={start}>
            {heldText("stop")}
          </button>
        </>
      )}
      {about && step.kind === "code" && <Keep about={about} fresh={step.fresh} busy={now.busy} onGo={() => now.hold(about, step.fresh)} onStop={start} />}
      {step.kind === "move" && (
        <Sign
          client={client}
          go={heldText(step.custody === "holder" ? "take.go" : "back_home.go")}
          onStop={start}
          act={async (key) => now.finished(await moveAll(client, step.custody, key))}
        >
          <p>{heldText(step.custody === "holder" ? "take.text" : "back_home.text", { host: about?.host ?? "" })}</p>
        </Sign>
      )}
      {step.kind === "way" && (
        <Sign client={client} go={heldText("way.add")} onStop={start} act={(key, at) => now.addWay(key, at, step.passkey)}>
          <p>{heldText("way.add.text", { label: labelOf(step.passkey) })}</p>
        </Sign>
      )}
      {now.error && (
        <p class="error" role="alert">
          {now.error}
        </p>
      )}
      {about === null && (
        <button type="button" onClick={onBack}>
          {heldText("back")}
        </button>
      )}
    </div>
  );
}
