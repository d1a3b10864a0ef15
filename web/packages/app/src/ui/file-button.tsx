// A button that asks for a file of JSON.

import type { ComponentChildren } from "preact";

export function FileButton(props: { busy: boolean; onFile: (file: File) => void; children: ComponentChildren }) {
  return (
    <label class="button">
      <input
        type="file"
        class="hidden"
        accept=".json,application/json"
        disabled={props.busy}
        onChange={(event) => {
          const file = event.currentTarget.files?.[0];
          event.currentTarget.value = ""; // the same file may be chosen again
          if (file) props.onFile(file);
        }}
      />
      {props.children}
    </label>
  );
}
