// Small pieces that the panels share.

import type { ComponentChildren } from "preact";
import { useLayoutEffect, useRef } from "preact/hooks";
import { t } from "../i18n.ts";
import { type Panel as PanelName, panel, togglePanel } from "../state.ts";
import { Icon, type IconName } from "./icons.tsx";

export function focusView(): void {
  document.querySelector<HTMLCanvasElement>("canvas.view")?.focus({ preventScroll: true });
}

export function closePanel(): void {
  panel.value = null;
  focusView();
}

/** A panel at the edge of the view. It does not block the world: walking goes on. */
export function Panel(props: { id: PanelName; title: string; class?: string; children: ComponentChildren; keepFocus?: boolean }) {
  const box = useRef<HTMLElement>(null);
  // With the panel itself and not after the next picture, which may be long in coming: keys that are pressed meanwhile
  // would go to the world.
  useLayoutEffect(() => {
    const panelBox = box.current;
    if (!props.keepFocus) panelBox?.querySelector<HTMLElement>("[data-first], button.close")?.focus();
    return () => {
      // The focus must not fall out of the page with the panel.
      const held = document.activeElement;
      if (held === document.body || panelBox?.contains(held)) focusView();
    };
  }, []);
  return (
    <section ref={box} class={`panel ${props.class ?? ""}`} id={`panel-${props.id}`} role="dialog" aria-label={props.title}>
      <header>
        <h2>{props.title}</h2>
        <button type="button" class="quiet close" aria-label={t("panel.close")} onClick={closePanel}>
          <Icon name="close" />
        </button>
      </header>
      <div class="body">{props.children}</div>
    </section>
  );
}

export function ToolButton(props: { panel: PanelName; icon: IconName; label: string; badge?: number }) {
  const open = panel.value === props.panel;
  return (
    <button
      type="button"
      class="tool"
      aria-label={props.label}
      title={props.label}
      aria-expanded={open}
      onClick={() => togglePanel(props.panel)}
    >
      <Icon name={props.icon} />
      {props.badge ? <span class="badge">{props.badge > 99 ? "99+" : props.badge}</span> : null}
    </button>
  );
}

export function Choice<T extends string>(props: {
  label: string;
  name: string;
  value: T;
  options: readonly { value: T; label: string }[];
  onChoose: (value: T) => void;
}) {
  return (
    <fieldset class="choice">
      <legend>{props.label}</legend>
      <div class="segments">
        {props.options.map((option) => (
          <label key={option.value}>
            <input
              type="radio"
              name={props.name}
              value={option.value}
              checked={props.value === option.value}
              onChange={() => props.onChoose(option.value)}
            />
            <span>{option.label}</span>
          </label>
        ))}
      </div>
    </fieldset>
  );
}

export function Switch(props: { label: string; on: boolean; onChange: (on: boolean) => void }) {
  return (
    <label class="switch">
      <span>{props.label}</span>
      <input type="checkbox" role="switch" checked={props.on} onChange={(event) => props.onChange(event.currentTarget.checked)} />
    </label>
  );
}
