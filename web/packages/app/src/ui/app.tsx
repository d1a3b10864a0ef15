// The page: the 3D view, and over it what the moment needs.

import { useSignalEffect } from "@preact/signals";
import { lazy, Suspense } from "preact/compat";
import { readableOnDark, textOn, validColour } from "../colour.ts";
import { language, named, t } from "../i18n.ts";
import { settings } from "../settings.ts";
import { askPortal, gifts, link, panel, phase, queue, world, worldTitle } from "../state.ts";
import { Chat } from "./chat.tsx";
import { Hud } from "./hud.tsx";
import { PortalPrompt } from "./portal.tsx";
import { Ended, Failed, Loading, Lost } from "./screens.tsx";
import { Touch } from "./touch.tsx";

const WorldPanel = lazy(() => import("./world.tsx"));
const NamePanel = lazy(() => import("./name.tsx"));
const Wardrobe = lazy(() => import("../wardrobe/wardrobe.tsx"));
const Settings = lazy(() => import("./settings.tsx"));
const Gestures = lazy(() => import("./gestures.tsx"));
const Share = lazy(() => import("./share.tsx"));
const Help = lazy(() => import("../help/help.tsx"));
const Edit = lazy(() => import("./edit.tsx"));
const AccountPanel = lazy(() => import("../account/account.tsx"));
const Operator = lazy(() => import("./operator.tsx"));
const AskPortal = lazy(() => import("./ask-portal.tsx"));
const Queue = lazy(() => import("./queue.tsx"));
const Gifts = lazy(() => import("../gifts/gifts.tsx"));

function useLook(): void {
  useSignalEffect(() => {
    const shown = phase.value.kind === "loading" ? phase.value.world : world.value;
    const accent = validColour(shown?.accent ?? "", "#2a9d8f");
    const style = document.documentElement.style;
    style.setProperty("--accent", accent);
    style.setProperty("--on-accent", textOn(accent));
    style.setProperty("--accent-light", readableOnDark(accent));
    const title = named(shown?.title);
    document.title = title ? `${title} · ${t("app.title")}` : t("app.title");
  });
  useSignalEffect(() => {
    document.documentElement.classList.toggle("calm", settings.value.reducedMotion);
  });
}

function OpenPanel() {
  switch (panel.value) {
    case "world":
      return <WorldPanel />;
    case "name":
      return <NamePanel />;
    case "appearance":
      return <Wardrobe />;
    case "account":
      return <AccountPanel />;
    case "settings":
      return <Settings />;
    case "gestures":
      return <Gestures />;
    case "share":
      return <Share />;
    case "help":
      return <Help />;
    case "edit":
      return <Edit />;
    case "operator":
      return <Operator />;
    default:
      return null;
  }
}

function Inside() {
  return (
    <>
      <Hud />
      <Chat />
      <Touch />
      <PortalPrompt />
      <Suspense fallback={null}>
        <OpenPanel />
        {gifts.value.length > 0 && <Gifts />}
        {askPortal.value && <AskPortal />}
      </Suspense>
    </>
  );
}

export function App() {
  useLook();
  const now = phase.value.kind;
  const ended = link.value.kind === "ended";
  const title = named(worldTitle.value ?? undefined, t("app.title"));
  const inside = now === "in" && !ended;
  return (
    <main lang={language.value === "zh" ? "zh-CN" : "en"}>
      <h1 class="hidden">{title}</h1>
      <canvas class="view" tabIndex={0} role="application" aria-label={t("app.view", { world: title })} />
      <div class="tags" aria-hidden="true" />
      {inside && <Inside />}
      {(now === "starting" || now === "loading") && !ended && !queue.value && <Loading />}
      {now === "failed" && !ended && <Failed />}
      {queue.value && !ended && (
        <Suspense fallback={null}>
          <Queue />
        </Suspense>
      )}
      {link.value.kind === "lost" && <Lost />}
      {ended && <Ended />}
    </main>
  );
}
