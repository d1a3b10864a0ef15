// Being at home here: an account with passkeys, its recovery file, further devices. A guest needs none of it.

import type { Account, Calls } from "@manyworlds/protocol";
import { logIn, makeRecoveryFile, passkeysWork, readRecoveryFile, recover, type RecoveryFile, register } from "@manyworlds/sdk";
import { lazy, Suspense } from "preact/compat";
import { useEffect, useState } from "preact/hooks";
import { dayOf, t } from "../i18n.ts";
import { say } from "../kept/texts.ts";
import { ownedText } from "../owned/texts.ts";
import { store } from "../settings.ts";
import * as state from "../state.ts";
import { session } from "../ui/context.ts";
import { FileButton } from "../ui/file-button.tsx";
import { OpenWardrobe } from "../ui/name.tsx";
import { Panel } from "../ui/parts.tsx";
import { accountText } from "./texts.ts";

const RememberedHosts = lazy(() => import("../kept/kept.tsx").then((module) => module.RememberedHosts));
const OwnedThings = lazy(() => import("../owned/owned.tsx").then((module) => module.OwnedThings));
const Friends = lazy(() => import("../friends/friends.tsx").then((module) => module.Friends));
const Elsewhere = lazy(() => import("../elsewhere/elsewhere.tsx").then((module) => module.Elsewhere));
const LearnedHere = lazy(() => import("../kept/kept.tsx").then((module) => module.LearnedHere));

type Described = Calls["account.describe"]["result"];
type Passkey = Calls["account.passkeys"]["result"]["passkeys"][number];

/** What the person is about: nothing yet, keeping a file before something is done with it, typing a code, seeing what travel keeps. */
type Step =
  | { kind: "start" }
  | { kind: "keep"; file: RecoveryFile; used: RecoveryFile | null }
  | { kind: "code" }
  | { kind: "kept" }
  | { kind: "owned" }
  | { kind: "friends" };

function client() {
  const there = session.value?.client;
  if (!there) throw new Error("no session");
  return there;
}

/** The passkey dialogue says no by an error of the browser's own, which is no failure: somebody has closed it. */
function closedByPerson(error: unknown): boolean {
  return error instanceof DOMException && (error.name === "NotAllowedError" || error.name === "AbortError");
}

function save(file: RecoveryFile): void {
  const url = URL.createObjectURL(new Blob([`${JSON.stringify(file, null, 2)}\n`], { type: "application/json" }));
  const link = document.createElement("a");
  link.href = url;
  link.download = `manyworlds-recovery-${file.made}.json`;
  link.click();
  setTimeout(() => URL.revokeObjectURL(url), 10_000);
}

/** The account's own name counts from now on, not the one that this browser kept for its guest. */
function loggedIn(): void {
  store.remove("manyworlds.name");
  state.notify(accountText("logged_in"));
}

function Keep(props: { file: RecoveryFile; used: RecoveryFile | null; busy: boolean; onGo: () => void; onStop: () => void }) {
  const [saved, setSaved] = useState(false);
  const [kept, setKept] = useState(false);
  return (
    <div class="stack">
      <h3>{accountText("file.title")}</h3>
      <p>{props.used ? accountText("file.next") : accountText("file.text")}</p>
      <button
        type="button"
        class={saved ? "" : "primary"}
        data-first
        onClick={() => {
          save(props.file);
          setSaved(true);
        }}
      >
        {accountText("file.save")}
      </button>
      <label class="check">
        <input type="checkbox" checked={kept} disabled={!saved} onChange={(event) => setKept(event.currentTarget.checked)} />
        <span>{accountText("file.kept")}</span>
      </label>
      <button type="button" class="primary" disabled={!kept || props.busy} onClick={props.onGo}>
        {props.used ? accountText("recover.go") : accountText("passkey.make")}
      </button>
      <button type="button" onClick={props.onStop}>
        {accountText("back")}
      </button>
    </div>
  );
}

function Code(props: { busy: boolean; onCode: (code: string) => void; onStop: () => void }) {
  const [code, setCode] = useState("");
  return (
    <form
      class="stack"
      onSubmit={(event) => {
        event.preventDefault();
        props.onCode(code);
      }}
    >
      <label for="account-code">{accountText("code.label")}</label>
      <input id="account-code" data-first autocomplete="one-time-code" autocapitalize="characters" spellcheck={false} maxLength={16} value={code} onInput={(event) => setCode(event.currentTarget.value)} />
      <button type="submit" class="primary" disabled={code.trim().length < 10 || props.busy}>
        {accountText("passkey.make")}
      </button>
      <button type="button" onClick={props.onStop}>
        {accountText("back")}
      </button>
    </form>
  );
}

function Guest(props: { busy: boolean; onCreate: () => void; onLogIn: () => void; onCode: () => void; onFile: (file: File) => void }) {
  return (
    <div class="stack">
      <p>{accountText("guest")}</p>
      <button type="button" class="primary" data-first disabled={props.busy} onClick={props.onCreate}>
        {accountText("create")}
      </button>
      <button type="button" disabled={props.busy} onClick={props.onLogIn}>
        {t("account.log_in")}
      </button>
      <button type="button" disabled={props.busy} onClick={props.onCode}>
        {accountText("have_code")}
      </button>
      <FileButton busy={props.busy} onFile={props.onFile}>
        {accountText("have_file")}
      </FileButton>
      <Suspense fallback={null}>
        <Elsewhere />
      </Suspense>
    </div>
  );
}

function Passkeys(props: { list: readonly Passkey[]; onRemove: (id: string) => void }) {
  return (
    <ul class="people">
      {props.list.map((passkey) => {
        const label = passkey.label || accountText("passkey.unnamed");
        return (
          <li key={passkey.id}>
            <span class="name grow">
              {label} · {dayOf(passkey.created_ms)}
            </span>
            {props.list.length > 1 && (
              <button type="button" class="danger" aria-label={accountText("passkey.remove", { label })} onClick={() => props.onRemove(passkey.id)}>
                {accountText("passkey.remove.short")}
              </button>
            )}
          </li>
        );
      })}
    </ul>
  );
}

/** Tokens of other browsers end; this one goes on with a newer one. */
function Others(props: { busy: boolean; act: (what: () => Promise<void>) => void }) {
  const [sure, setSure] = useState(false);
  if (!sure)
    return (
      <button type="button" onClick={() => setSure(true)}>
        {say("others.open")}
      </button>
    );
  return (
    <div class="stack" role="group" aria-label={say("others.open")}>
      <p>{say("others.text")}</p>
      <button
        type="button"
        class="danger"
        ref={(button) => button?.focus()}
        disabled={props.busy}
        onClick={() =>
          props.act(async () => {
            client().keep((await client().call("account.end_others", {})).resume);
            state.notify(say("others.done"));
            setSure(false);
          })
        }
      >
        {say("others.yes")}
      </button>
      <button type="button" onClick={() => setSure(false)}>
        {say("others.no")}
      </button>
    </div>
  );
}

/** As identifiers have it: a name under localhost is this machine, and has no certificate. */
function homeOrigin(home: string): string {
  const local = /(^|\.)localhost(:|$)/.test(home);
  return `${local ? "http" : "https"}://${home}`;
}

/** Somebody whose home is another host. Their friends are kept there, and this page does not get them. */
function Away(props: { home: string; onKept: () => void }) {
  return (
    <div class="stack">
      <p>{say("away.text", { home: props.home })}</p>
      <button type="button" onClick={props.onKept}>
        {say("away.open")}
      </button>
      <a class="button" href={`${homeOrigin(props.home)}/friends`} target="_blank" rel="noopener">
        {say("friends.away", { home: props.home })}
      </a>
      <LogOut />
    </div>
  );
}

function LogOut() {
  return (
    <button
      type="button"
      onClick={() => {
        store.remove("manyworlds.name");
        client().forget();
        state.panel.value = null;
      }}
    >
      {accountText("log_out")}
    </button>
  );
}

interface HomeProps {
  account: Account;
  passkeys: readonly Passkey[];
  busy: boolean;
  act: (what: () => Promise<void>) => void;
  refresh: () => Promise<void>;
  onKept: () => void;
  onOwned: () => void;
  onFriends: () => void;
}

function Home(props: HomeProps) {
  const [code, setCode] = useState("");
  const { act, refresh } = props;
  return (
    <div class="stack">
      <p>{accountText("home", { host: location.host })}</p>
      <details>
        <summary>{accountText("did")}</summary>
        <code class="long">{props.account.did}</code>
      </details>
      <h3>{accountText("passkeys")}</h3>
      {props.passkeys.length === 0 && (
        <p class="error" role="alert">
          {accountText("passkeys.none")}
        </p>
      )}
      <Passkeys
        list={props.passkeys}
        onRemove={(id) =>
          act(async () => {
            await client().call("account.passkey.remove", { id });
            await refresh();
          })
        }
      />
      <button
        type="button"
        class={props.passkeys.length === 0 ? "primary" : ""}
        disabled={props.busy}
        onClick={() =>
          act(async () => {
            await register(client(), { label: deviceName() });
            await refresh();
          })
        }
      >
        {accountText("passkey.add")}
      </button>
      <button
        type="button"
        disabled={props.busy}
        onClick={() =>
          act(async () => {
            setCode((await client().call("account.invite", {})).code);
          })
        }
      >
        {accountText("invite")}
      </button>
      {code && (
        <p role="status">
          {accountText("invite.text")} <strong class="code">{`${code.slice(0, 5)}-${code.slice(5)}`}</strong>
        </p>
      )}
      <OpenWardrobe />
      <button type="button" onClick={props.onOwned}>
        {ownedText("open")}
      </button>
      <button type="button" onClick={props.onFriends}>
        {say("friends.open")}
      </button>
      <button type="button" onClick={props.onKept}>
        {say("home.open")}
      </button>
      <LogOut />
      <Others busy={props.busy} act={act} />
    </div>
  );
}

/** What the passkey is called at first: a word for this machine. */
function deviceName(): string {
  const agent = navigator.userAgent;
  const known = [["iPhone", "iPhone"], ["iPad", "iPad"], ["Android", "Android"], ["Windows", "Windows"], ["Mac OS", "Mac"], ["Linux", "Linux"]] as const;
  return known.find(([part]) => agent.includes(part))?.[1] ?? "";
}

/** What the panel knows and does. */
function useAccount() {
  const [described, setDescribed] = useState<Described | null>(null);
  const [passkeys, setPasskeys] = useState<readonly Passkey[]>([]);
  const [step, setStep] = useState<Step>({ kind: "start" });
  const [busy, setBusy] = useState(false);
  const [error, setError] = useState("");
  const refresh = async () => {
    const now = await client().call("account.describe", {});
    setPasskeys(now.account ? (await client().call("account.passkeys", {})).passkeys : []);
    state.home.value = now.account && now.origin === location.origin ? location.host : (state.visitor.value?.home ?? null);
    setDescribed(now);
  };
  const visitor = state.visitor.value?.id;
  const linked = state.link.value.kind === "open";
  useEffect(() => {
    if (linked) refresh().catch((reason: unknown) => setError(state.errorText(reason)));
  }, [visitor, linked]);
  const act = (what: () => Promise<void>) => {
    setBusy(true);
    setError("");
    what()
      .catch((reason: unknown) => setError(closedByPerson(reason) ? accountText("closed") : state.errorText(reason)))
      .finally(() => setBusy(false));
  };
  const home = described?.origin ?? location.origin;
  const freshFile = async (used: RecoveryFile | null) =>
    setStep({ kind: "keep", used, file: await makeRecoveryFile(home, state.visitor.value?.name ?? "") });
  return {
    described, passkeys, step, setStep, busy, error, refresh, act,
    create: () => act(() => freshFile(null)),
    /** The file is kept: the account is made, or taken back. */
    go: (file: RecoveryFile, used: RecoveryFile | null) =>
      act(async () => {
        if (used) {
          await recover(client(), used, file);
          loggedIn();
        } else {
          await register(client(), { recovery: file, label: deviceName() });
          state.notify(accountText("created"));
          await refresh();
        }
        setStep({ kind: "start" });
      }),
    takeFile: (picked: File) =>
      act(async () => {
        const file = readRecoveryFile(await picked.text());
        if (!file) return setError(accountText("file.wrong"));
        if (file.home !== home) return setError(accountText("file.elsewhere", { host: file.home }));
        await freshFile(file);
      }),
    takeCode: (code: string) =>
      act(async () => {
        await register(client(), { code, label: deviceName() });
        loggedIn();
        setStep({ kind: "start" });
      }),
    logIn: () =>
      act(async () => {
        await logIn(client());
        loggedIn();
      }),
  };
}

function Body(props: { now: ReturnType<typeof useAccount> }) {
  const { described, step, busy, ...now } = props.now;
  const back = () => now.setStep({ kind: "start" });
  const keep = () => now.setStep({ kind: "kept" });
  const elsewhere = state.visitor.value?.home;
  if (!described) return <p class="about">{accountText("asking")}</p>;
  if (elsewhere && !described.account) {
    if (step.kind !== "kept") return <Away home={elsewhere} onKept={keep} />;
    return <LearnedHere client={client()} home={elsewhere} onBack={back} onForgotten={back} />;
  }
  if (!described.available) return <p>{accountText("unavailable")}</p>;
  if (described.origin !== location.origin)
    return (
      <p>
        {accountText("other_name")} <a href={described.origin + location.pathname}>{described.origin}</a>
      </p>
    );
  if (!passkeysWork()) return <p>{accountText("no_passkeys")}</p>;
  if (step.kind === "keep") return <Keep file={step.file} used={step.used} busy={busy} onGo={() => now.go(step.file, step.used)} onStop={back} />;
  if (step.kind === "code") return <Code busy={busy} onStop={back} onCode={now.takeCode} />;
  if (described.account && step.kind === "friends")
    return (
      <Friends
        client={client()}
        foot={
          <button type="button" onClick={back}>
            {accountText("back")}
          </button>
        }
      />
    );
  if (described.account && step.kind === "kept") return <RememberedHosts client={client()} onBack={back} />;
  if (described.account && step.kind === "owned") return <OwnedThings client={client()} onBack={back} />;
  if (described.account) return <Home account={described.account} passkeys={now.passkeys} busy={busy} act={now.act} refresh={now.refresh} onKept={keep} onOwned={() => now.setStep({ kind: "owned" })} onFriends={() => now.setStep({ kind: "friends" })} />;
  return <Guest busy={busy} onCreate={now.create} onLogIn={now.logIn} onCode={() => now.setStep({ kind: "code" })} onFile={now.takeFile} />;
}

export default function AccountPanel() {
  const now = useAccount();
  return (
    <Panel id="account" title={t("account.title")} class="right">
      <Suspense fallback={<p class="about">{accountText("asking")}</p>}>
        <Body now={now} />
      </Suspense>
      {now.error && (
        <p class="error" role="alert">
          {now.error}
        </p>
      )}
    </Panel>
  );
}
