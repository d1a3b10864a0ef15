// /give, at home: a thing of somebody's is to be somebody else's. Shows what and to whom, as the other's own home names them, and
// gives it when its owner says so. A world elsewhere leads here, and can do no more than that.

import type { Calls } from "@manyworlds/protocol";
import { Client, logIn, passkeysWork } from "@manyworlds/sdk";
import { render } from "preact";
import { useEffect, useState } from "preact/hooks";
import { loadCore } from "../core.ts";
import { custodyOf } from "../held/custody.ts";
import SignGift from "../held/gift.tsx";
import { setLanguage } from "../i18n.ts";
import { settings, store, withQuery } from "../settings.ts";
import { errorText } from "../state.ts";
import { LogInFirst, Problem } from "../visit/cards.tsx";
import { nameOf } from "../visit/things.tsx";
import { giveText } from "./texts.ts";
import "../style/base.css";
import "../style/screens.css";
import "../visit/visit.css";

type Thing = Calls["title.mine"]["result"]["things"][number];
type Person = Calls["title.recipient"]["result"];
type View =
  | { kind: "asking" }
  | { kind: "log_in" }
  | { kind: "ask"; thing: Thing; person: Person }
  | { kind: "done" | "kept"; thing: Thing; person: Person }
  | { kind: "problem"; reason: string };

const told = new URLSearchParams(location.hash.replace(/^#/, ""));
history.replaceState(null, "", location.pathname + location.search);
const asset = told.get("asset") ?? "";
const to = told.get("to") ?? "";

function Ask(props: { client: Client | null; thing: Thing; person: Person; busy: boolean; onYes: () => void; onNo: () => void; onGiven: () => void }) {
  const { thing, person } = props;
  const signs = thing.custody === "holder";
  return (
    <>
      <h1>{giveText("title", { thing: nameOf(thing), name: person.name })}</h1>
      <p>{giveText("text", { host: thing.log_host ?? location.host })}</p>
      <dl class="told">
        <dt>{giveText("thing")}</dt>
        <dd>
          {nameOf(thing)} <span class="about">{custodyOf(thing, location.host)}</span>
        </dd>
        <dt>{giveText("to")}</dt>
        <dd>{giveText("of", { name: person.name, home: person.home })}</dd>
        <dt>{giveText("identifier")}</dt>
        <dd>
          <code class="long">{person.person}</code>
        </dd>
      </dl>
      <p class="about">{giveText("asked")}</p>
      {signs && props.client && (
        <SignGift client={props.client} asset={thing.asset} to={{ person: person.person }} onGiven={props.onGiven} onStop={props.onNo} />
      )}
      {!signs && (
        <div class="actions">
          <button type="button" onClick={props.onNo}>
            {giveText("no")}
          </button>
          <button type="button" class="primary" disabled={props.busy} onClick={props.onYes}>
            {giveText("yes")}
          </button>
        </div>
      )}
    </>
  );
}

function Ended({ view }: { view: Extract<View, { kind: "done" | "kept" }> }) {
  const words = { thing: nameOf(view.thing), name: view.person.name };
  return (
    <>
      <h1>{giveText(view.kind, words)}</h1>
      {view.kind === "done" && <p>{giveText("done.text")}</p>}
      <div class="actions">
        <button type="button" class="primary" onClick={() => window.close()}>
          {giveText("close")}
        </button>
      </div>
    </>
  );
}

function useGiving(client: Client | null) {
  const [view, setView] = useState<View>({ kind: "asking" });
  const [busy, setBusy] = useState(false);
  const problem = (reason: string) => setView({ kind: "problem", reason });
  const act = (what: () => Promise<void>) => {
    setBusy(true);
    what()
      .catch((error: unknown) => {
        if (!(error instanceof DOMException && error.name === "NotAllowedError")) problem(errorText(error));
      })
      .finally(() => setBusy(false));
  };
  const ask = async (open: Client) => {
    if ((await open.call("account.describe", {})).account === undefined && passkeysWork()) return setView({ kind: "log_in" });
    const thing = (await open.call("title.mine", {})).things.find((one) => one.asset === asset);
    if (!thing) return problem(giveText("not_yours"));
    setView({ kind: "ask", thing, person: await open.call("title.recipient", { asset, person: to }) });
  };
  const given = (thing: Thing, person: Person) => setView({ kind: "done", thing, person });
  const give = async (open: Client, thing: Thing, person: Person) => {
    await open.call("title.transfer", { asset, person: person.person });
    given(thing, person);
  };
  useEffect(() => {
    if (!client) return;
    if (!asset || !to) return problem(giveText("none"));
    client.on("state", (state) => {
      if (state.kind === "open") act(() => ask(client));
      else if (state.kind === "ended") problem(state.detail || state.reason);
    });
    client.start();
  }, [client]);
  return { view, busy, act, give, given, keep: (thing: Thing, person: Person) => setView({ kind: "kept", thing, person }) };
}

function Page() {
  const [client, setClient] = useState<Client | null>(null);
  useEffect(() => {
    void loadCore().then((core) => setClient(new Client({ url: location.origin, core, store })));
  }, []);
  const { view, busy, act, give, given, keep } = useGiving(client);
  return (
    <main class="screen">
      <div class="card" role={view.kind === "problem" ? "alert" : "status"}>
        {view.kind === "asking" && <p>{giveText("asking")}</p>}
        {view.kind === "log_in" && <LogInFirst text={giveText("log_in")} busy={busy} onGo={() => client && act(async () => void (await logIn(client)))} />}
        {view.kind === "ask" && (
          <Ask
            client={client}
            onGiven={() => given(view.thing, view.person)}
            thing={view.thing}
            person={view.person}
            busy={busy}
            onNo={() => keep(view.thing, view.person)}
            onYes={() => client && act(() => give(client, view.thing, view.person))}
          />
        )}
        {(view.kind === "done" || view.kind === "kept") && <Ended view={view} />}
        {view.kind === "problem" && <Problem title={giveText("problem")} reason={view.reason} home={giveText("home")} />}
      </div>
    </main>
  );
}

settings.value = withQuery(settings.value, new URLSearchParams(location.search));
setLanguage(settings.value.language);
render(<Page />, document.getElementById("give") as HTMLElement);
