// The link to this world. The clipboard and the phone's own sharing need https; the text can always be copied by hand.

import { useEffect, useRef, useState } from "preact/hooks";
import { named, t } from "../i18n.ts";
import * as state from "../state.ts";
import { Panel } from "./parts.tsx";

export default function SharePanel() {
  const field = useRef<HTMLInputElement>(null);
  const [copied, setCopied] = useState(false);
  const detail = state.world.value;
  const link = `${location.origin}/w/${detail?.name ?? ""}`;
  useEffect(() => {
    field.current?.select();
    const copy = navigator.clipboard?.writeText(link);
    copy?.then(
      () => setCopied(true),
      () => setCopied(false),
    );
  }, [link]);
  return (
    <Panel id="share" title={t("share.title")} class="right small" keepFocus>
      <div class="stack">
        <label for="share-link">{copied ? t("share.copied") : t("share.manual")}</label>
        <input id="share-link" ref={field} readOnly value={link} onFocus={(event) => event.currentTarget.select()} />
        {"share" in navigator && (
          <button type="button" class="primary" onClick={() => void navigator.share({ title: named(detail?.title), url: link }).catch(() => undefined)}>
            {t("share.title")}
          </button>
        )}
      </div>
    </Panel>
  );
}
