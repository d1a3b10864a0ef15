// For a guest who has a home elsewhere and came here by a link, not through a gate: the way over that home, and back as oneself.

import { useState } from "preact/hooks";
import { store } from "../settings.ts";
import { followed } from "../travel.ts";
import { homeIn } from "./home.ts";
import { say } from "./texts.ts";
import "./elsewhere.css";

/** The home that was named last in this browser. */
const HOME_KEY = "manyworlds.home";

export function Elsewhere() {
  const [text, setText] = useState(() => store.get(HOME_KEY) ?? "");
  const [error, setError] = useState("");
  const go = (event: Event) => {
    event.preventDefault();
    const home = homeIn(text);
    if (!home) return setError(say("wrong"));
    if (home === location.host) return setError(say("here"));
    store.set(HOME_KEY, home);
    const beside = followed();
    location.hash = new URLSearchParams({ home, ...(beside ? { beside } : {}) }).toString();
    location.reload(); // the page reads the home as it does behind a gate
  };
  return (
    <details class="elsewhere">
      <summary>{say("open")}</summary>
      <form class="stack" noValidate onSubmit={go}>
        <p class="about">{say("text")}</p>
        <label for="account-elsewhere">{say("address")}</label>
        <input
          id="account-elsewhere"
          type="url"
          autocomplete="url"
          autocapitalize="none"
          spellcheck={false}
          maxLength={300}
          placeholder={say("example")}
          aria-invalid={error !== ""}
          aria-describedby={error ? "account-elsewhere-error" : undefined}
          value={text}
          onInput={(event) => {
            setText(event.currentTarget.value);
            setError("");
          }}
        />
        {error && (
          <p id="account-elsewhere-error" class="error" role="alert">
            {error}
          </p>
        )}
        <button type="submit" disabled={text.trim() === ""}>
          {say("go")}
        </button>
      </form>
    </details>
  );
}
