// The controls of the wardrobe: groups of radio buttons that look like chips or colours, sliders, tabs.

import type { ComponentChildren } from "preact";
import { useId } from "preact/hooks";

export interface Option {
  label: string;
  colour?: string;
}

/** One of several: words as chips, colours as swatches. Arrow keys go through them, as in every group of radio buttons. */
export function Options(props: { legend: string; options: readonly Option[]; value: number; onChoose: (value: number) => void; note?: string }) {
  const name = useId();
  const note = useId();
  const swatches = props.options[0]?.colour !== undefined;
  return (
    <fieldset class="choice" aria-describedby={props.note ? note : undefined}>
      <legend>
        {props.legend}
        {swatches && <span class="chosen">{props.options[props.value]?.label}</span>}
      </legend>
      <div class={swatches ? "colours" : "chips"}>
        {props.options.map((option, i) => (
          <label key={i} title={option.colour ? option.label : undefined}>
            <input
              type="radio"
              name={name}
              value={i}
              checked={props.value === i}
              aria-label={option.colour ? option.label : undefined}
              onChange={() => props.onChoose(i)}
            />
            <span style={option.colour ? { backgroundColor: option.colour } : undefined}>{option.colour ? null : option.label}</span>
          </label>
        ))}
      </div>
      {props.note && (
        <p id={note} class="about">
          {props.note}
        </p>
      )}
    </fieldset>
  );
}

export function Slider(props: { label: string; low: number; high: number; value: number; shown: string; onInput: (value: number) => void }) {
  return (
    <label class="slider">
      <span class="row-of-two">
        <span>{props.label}</span>
        <output>{props.shown}</output>
      </span>
      <input
        type="range"
        min={props.low}
        max={props.high}
        step={0.01}
        value={props.value}
        aria-label={props.label}
        aria-valuetext={props.shown}
        onInput={(event) => props.onInput(event.currentTarget.valueAsNumber)}
      />
    </label>
  );
}

export function Tabs<T extends string>(props: { label: string; tabs: readonly { key: T; label: string }[]; now: T; onOpen: (key: T) => void; children: ComponentChildren }) {
  const id = useId();
  const move = (event: KeyboardEvent, at: number) => {
    const by = { ArrowRight: 1, ArrowLeft: -1, Home: -at, End: props.tabs.length - 1 - at }[event.key];
    if (by === undefined) return;
    // The world must not turn with it.
    event.preventDefault();
    event.stopPropagation();
    const next = props.tabs[(at + by + props.tabs.length) % props.tabs.length];
    if (!next) return;
    props.onOpen(next.key);
    document.getElementById(`${id}-${next.key}`)?.focus();
  };
  return (
    <>
      <div class="tabs" role="tablist" aria-label={props.label}>
        {props.tabs.map((tab, i) => (
          <button
            key={tab.key}
            type="button"
            role="tab"
            id={`${id}-${tab.key}`}
            aria-selected={tab.key === props.now}
            aria-controls={`${id}-page`}
            tabIndex={tab.key === props.now ? 0 : -1}
            onClick={() => props.onOpen(tab.key)}
            onKeyDown={(event) => move(event, i)}
          >
            {tab.label}
          </button>
        ))}
      </div>
      <div class="page" role="tabpanel" id={`${id}-page`} aria-labelledby={`${id}-${props.now}`}>
        {props.children}
      </div>
    </>
  );
}
