// The link to this world, or to one's side in it. The clipboard and the phone's own sharing need https; the text can always be
// copied by hand.

import { useEffect, useRef, useState } from "preact/hooks";
import { named, t } from "../i18n.ts";
import { say } from "../invite/texts.ts";
import * as state from "../state.ts";
import { session } from "./context.ts";
import { Panel, Switch } from "./parts.tsx";

export default function SharePanel() {
  const field = useRef<HTMLInputElement>(null);
  const [copied, setCopied] = useState(false);
  const [invitation, setInvitation] = useState<string | null>(null);
  const detail = state.world.value;
  const link = `${location.origin}/w/${detail?.name ?? ""}${invitation ? `#beside=${invitation}` : ""}`;
  useEffect(() => {
    field.current?.select();
    const copy = navigator.clipboard?.writeText(link);
    copy?.then(
      () => setCopied(true),
      () => setCopied(false),
    );
  }, [link]);
  const lead = (on: boolean) => {
    if (!on) return setInvitation(null);
    session.value?.client.call("visitor.invite", {}).then((made) => setInvitation(made.invitation), state.problem);
  };
  return (
    <Panel id="share" title={t("share.title")} class="right small" keepFocus>
      <div class="stack">
        <label for="share-link">{copied ? t("share.copied") : t("share.manual")}</label>
        <input id="share-link" ref={field} readOnly value={link} onFocus={(event) => event.currentTarget.select()} />
        <Switch label={say("share.beside")} on={invitation !== null} onChange={lead} />
        {invitation && <p class="about">{say("share.beside.about")}</p>}
        {"share" in navigator && (
          <button type="button" class="primary" onClick={() => void navigator.share({ title: named(detail?.title), url: link }).catch(() => undefined)}>
            {t("share.title")}
          </button>
        )}
      </div>
    </Panel>
  );
}
