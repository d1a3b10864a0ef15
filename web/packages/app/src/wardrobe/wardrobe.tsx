// Dressing: a live picture of oneself, everything that an appearance has, and the outfits one keeps. What one tries on is seen in
// the picture alone, until it is saved.

import type { Appearance, Outfit } from "@manyworlds/protocol";
import type { MirrorView } from "@manyworlds/scene";
import { lazy, Suspense } from "preact/compat";
import { useEffect, useReducer, useState } from "preact/hooks";
import * as state from "../state.ts";
import { session } from "../ui/context.ts";
import { Icon } from "../ui/icons.tsx";
import { closePanel, Panel, Switch } from "../ui/parts.tsx";
import { begin, buildWord, choices, type Indexed, ranges, same, type Step, step, surprise } from "./looks.ts";
import { Outfits, outfitName } from "./outfits.tsx";
import { Options, Slider, Tabs } from "./parts.tsx";
import { type Looked, Stage, useMirror } from "./stage.tsx";
import { say, type WardrobeKey } from "./texts.ts";
import "./wardrobe.css";

const Own = lazy(() => import("../own/own.tsx"));

type Tab = "body" | "head" | "upper" | "lower" | "outfits" | "own";
const TABS: readonly Tab[] = ["body", "head", "upper", "lower", "outfits", "own"];
const LOOKED: Record<Tab, Looked> = { body: "whole", head: "head", upper: "upper", lower: "lower", outfits: "whole", own: "whole" };

interface Trying {
  now: Appearance;
  palettes: MirrorView["palettes"] | null;
  act: (step: Step) => void;
}

/** A shape, by words. */
function Shapes({ of, now, act }: Trying & { of: Indexed }) {
  const options = Array.from({ length: choices[of] }, (_, i) => ({ label: say(`${of}.${i}` as WardrobeKey) }));
  return <Options legend={say(of)} options={options} value={now[of]} onChoose={(value) => act({ kind: "try", change: { [of]: value } })} />;
}

/** A colour of one of the palettes. */
function Colours({ of, from, names, now, palettes, act, note }: Trying & { of: Indexed; from: keyof MirrorView["palettes"]; names: string; note?: string }) {
  if (!palettes) return null;
  const label = (i: number) => (from === "skin" ? say("skin.tone", { n: i + 1 }) : say(`${names}.${i}` as WardrobeKey));
  const options = palettes[from].slice(0, choices[of]).map((colour, i) => ({ label: label(i), colour }));
  return <Options legend={say(of)} options={options} value={now[of]} note={note} onChoose={(value) => act({ kind: "try", change: { [of]: value } })} />;
}

function Accent(trying: Trying) {
  const { now } = trying;
  const none = now.jacket === 0 && now.scarf === 0 && now.hat === 0;
  return <Colours {...trying} of="accent_colour" from="clothes" names="clothes" note={none ? say("accent.none") : undefined} />;
}

function Body(trying: Trying) {
  const { now, act } = trying;
  return (
    <>
      <Slider
        label={say("height")}
        {...ranges.height}
        value={now.height}
        shown={say("height.value", { n: now.height.toFixed(2) })}
        onInput={(height) => act({ kind: "try", change: { height }, stroke: "height" })}
      />
      <Slider
        label={say("build")}
        {...ranges.build}
        value={now.build}
        shown={say(`build.${buildWord(now.build)}`)}
        onInput={(build) => act({ kind: "try", change: { build }, stroke: "build" })}
      />
      <Colours {...trying} of="skin" from="skin" names="" />
    </>
  );
}

function Page({ tab, ...trying }: Trying & { tab: Tab }) {
  const { now, act } = trying;
  const worn = (of: "jacket" | "scarf") => <Switch label={say(of)} on={now[of] === 1} onChange={(on) => act({ kind: "try", change: { [of]: on ? 1 : 0 } })} />;
  if (tab === "body") return <Body {...trying} />;
  if (tab === "head")
    return (
      <>
        <Shapes {...trying} of="hair" />
        <Colours {...trying} of="hair_colour" from="hair" names="hair_colour" />
        <Shapes {...trying} of="hat" />
        {now.hat > 0 && <Accent {...trying} />}
      </>
    );
  if (tab === "upper")
    return (
      <>
        <Shapes {...trying} of="top" />
        <Colours {...trying} of="top_colour" from="clothes" names="clothes" />
        <div>
          {worn("jacket")}
          {worn("scarf")}
        </div>
        <Accent {...trying} />
      </>
    );
  return (
    <>
      <Shapes {...trying} of="bottom" />
      <Colours {...trying} of="bottom_colour" from="clothes" names="clothes" />
      <Colours {...trying} of="shoes_colour" from="clothes" names="clothes" />
    </>
  );
}

function client() {
  const there = session.value?.client;
  if (!there) throw new Error("no session");
  return there;
}

/** What is kept, and what is done with it; what fails is said in the panel. */
function useWardrobe(now: Appearance, act: (step: Step) => void) {
  const [kept, setKept] = useState<{ outfits: readonly Outfit[]; most: number } | null>(null);
  const [busy, setBusy] = useState(false);
  const [error, setError] = useState("");
  const visitor = state.visitor.value?.id;
  const fail = (reason: unknown) => setError(state.errorText(reason));
  useEffect(() => {
    client().call("visitor.outfits", {}).then(setKept, fail);
  }, [visitor]);
  const run = (what: () => Promise<void>) => {
    setBusy(true);
    setError("");
    what().catch(fail).finally(() => setBusy(false));
  };
  const wear = async (appearance: Appearance) => act({ kind: "wear", appearance: (await client().change({ appearance })).appearance });
  return {
    kept, busy, error,
    save: () =>
      run(async () => {
        await wear(now);
        state.notify(say("saved"));
        closePanel();
      }),
    onWear: (outfit: Outfit) =>
      run(async () => {
        await wear(outfit.appearance);
        state.notify(say("outfits.worn", { name: outfitName(outfit) }));
      }),
    onKeep: () => run(async () => setKept(await client().call("visitor.outfit.keep", { appearance: now }))),
    onName: (outfit: Outfit, name: string) => run(async () => setKept(await client().call("visitor.outfit.keep", { number: outfit.number, name }))),
    onDrop: (outfit: Outfit) => run(async () => setKept(await client().call("visitor.outfit.drop", { number: outfit.number }))),
  };
}

function Fitting({ worn }: { worn: Appearance }) {
  const [fitting, act] = useReducer(step, worn, begin);
  const [tab, setTab] = useState<Tab>("body");
  const { now } = fitting;
  const { stage, mirror } = useMirror(now, LOOKED[tab]);
  const wardrobe = useWardrobe(now, act);
  const trying: Trying = { now, palettes: mirror?.palettes ?? null, act };
  return (
    <div class="fitting">
      <div class="look">
        <Stage canvas={stage} mirror={mirror} />
        <div class="tries">
          <button type="button" onClick={() => act({ kind: "try", change: surprise(now, Math.random) })}>
            <svg class="icon" viewBox="0 0 24 24" aria-hidden="true" focusable="false">
              <path d="M6 4h12a2 2 0 0 1 2 2v12a2 2 0 0 1-2 2H6a2 2 0 0 1-2-2V6a2 2 0 0 1 2-2Zm2.500 4.500v.010m7 0v.010M12 12v.010m-3.500 3.500v.010m7 0v.010" />
            </svg>
            {say("surprise")}
          </button>
          <button type="button" class="round" aria-label={say("undo")} title={say("undo")} disabled={fitting.past.length === 0} onClick={() => act({ kind: "undo" })}>
            <Icon name="undo" />
          </button>
        </div>
      </div>
      <div class="rack">
        <Tabs label={say("parts")} tabs={TABS.map((key) => ({ key, label: say(`part.${key}`) }))} now={tab} onOpen={setTab}>
          {tab !== "outfits" && tab !== "own" && <Page {...trying} tab={tab} />}
          {tab === "own" && (
            <Suspense fallback={null}>
              <Own mirror={mirror} />
            </Suspense>
          )}
          {tab === "outfits" && wardrobe.kept && <Outfits {...wardrobe} {...wardrobe.kept} now={now} palettes={trying.palettes} home={state.visitor.value?.home ?? ""} />}
        </Tabs>
      </div>
      <div class="end">
        {wardrobe.error && (
          <p class="error" role="alert">
            {wardrobe.error}
          </p>
        )}
        <button type="button" onClick={closePanel}>
          {say("cancel")}
        </button>
        <button type="button" class="primary" disabled={wardrobe.busy || same(now, fitting.worn)} onClick={wardrobe.save}>
          {say("save")}
        </button>
      </div>
    </div>
  );
}

export default function WardrobePanel() {
  const worn = state.visitor.value;
  return (
    <Panel id="appearance" title={say("title")} class="left top wardrobe">
      {/* Another visitor (one has logged in) begins anew. */}
      {worn && <Fitting key={worn.id} worn={worn.appearance} />}
    </Panel>
  );
}
