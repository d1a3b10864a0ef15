// Before something is signed: what it means, and the ways to open the key. The key is open for this one act.

import type { Client } from "@manyworlds/sdk";
import { type ComponentChildren } from "preact";
import { useEffect, useLayoutEffect, useRef, useState } from "preact/hooks";
import * as state from "../state.ts";
import { FileButton } from "../ui/file-button.tsx";
import { NotAsAsked } from "./forms.ts";
import { askPasskey, DoesNotOpen, openByCode, openByPasskey, type OpenKey, plainCode, readKeyFile } from "./key.ts";
import type { TitleKey } from "./moving.ts";
import { heldText } from "./texts.ts";
import "./held.css";


/** In words; empty where somebody has closed the passkey dialogue. */
export function wordsOf(error: unknown): string {
  if (error instanceof DoesNotOpen) return heldText("wrong");
  if (error instanceof NotAsAsked) return heldText("not_as_asked", { what: error.message });
  if (error instanceof DOMException && (error.name === "NotAllowedError" || error.name === "AbortError")) return "";
  return state.errorText(error);
}

async function byPasskey(key: TitleKey): Promise<OpenKey | null> {
  const ways = key.wrappings.filter((one) => one.passkey);
  const { passkey, secret } = await askPasskey(ways.map((one) => one.passkey), key.host);
  const way = ways.find((one) => one.passkey === passkey);
  return secret && way ? openByPasskey(way, secret, key, key.key ?? "") : null;
}

/** The file holds a wrapping of its own, so that it opens the key whatever the home gives. */
async function byFile(key: TitleKey, picked: File): Promise<OpenKey> {
  const file = readKeyFile(await picked.text());
  if (!file || file.publicKey !== key.key) throw new Error(heldText("code.file.wrong"));
  return openByCode({ passkey: "", wrapped: file.wrapped }, file.code, key, file.publicKey);
}

function Code(props: { busy: boolean; onCode: (code: string) => void; onFile: (file: File) => void }) {
  const [code, setCode] = useState("");
  return (
    <form
      class="stack"
      onSubmit={(event) => {
        event.preventDefault();
        props.onCode(code);
      }}
    >
      <label for="held-code">{heldText("code.label")}</label>
      <input id="held-code" autocomplete="off" autocapitalize="characters" spellcheck={false} maxLength={64} value={code} onInput={(event) => setCode(event.currentTarget.value)} />
      <button type="submit" class="primary" disabled={plainCode(code).length !== 25 || props.busy}>
        {heldText("code.open")}
      </button>
      <FileButton busy={props.busy} onFile={props.onFile}>
        {heldText("code.file")}
      </FileButton>
    </form>
  );
}

interface SignProps {
  client: Client;
  /** What it is called to go on. */
  go: string;
  /** What is signed, in words; nothing yet while the home is asked. */
  children: ComponentChildren;
  ready?: boolean;
  act: (key: OpenKey, about: TitleKey) => Promise<void>;
  onStop: () => void;
}

export function Sign(props: SignProps) {
  const { client } = props;
  const box = useRef<HTMLDivElement>(null);
  const [key, setKey] = useState<TitleKey | null>(null);
  const [code, setCode] = useState(false);
  const [busy, setBusy] = useState(false);
  const [error, setError] = useState("");
  const fail = (reason: unknown) => setError(wordsOf(reason));
  useLayoutEffect(() => box.current?.focus(), []);
  useEffect(() => {
    client.call("title.key", {}).then(setKey, fail);
  }, []);
  const open = (way: (about: TitleKey) => Promise<OpenKey | null>) => {
    if (!key) return;
    setBusy(true);
    setError("");
    way(key)
      .then(async (opened) => {
        if (!opened) {
          setCode(true);
          return setError(heldText("no_prf"));
        }
        try {
          await props.act(opened, key);
        } finally {
          opened.close();
        }
      })
      .catch(fail)
      .finally(() => setBusy(false));
  };
  const passkeys = key?.wrappings.some((one) => one.passkey) ?? false;
  const wrapping = key?.wrappings.find((one) => !one.passkey);
  const ready = props.ready !== false;
  return (
    <div ref={box} class="choose held-sign" role="group" aria-label={props.go} tabIndex={-1}>
      {props.children}
      {key && passkeys && !code && (
        <>
          <button type="button" class="primary" disabled={busy || !ready} onClick={() => open(byPasskey)}>
            {props.go}
          </button>
          <button type="button" disabled={busy} onClick={() => setCode(true)}>
            {heldText("code.use")}
          </button>
        </>
      )}
      {key && ready && (code || !passkeys) && (
        <Code
          busy={busy}
          onCode={(text) => open((about) => openByCode(wrapping ?? { passkey: "", wrapped: "" }, text, about, about.key ?? ""))}
          onFile={(picked) => open((about) => byFile(about, picked))}
        />
      )}
      {error && (
        <p class="error" role="alert">
          {error}
        </p>
      )}
      <button type="button" disabled={busy} onClick={props.onStop}>
        {heldText("stop")}
      </button>
    </div>
  );
}
