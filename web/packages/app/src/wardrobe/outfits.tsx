// Looks that one keeps: worn by one tap, named, removed.

import type { Appearance, Outfit } from "@manyworlds/protocol";
import type { MirrorView } from "@manyworlds/scene";
import { useRef } from "preact/hooks";
import { Icon } from "../ui/icons.tsx";
import { same } from "./looks.ts";
import { say } from "./texts.ts";

type Palettes = MirrorView["palettes"];

export function outfitName(outfit: Outfit): string {
  return outfit.name || say("outfits.number", { n: outfit.number });
}

/** Somebody in a few strokes, in the outfit's colours. */
function Sketch({ look, palettes }: { look: Appearance; palettes: Palettes }) {
  const { skin, hair, clothes } = palettes;
  const accent = clothes[look.accent_colour];
  const legs = look.bottom === 0 ? "M16 38h16l1 22h-7l-2-14-2 14h-7Z" : look.bottom === 1 ? "M16 38h16l1 10h-8l-1-3-1 3h-8Z" : "M17 38h14l4 12H13Z";
  const sleeves = look.top === 0 ? "M15 22l-5 9 4 2 3-5v11h14V28l3 5 4-2-5-9-6-2h-6Z" : "M15 22l-6 16 4 2 4-10v9h14v-9l4 10 4-2-6-16-6-2h-6Z";
  return (
    <svg viewBox="6 0 36 64" aria-hidden="true" focusable="false">
      <path fill={skin[look.skin]} d="M18 40h4v20h-4Zm8 0h4v20h-4ZM10 30l-2 9 3 1 3-8Zm28 0 2 9-3 1-3-8ZM21 15h6v6h-6Z" />
      <path fill={clothes[look.bottom_colour]} d={legs} />
      <path fill={clothes[look.top_colour]} d={sleeves} />
      {look.jacket === 1 && <path fill={accent} d="M15 22l-6 16 4 2 3-8v9h5V21Zm18 0 6 16-4 2-3-8v9h-5V21Z" />}
      {look.scarf === 1 && <path fill={accent} d="M18 18h12v5h-3v8h-4v-8h-5Z" />}
      <path fill={clothes[look.shoes_colour]} d="M16 59h7v4h-8Zm9 0h7l1 4h-8Z" />
      {look.hair === 3 && <path fill={hair[look.hair_colour]} d="M15 9h18v13H15Z" />}
      <circle cx="24" cy="10" r="8" fill={skin[look.skin]} />
      <path fill={hair[look.hair_colour]} d={look.hair === 0 ? "M16 9a8 8 0 0 1 16 0q-8-4-16 0Z" : "M15 13q-2-12 9-12t9 12q-2-7-9-6-7-1-9 6Z"} />
      {look.hair === 4 && look.hat === 0 && <circle cx="24" cy="2" r="3.500" fill={hair[look.hair_colour]} />}
      {look.hat > 0 && <path fill={accent} d={look.hat === 1 ? "M15 8a9 8 0 0 1 18 0l6 1v1H15Z" : "M15 9a9 9 0 0 1 18 0Z"} />}
    </svg>
  );
}

export interface OutfitsProps {
  outfits: readonly Outfit[];
  most: number;
  now: Appearance;
  palettes: Palettes | null;
  busy: boolean;
  home: string;
  onWear: (outfit: Outfit) => void;
  onKeep: () => void;
  onName: (outfit: Outfit, name: string) => void;
  onDrop: (outfit: Outfit) => void;
}

/** Of the outfit that one has on: its name, and a way to remove it. */
function Worn(props: OutfitsProps & { outfit: Outfit }) {
  const { outfit } = props;
  const field = useRef<HTMLInputElement>(null);
  return (
    <form
      class="stack"
      onSubmit={(event) => {
        event.preventDefault();
        props.onName(outfit, field.current?.value.trim() ?? "");
      }}
    >
      <label for="outfit-name">{say("outfits.name")}</label>
      <div class="name-row">
        <input id="outfit-name" ref={field} maxLength={24} key={outfit.number} defaultValue={outfit.name ?? ""} placeholder={outfitName(outfit)} autocomplete="off" />
        <button type="submit" disabled={props.busy}>
          {say("outfits.rename")}
        </button>
      </div>
      <button type="button" class="danger" disabled={props.busy} onClick={() => props.onDrop(outfit)}>
        <Icon name="trash" />
        {say("outfits.drop", { name: outfitName(outfit) })}
      </button>
    </form>
  );
}

export function Outfits(props: OutfitsProps) {
  const { outfits, most, now, palettes } = props;
  const worn = outfits.find((outfit) => same(outfit.appearance, now));
  if (most === 0) return <p class="about">{say("outfits.away", { home: props.home })}</p>;
  return (
    <div class="stack outfits">
      {outfits.length === 0 && <p class="about">{say("outfits.none")}</p>}
      <ul>
        {outfits.map((outfit) => (
          <li key={outfit.number}>
            <button type="button" aria-label={say("outfits.wear", { name: outfitName(outfit) })} aria-pressed={outfit === worn} disabled={props.busy} onClick={() => props.onWear(outfit)}>
              {palettes && <Sketch look={outfit.appearance} palettes={palettes} />}
              <span>{outfitName(outfit)}</span>
            </button>
          </li>
        ))}
      </ul>
      {worn ? (
        <Worn {...props} outfit={worn} />
      ) : outfits.length >= most ? (
        <p class="about">{say("outfits.full", { n: most })}</p>
      ) : (
        <button type="button" disabled={props.busy} onClick={props.onKeep}>
          {say("outfits.keep")}
        </button>
      )}
    </div>
  );
}
