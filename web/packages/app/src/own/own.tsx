// One's own figures: bringing a file, reading what it costs others and what its licence says, wearing it. The live picture beside it
// shows the one that is looked at.

import type { Avatar } from "@manyworlds/protocol";
import type { MirrorView } from "@manyworlds/scene";
import { useEffect, useRef, useState } from "preact/hooks";
import * as state from "../state.ts";
import { session } from "../ui/context.ts";
import { Icon } from "../ui/icons.tsx";
import { Switch } from "../ui/parts.tsx";
import { Options } from "../wardrobe/parts.tsx";
import { type Brought, bring } from "./bring.ts";
import { refusal } from "./refusal.ts";
import { say, type OwnKey } from "./texts.ts";
import "./own.css";

type Right = "author" | "licensed" | "free";
interface Kept {
  avatars: readonly Avatar[];
  most: number;
  most_bytes: number;
  uploads: boolean;
  worn?: string;
}

const megabytes = (bytes: number): number => Math.round((bytes / 1048576) * 10) / 10;
const moves = [0, 1, 2, 5, 6, 7, 4] as const;

function titleOf(avatar: Avatar): string {
  return avatar.licence.name || say("untitled", { n: avatar.hash.slice(0, 4) });
}

function reasonOf({ measure, value, allowed }: Avatar["reasons"][number]): string {
  const large = measure.endsWith("bytes");
  const shown = (n: number) => (large ? megabytes(n) : n).toLocaleString();
  return say("over", { measure: say(`measure.${measure}` as OwnKey), value: shown(value), allowed: shown(allowed) });
}

function Badge({ avatar }: { avatar: Avatar }) {
  return (
    <span class={`rank ${avatar.rank}`} title={say("rank")}>
      {say(`rank.${avatar.rank}`)}
    </span>
  );
}

/** What it is, what it costs, what its licence says. */
function About({ avatar }: { avatar: Avatar }) {
  const { licence, cost } = avatar;
  const height = avatar.height.toFixed(2);
  const permission = (of: "redistribution" | "modification" | "commercial") => (
    <>
      <dt>{say(`licence.${of}`)}</dt>
      <dd>{say(`licence.permission.${licence[of]}`)}</dd>
    </>
  );
  return (
    <>
      <p class="facts">{say("facts", { triangles: (cost.triangles ?? 0).toLocaleString(), height })}</p>
      {(avatar.reasons.length > 0 || avatar.rank === "poor" || avatar.resized || avatar.levels.length < 2) && (
        <ul class="reasons">
          {avatar.reasons.map((reason) => (
            <li key={reason.measure}>{reasonOf(reason)}</li>
          ))}
          {avatar.rank === "poor" && <li>{say("rank.poor.about")}</li>}
          {avatar.resized && <li>{say("resized", { height })}</li>}
          {avatar.levels.length < 2 && <li>{say("no.levels")}</li>}
        </ul>
      )}
      <h3>{say("licence")}</h3>
      <dl class="licence">
        <dt>{say("licence.wearer")}</dt>
        <dd>{say(`licence.wearer.${licence.wearer}`)}</dd>
        {permission("redistribution")}
        {permission("modification")}
        {permission("commercial")}
      </dl>
      {licence.credit && <p class="about">{say("licence.credit")}</p>}
      {licence.redistribution === "no" && <p class="about">{say("licence.sent")}</p>}
      {licence.url && (
        <p>
          <a href={licence.url} target="_blank" rel="noreferrer noopener">
            {say("licence.read")}
          </a>
        </p>
      )}
    </>
  );
}

/** What was brought and is not kept yet. */
function Pending(props: { brought: Brought; busy: boolean; onKeep: (right: Right) => void; onDiscard: () => void }) {
  const { about } = props.brought;
  const { wearer } = about.licence;
  const right: Right = wearer === "only_author" ? "author" : wearer === "licensed" ? "licensed" : "free";
  const [sure, setSure] = useState(wearer === "everyone");
  return (
    <section class="figure pending" aria-label={titleOf(about)}>
      <h3>
        {titleOf(about)} <Badge avatar={about} />
      </h3>
      {about.licence.authors.length > 0 && <p class="about">{say("by", { names: about.licence.authors.join(", ") })}</p>}
      <About avatar={about} />
      {wearer !== "everyone" && <Switch label={say(`right.${right}`)} on={sure} onChange={setSure} />}
      <div class="row-of-two">
        <button type="button" onClick={props.onDiscard}>
          {say("discard")}
        </button>
        <button type="button" class="primary" disabled={!sure || props.busy} onClick={() => props.onKeep(right)}>
          {say("keep")}
        </button>
      </div>
    </section>
  );
}

function Drop(props: { most: number; onFile: (file: File) => void }) {
  const [over, setOver] = useState(false);
  const take = (files: FileList | null | undefined) => files?.[0] && props.onFile(files[0]);
  return (
    <label
      class={over ? "drop over" : "drop"}
      onDragOver={(event) => {
        event.preventDefault();
        setOver(true);
      }}
      onDragLeave={() => setOver(false)}
      onDrop={(event) => {
        event.preventDefault();
        setOver(false);
        take(event.dataTransfer?.files);
      }}
    >
      <svg class="icon" viewBox="0 0 24 24" aria-hidden="true" focusable="false">
        <path d="M12 16V5m0 0L7.500 9.500M12 5l4.500 4.500M5 16v2a2 2 0 0 0 2 2h10a2 2 0 0 0 2-2v-2" />
      </svg>
      <span>{say("drop")}</span>
      <small>{say("drop.about", { n: megabytes(props.most) })}</small>
      <input
        type="file"
        accept=".vrm,.glb"
        onChange={(event) => {
          take(event.currentTarget.files);
          event.currentTarget.value = "";
        }}
      />
    </label>
  );
}

function client() {
  const there = session.value?.client;
  if (!there) throw new Error("no session");
  return there;
}

/** Everything that is asked of the host; what fails is said in the panel. */
function useOwn() {
  const [kept, setKept] = useState<Kept | null>(null);
  const [brought, setBrought] = useState<Brought | null>(null);
  const [share, setShare] = useState<{ name: string; share: number } | null>(null);
  const [busy, setBusy] = useState(false);
  const [error, setError] = useState("");
  const refresh = async () => setKept(await client().call("avatar.list", {}));
  const run = (what: () => Promise<void>) => {
    setBusy(true);
    setError("");
    what()
      .catch((reason: unknown) => setError(state.errorText(reason)))
      .finally(() => setBusy(false));
  };
  useEffect(() => run(refresh), []);
  const wear = async (hash?: string) => {
    state.visitor.value = await client().call("avatar.wear", hash ? { hash } : {});
    await refresh();
  };
  return {
    kept, brought, share, busy, error,
    take: (file: File) => {
      if (!/\.(vrm|glb)$/i.test(file.name)) return setError(say("refused", { reason: say("not.figure") }));
      const most = kept?.most_bytes ?? 0;
      if (file.size > most) return setError(say("refused", { reason: say("too.large", { n: megabytes(file.size), most: megabytes(most) }) }));
      run(async () => {
        setBrought(null);
        try {
          setShare({ name: file.name, share: 0 });
          setBrought(await bring(client(), await file.arrayBuffer(), (part) => setShare({ name: file.name, share: part })));
        } catch (reason) {
          throw new Error(say("refused", { reason: refusal(reason) }), { cause: reason });
        } finally {
          setShare(null);
        }
      });
    },
    discard: () => setBrought(null),
    keep: (right: Right) =>
      run(async () => {
        if (!brought) return;
        const { hash } = await client().call("avatar.keep", { upload: brought.upload, right });
        setBrought(null);
        await wear(hash);
        state.notify(say("kept"));
      }),
    wear: (hash?: string) => run(() => wear(hash)),
    drop: (hash: string) =>
      run(async () => {
        const left = await client().call("avatar.drop", { hash });
        setKept(left);
        if (!left.worn && state.visitor.value) {
          const { avatar: _, ...visitor } = state.visitor.value;
          state.visitor.value = visitor;
        }
      }),
  };
}

/** The picture shows what is looked at: what was brought, or was chosen, or is worn. */
function usePicture(mirror: MirrorView | null, looked: { about: Avatar; file?: ArrayBuffer } | null, onError: (reason: unknown) => void) {
  const hash = looked?.about.hash;
  useEffect(() => {
    mirror?.wear(looked).catch(onError);
  }, [mirror, hash]);
  useEffect(
    () => () => {
      void mirror?.wear(null);
      mirror?.act(0);
    },
    [mirror],
  );
}

function Strangers() {
  const [own, setOwn] = useState<{ readonly showsStrangers: boolean; setStrangers(on: boolean): void } | null>(null);
  const [on, setOn] = useState(true);
  useEffect(() => {
    session.value?.scene.openOwn().then((there) => {
      setOwn(there);
      setOn(there.showsStrangers);
    }, state.problem);
  }, []);
  if (!own) return null;
  return (
    <Switch
      label={say("strangers")}
      on={on}
      onChange={(yes) => {
        own.setStrangers(yes);
        setOn(yes);
      }}
    />
  );
}

export default function Own({ mirror }: { mirror: MirrorView | null }) {
  const own = useOwn();
  const { kept, brought, share } = own;
  const [chosen, setChosen] = useState<string | null>(null);
  const [move, setMove] = useState(0);
  const list = useRef<HTMLHeadingElement>(null);
  const looked = brought ?? findLooked(kept, chosen);
  usePicture(mirror, looked, state.problem);
  if (!kept) return own.error ? <p class="error" role="alert">{own.error}</p> : null;
  if (kept.most === 0) return <p>{say("elsewhere", { home: state.visitor.value?.home ?? "" })}</p>;
  const full = kept.avatars.length >= kept.most;
  return (
    <div class="own">
      {!kept.uploads && <p>{say("drop.off")}</p>}
      {kept.uploads && full && !brought && <p>{say("drop.full", { n: kept.most })}</p>}
      {kept.uploads && !full && !brought && !share && <Drop most={kept.most_bytes} onFile={own.take} />}
      {share && (
        <div class="coming" role="status">
          <span>{share.share < 1 ? say("sending", { name: share.name, n: Math.floor(share.share * 100) }) : say("checking")}</span>
          <progress aria-label={share.name} max={1} value={share.share < 1 ? share.share : undefined} />
        </div>
      )}
      {own.error && <p class="error" role="alert">{own.error}</p>}
      {brought && <Pending key={brought.upload} brought={brought} busy={own.busy} onKeep={own.keep} onDiscard={own.discard} />}
      {looked && (
        <Options
          legend={say("moves")}
          options={moves.map((one) => ({ label: say(`move.${one}`) }))}
          value={move}
          onChoose={(at) => {
            setMove(at);
            mirror?.act(moves[at] ?? 0);
          }}
        />
      )}
      <h3 ref={list}>{say("list")}</h3>
      {kept.avatars.length === 0 && <p class="about">{say("empty")}</p>}
      {kept.avatars.map((avatar) => (
        <article key={avatar.hash} class={looked?.about.hash === avatar.hash ? "figure chosen" : "figure"}>
          <div class="row-of-two">
            <button type="button" class="title" aria-label={say("look", { name: titleOf(avatar) })} onClick={() => setChosen(avatar.hash)}>
              {titleOf(avatar)} <Badge avatar={avatar} />
            </button>
            <span class="acts">
              <button type="button" aria-pressed={kept.worn === avatar.hash} disabled={own.busy || kept.worn === avatar.hash} onClick={() => own.wear(avatar.hash)}>
                {kept.worn === avatar.hash ? say("worn") : say("wear")}
              </button>
              <button type="button" class="round" aria-label={say("remove", { name: titleOf(avatar) })} title={say("remove", { name: titleOf(avatar) })} disabled={own.busy} onClick={() => own.drop(avatar.hash)}>
                <Icon name="trash" />
              </button>
            </span>
          </div>
          {!brought && looked?.about.hash === avatar.hash && <About avatar={avatar} />}
        </article>
      ))}
      {kept.worn && (
        <button type="button" disabled={own.busy} onClick={() => own.wear()}>
          {say("kit")}
        </button>
      )}
      <Strangers />
    </div>
  );
}

function findLooked(kept: Kept | null, chosen: string | null): { about: Avatar } | null {
  const about = kept?.avatars.find(({ hash }) => hash === (chosen ?? kept.worn)) ?? kept?.avatars.find(({ hash }) => hash === kept.worn);
  return about ? { about } : null;
}
