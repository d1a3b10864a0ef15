import { t } from "../i18n.ts";
import { gesture } from "../state.ts";
import { BroughtThings } from "./brought.tsx";
import { session } from "./context.ts";
import { Icon } from "./icons.tsx";
import { Panel } from "./parts.tsx";

const gestures = ["sit", "wave", "cheer", "clap"] as const;

export default function GesturesPanel() {
  return (
    <Panel id="gestures" title={t("gesture.title")} class="right small">
      <div class="wheel">
        {gestures.map((name, index) => (
          <button
            key={name}
            type="button"
            class="big"
            data-first={index === 0 ? "" : undefined}
            aria-pressed={gesture.value === index + 1}
            onClick={() => session.value?.gesture(index + 1)}
          >
            <Icon name={name} />
            <span>{t(`gesture.${name}`)}</span>
            <kbd>{index + 1}</kbd>
          </button>
        ))}
      </div>
      <BroughtThings />
    </Panel>
  );
}
