// Who one is to others: name, appearance, and the language one reads.

import { useLayoutEffect, useRef, useState } from "preact/hooks";
import { language, t } from "../i18n.ts";
import { choose, store } from "../settings.ts";
import * as state from "../state.ts";
import { say } from "../wardrobe/texts.ts";
import { session } from "./context.ts";
import { Choice, closePanel, Panel } from "./parts.tsx";

export default function NamePanel() {
  const input = useRef<HTMLInputElement>(null);
  const [error, setError] = useState("");
  useLayoutEffect(() => {
    input.current?.focus();
    input.current?.select();
  }, []);
  const save = async (event: Event) => {
    event.preventDefault();
    try {
      const visitor = await session.value?.client.change({ name: input.current?.value.trim() ?? "" });
      if (!visitor) return;
      store.set("manyworlds.name", visitor.name);
      state.notify(say("name.saved", { name: visitor.name }));
      closePanel();
    } catch (reason) {
      setError(state.errorText(reason));
    }
  };
  return (
    <Panel id="name" title={say("profile.title")} class="left top small" keepFocus>
      <form class="stack" onSubmit={(event) => void save(event)}>
        <label for="name-field">{say("name.label")}</label>
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
          {say("name.save")}
        </button>
      </form>
      <OpenWardrobe />
      <Choice
        label={t("settings.language")}
        name="profile-language"
        value={language.value}
        options={[
          { value: "en", label: "English" },
          { value: "zh", label: "中文" },
        ]}
        onChoose={(value) => choose({ language: value })}
      />
    </Panel>
  );
}

export function OpenWardrobe() {
  return (
    <button type="button" class="appearance" onClick={() => (state.panel.value = "appearance")}>
      <svg class="icon" viewBox="0 0 24 24" aria-hidden="true" focusable="false">
        <path d="M8.500 4 4 7l2 4 2-1v10h8V10l2 1 2-4-4.500-3a3.600 3.600 0 0 1-7 0Z" />
      </svg>
      {say("appearance.open")}
    </button>
  );
}
