// /friends, at home: a page of its own, for who is in a world of another host or in none. No picture.

import { Client, logIn, passkeysWork } from "@manyworlds/sdk";
import { render } from "preact";
import { useEffect, useState } from "preact/hooks";
import { loadCore } from "../core.ts";
import { setLanguage, t } from "../i18n.ts";
import { settings, store, withQuery } from "../settings.ts";
import { errorText } from "../state.ts";
import "../style/base.css";
import "../style/screens.css";
import { Friends } from "./friends.tsx";
import { say } from "./texts.ts";

type View = "asking" | "log_in" | "none" | "friends";

function usePage(client: Client | null) {
  const [view, setView] = useState<View>("asking");
  const [problem, setProblem] = useState("");
  const fail = (error: unknown) => {
    const closed = error instanceof DOMException && error.name === "NotAllowedError";
    if (!closed) setProblem(errorText(error));
  };
  const ask = async (open: Client) => {
    const described = await open.call("account.describe", {});
    setView(described.account ? "friends" : described.available && passkeysWork() ? "log_in" : "none");
  };
  useEffect(() => {
    if (!client) return;
    client.on("state", (state) => {
      if (state.kind === "open") ask(client).catch(fail);
      else if (state.kind === "ended") setProblem(state.detail || state.reason);
    });
    client.start();
  }, [client]);
  return { view, problem, logIn: () => void (client && logIn(client).catch(fail)) };
}

function Heading() {
  return (
    <>
      <h1>{say("page.title")}</h1>
      <p class="about">{say("page.text", { host: location.host })}</p>
    </>
  );
}

function Foot() {
  return (
    <a class="button" href="/">
      {say("page.home", { host: location.host })}
    </a>
  );
}

function Page() {
  const [client, setClient] = useState<Client | null>(null);
  useEffect(() => {
    void loadCore().then((core) => setClient(new Client({ url: location.origin, core, store })));
  }, []);
  const { view, problem, logIn: log } = usePage(client);
  document.title = `${say("title")} · ${location.host}`;
  return (
    <main class="screen page">
      <div class="card" role={problem ? "alert" : undefined}>
        {problem && <p>{problem}</p>}
        {!problem && view === "asking" && <p role="status">{say("asking")}</p>}
        {!problem && view === "none" && <p>{say("page.none")}</p>}
        {!problem && view === "log_in" && (
          <>
            <Heading />
            <p>{say("page.log_in")}</p>
            <button type="button" class="primary" onClick={log}>
              {t("account.log_in")}
            </button>
          </>
        )}
        {!problem && view === "friends" && client && <Friends client={client} heading={<Heading />} foot={<Foot />} />}
      </div>
    </main>
  );
}

settings.value = withQuery(settings.value, new URLSearchParams(location.search));
setLanguage(settings.value.language);
render(<Page />, document.getElementById("friends") as HTMLElement);
