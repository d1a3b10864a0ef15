// /visit, at home: another host asks who somebody is. Shows who asks and what would be told, and takes the answer there. No picture.

import { CallError, type Calls, ErrorCode } from "@manyworlds/protocol";
import { Client, encodeJson, logIn, passkeysWork, readVisitFragment } from "@manyworlds/sdk";
import { render } from "preact";
import { useEffect, useState } from "preact/hooks";
import { carriedText } from "../carried/texts.ts";
import { loadCore } from "../core.ts";
import SignLeases, { type Leases } from "../held/leases.tsx";
import { setLanguage, t } from "../i18n.ts";
import { settings, store, withQuery } from "../settings.ts";
import { errorText } from "../state.ts";
import "../style/base.css";
import "../style/screens.css";
import { LogInFirst, Problem } from "./cards.tsx";
import { chosenBefore, keepChoice, Left, type LeftBehind, nameOf, Things } from "./things.tsx";
import "./visit.css";

type Asked = Calls["travel.asked"]["result"];
type View =
  | { kind: "asking" }
  | { kind: "log_in" }
  | { kind: "ask"; asked: Asked }
  | { kind: "sign"; asked: Asked; remember: boolean; carry: readonly string[] }
  | { kind: "left"; left: readonly LeftBehind[]; names: ReadonlyMap<string, string>; go: () => void }
  | { kind: "problem"; reason: string };

const { challenge } = readVisitFragment(location.hash);
history.replaceState(null, "", location.pathname + location.search);
const asks = challenge as Calls["travel.asked"]["params"]["challenge"] | undefined;

/** Where a guest's way goes on: the page that wants the answer, once the home has found that it is the asker's own. */
const returnTo = () => String((asks as { returnTo?: unknown } | undefined)?.returnTo ?? "");

/** What of this its owner holds the key of, and must sign for. */
const heldOf = (asked: Asked, carry: readonly string[]) => asked.told.carried.filter((thing) => thing.custody === "holder" && carry.includes(thing.asset));

/** Null when the browser is on its way; otherwise what stays at home, to be read first. */
async function answer(client: Client, asked: Asked, remember: boolean, carry: readonly string[], leases: Leases): Promise<View | null> {
  const told = await client.call("travel.answer", { challenge: asks ?? {}, remember, carry: [...carry], leases });
  keepChoice(asked.destination.host, carry);
  const go = () => location.replace(`${told.return_to}#visit=${encodeJson(told.credential)}`);
  if (told.left_behind.length > 0) {
    const names = new Map(asked.told.carried.map((thing) => [thing.asset, nameOf(thing)]));
    return { kind: "left", left: told.left_behind, names, go };
  }
  go();
  return null;
}

function Told(props: { asked: Asked; busy: boolean; onYes: (remember: boolean, carry: readonly string[]) => void }) {
  const { asked, busy } = props;
  const [remember, setRemember] = useState(false);
  const [carry, setCarry] = useState<readonly string[]>(() => chosenBefore(asked));
  const host = asked.destination.host;
  const languages = new Intl.DisplayNames([document.documentElement.lang], { type: "language" });
  return (
    <>
      <h1>{t("visit.title", { host })}</h1>
      <p>{t("visit.text", { host })}</p>
      <dl class="told">
        <dt>{t("visit.name")}</dt>
        <dd>{asked.told.name}</dd>
        <dt>{t("visit.looks")}</dt>
        <dd>{t("visit.looks.text")}</dd>
        {asked.told.figure && (
          <>
            <dt>{carriedText("visit.figure")}</dt>
            <dd>{carriedText("visit.figure.text", { name: asked.told.figure.name || carriedText("visit.figure.nameless") })}</dd>
          </>
        )}
        <dt>{t("visit.language")}</dt>
        <dd>{languages.of(asked.told.language)}</dd>
        <dt>{t("visit.identifier")}</dt>
        <dd>
          <code class="long">{asked.person}</code>
        </dd>
      </dl>
      <Things asked={asked} chosen={carry} onChoose={setCarry} />
      <label class="check remember">
        <input type="checkbox" checked={remember} onChange={(event) => setRemember(event.currentTarget.checked)} />
        <span>{t("visit.remember", { host })}</span>
      </label>
      <div class="actions">
        <a class="button" href={`${returnTo()}#refused=1`}>
          {t("visit.no")}
        </a>
        <button type="button" class="primary" disabled={busy} onClick={() => props.onYes(remember, carry)}>
          {t("visit.yes")}
        </button>
      </div>
    </>
  );
}

function useVisit(client: Client | null) {
  const [view, setView] = useState<View>({ kind: "asking" });
  const [busy, setBusy] = useState(false);
  const act = (what: () => Promise<void>) => {
    setBusy(true);
    what()
      .catch((error: unknown) => {
        const closed = error instanceof DOMException && error.name === "NotAllowedError";
        if (!closed) setView({ kind: "problem", reason: errorText(error) });
      })
      .finally(() => setBusy(false));
  };
  const go = async (open: Client, asked: Asked, remember: boolean, carry: readonly string[], leases: Leases) => {
    const next = await answer(open, asked, remember, carry, leases);
    if (next) setView(next);
  };
  const tell = async (open: Client, asked: Asked, remember: boolean, carry: readonly string[]) => {
    if (heldOf(asked, carry).length > 0) setView({ kind: "sign", asked, remember, carry });
    else await go(open, asked, remember, carry, []);
  };
  const ask = async (open: Client) => {
    try {
      const asked = await open.call("travel.asked", { challenge: asks ?? {} });
      if (asked.remembered) await tell(open, asked, true, chosenBefore(asked));
      else setView({ kind: "ask", asked });
    } catch (error) {
      const guest = (await open.call("account.describe", {})).account === undefined;
      if (guest && error instanceof CallError && error.code === ErrorCode.forbidden && passkeysWork()) setView({ kind: "log_in" });
      else throw error;
    }
  };
  useEffect(() => {
    if (!client) return;
    if (!asks) return setView({ kind: "problem", reason: t("visit.none") });
    client.on("state", (state) => {
      if (state.kind === "open") act(() => ask(client));
      else if (state.kind === "ended") setView({ kind: "problem", reason: state.detail || state.reason });
    });
    client.start();
  }, [client]);
  return { view, busy, act, tell, go, again: (asked: Asked) => setView({ kind: "ask", asked }) };
}

function Page() {
  const [client, setClient] = useState<Client | null>(null);
  useEffect(() => {
    void loadCore().then((core) => setClient(new Client({ url: location.origin, core, store })));
  }, []);
  const { view, busy, act, tell, go, again } = useVisit(client);
  return (
    <main class="screen">
      <div class="card" role={view.kind === "problem" ? "alert" : undefined}>
        {view.kind === "asking" && <p role="status">{t("visit.asking")}</p>}
        {view.kind === "ask" && (
          <Told asked={view.asked} busy={busy} onYes={(remember, carry) => client && act(() => tell(client, view.asked, remember, carry))} />
        )}
        {view.kind === "sign" && client && (
          <SignLeases
            client={client}
            challenge={asks ?? {}}
            destination={view.asked.destination}
            things={heldOf(view.asked, view.carry)}
            nameOf={nameOf}
            go={(leases) => go(client, view.asked, view.remember, view.carry, leases)}
            onStop={() => again(view.asked)}
          />
        )}
        {view.kind === "left" && <Left left={view.left} names={view.names} onGo={view.go} />}
        {view.kind === "log_in" && <LogInFirst text={t("visit.log_in")} busy={busy} onGo={() => client && act(async () => void (await logIn(client)))} />}
        {view.kind === "problem" && <Problem title={t("visit.problem")} reason={view.reason} home={t("visit.home")} />}
      </div>
    </main>
  );
}

settings.value = withQuery(settings.value, new URLSearchParams(location.search));
setLanguage(settings.value.language);
render(<Page />, document.getElementById("visit") as HTMLElement);
