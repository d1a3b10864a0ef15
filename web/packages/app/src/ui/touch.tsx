// For fingers: the stick appears where the left thumb rests; the jump button waits at the right.

import { signal } from "@preact/signals";
import { t } from "../i18n.ts";
import { panel, touch } from "../state.ts";
import { session } from "./context.ts";
import { Icon } from "./icons.tsx";

const stick = signal<{ x: number; y: number; dx: number; dy: number } | null>(null);

export function drawStick(at: { x: number; y: number; dx: number; dy: number } | null): void {
  stick.value = at;
}

const px = (value: number) => `${value.toFixed(1)}px`;

export function Touch() {
  if (!touch.value) return null;
  const at = stick.value;
  return (
    <>
      <div class={`stick ${at ? "held" : ""}`} hidden={!at && panel.value !== null} aria-hidden="true" style={at ? { left: px(at.x), top: px(at.y) } : {}}>
        <div class="knob" style={at ? { transform: `translate(${px(at.dx * 44)}, ${px(at.dy * 44)})` } : {}} />
      </div>
      {!panel.value && (
        <button
          type="button"
          class="jump"
          aria-label={t("touch.jump")}
          onPointerDown={() => session.value?.input.jump()}
          onClick={(event) => event.detail === 0 && session.value?.input.jump()}
        >
          <Icon name="jump" />
        </button>
      )}
    </>
  );
}
