// Starts everything: interface first (so that something true is on the screen), then picture and core side by side.

import { render } from "preact";
import { setLanguage, t } from "./i18n.ts";
import { settings, withQuery } from "./settings.ts";
import * as state from "./state.ts";
import "./style/base.css";
import "./style/hud.css";
import "./style/panels.css";
import "./style/screens.css";
import { App } from "./ui/app.tsx";
import { session } from "./ui/context.ts";
import { worldInPath } from "./paths.ts";
import { drawStick } from "./ui/touch.tsx";

async function start(): Promise<void> {
  const query = new URLSearchParams(location.search);
  settings.value = withQuery(settings.value, query);
  setLanguage(settings.value.language);
  if (location.hash.includes("home=") && (await (await import("./arrive.ts")).goHome(worldInPath(location.pathname)))) return;
  if (window.parent !== window) (await import("./embedded.ts")).tellParent();
  const root = document.getElementById("app") as HTMLElement;
  render(<App />, root);
  const canvas = document.querySelector<HTMLCanvasElement>("canvas.view");
  const tags = document.querySelector<HTMLElement>(".tags");
  if (!canvas || !tags) throw new Error("the page has no canvas");
  try {
    const [{ createScene }, { loadCore }, { Session }] = await Promise.all([
      import("@manyworlds/scene"),
      import("./core.ts"),
      import("./session.ts"),
    ]);
    const { quality, reducedMotion } = settings.value;
    const [scene, core] = await Promise.all([createScene({ canvas, quality, reducedMotion, base: location.origin }), loadCore()]);
    session.value = new Session(scene, canvas, tags, core, drawStick);
  } catch (error) {
    const webgl = error instanceof Error && error.message === "webgl2";
    state.phase.value = { kind: "failed", reason: webgl ? t("failed.webgl2") : state.errorText(error) };
    return;
  }
  if (query.has("test")) (await import("./testing.ts")).expose(session.value);
  if (!window.isSecureContext) state.notify(t("notice.insecure"), "info", true);
  session.value.start();
}

void start();
