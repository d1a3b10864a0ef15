import { useLayoutEffect, useRef, useState } from "preact/hooks";
import { t } from "../i18n.ts";
import * as state from "../state.ts";
import { session } from "./context.ts";
import { closePanel, Panel } from "./parts.tsx";

export function NamePanel() {
  const input = useRef<HTMLInputElement>(null);
  const [error, setError] = useState("");
  useLayoutEffect(() => {
    input.current?.focus();
    input.current?.select();
  }, []);
  const save = async (event: Event) => {
    event.preventDefault();
    try {
      await session.value?.rename(input.current?.value.trim() ?? "");
      closePanel();
    } catch (reason) {
      setError(state.errorText(reason));
    }
  };
  return (
    <Panel id="name" title={t("name.title")} class="left top small" keepFocus>
      <form class="stack" onSubmit={(event) => void save(event)}>
        <label for="name-field">{t("name.label")}</label>
        <input
          id="name-field"
          ref={input}
          maxLength={24}
          autocomplete="nickname"
          defaultValue={state.visitor.value?.name ?? ""}
          aria-describedby={error ? "name-error" : undefined}
          aria-invalid={error !== ""}
        />
        {error && (
          <p id="name-error" class="error" role="alert">
            {error}
          </p>
        )}
        <button type="submit" class="primary">
          {t("name.save")}
        </button>
      </form>
    </Panel>
  );
}
