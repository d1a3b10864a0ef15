import type { CatalogueModel, Thing } from "@manyworlds/protocol";
import { useEffect, useMemo } from "preact/hooks";
import { carriedText } from "../carried/texts.ts";
import { Editor } from "../editor.ts";
import { named, plural, t } from "../i18n.ts";
import type { Session } from "../session.ts";
import * as state from "../state.ts";
import { session } from "./context.ts";
import { Icon } from "./icons.tsx";
import { Panel } from "./parts.tsx";

function Catalogue({ editor, models }: { editor: Editor; models: readonly CatalogueModel[] }) {
  return (
    <>
      <h3>{t("edit.catalogue")}</h3>
      <div class="catalogue">
        {models.map((model) => (
          <button
            key={model.name}
            type="button"
            aria-pressed={editor.model.value === model.name}
            data-model={model.name}
            onClick={() => editor.choose(model.name)}
          >
            {named(model.title, model.name)}
          </button>
        ))}
      </div>
      <p class="about">{t("edit.catalogue.hint")}</p>
    </>
  );
}

const COLOURS = ["#e4572e", "#f2a541", "#a7c957", "#2a9d8f", "#3a86a8", "#4c5fd5", "#c2378b", "#ede8e0", "#6f6a66"] as const;

function Colours({ editor, thing }: { editor: Editor; thing: Thing }) {
  return (
    <fieldset class="choice">
      <legend>{t("edit.colour")}</legend>
      <div class="swatches">
        {COLOURS.map((colour) => (
          <button
            key={colour}
            type="button"
            class="swatch"
            aria-label={colour}
            aria-pressed={thing.colour?.toLowerCase() === colour}
            style={{ backgroundColor: colour }}
            onClick={() => void editor.change({ colour })}
          />
        ))}
        <input
          type="color"
          aria-label={t("edit.colour")}
          value={thing.colour ?? "#ede8e0"}
          onChange={(event) => void editor.change({ colour: event.currentTarget.value })}
        />
      </div>
    </fieldset>
  );
}

function Chosen({ editor, thing, models }: { editor: Editor; thing: Thing; models: readonly CatalogueModel[] }) {
  const model = models.find((item) => item.name === thing.model);
  return (
    <div class="stack">
      <h3>{t("edit.selected", { thing: thing.name || named(model?.title, thing.model) })}</h3>
      <label for="thing-name">{t("edit.name")}</label>
      <input
        id="thing-name"
        maxLength={24}
        value={thing.name ?? ""}
        onChange={(event) => void editor.change({ name: event.currentTarget.value })}
      />
      <label class="slider">
        <span>{t("edit.scale")}</span>
        <input
          type="range"
          min={0.25}
          max={4}
          step={0.05}
          value={thing.scale}
          onChange={(event) => editor.scale(event.currentTarget.valueAsNumber)}
        />
      </label>
      <Colours editor={editor} thing={thing} />
      {thing.by === state.visitor.value?.id && (
        <button type="button" class="quiet" onClick={() => void editor.makeTitle()}>
          {carriedText("edit.title.make")}
        </button>
      )}
      <div class="actions">
        <button type="button" aria-label={t("edit.turn_left")} title={t("edit.turn_left")} onClick={() => editor.turn(1)}>
          <Icon name="left" />
        </button>
        <button type="button" aria-label={t("edit.turn_right")} title={t("edit.turn_right")} onClick={() => editor.turn(-1)}>
          <Icon name="right" />
        </button>
        <button type="button" class="danger" onClick={() => void editor.remove()}>
          <Icon name="trash" />
          {t("edit.delete")}
        </button>
      </div>
    </div>
  );
}

function Tools({ current }: { current: Session }) {
  const place = state.world.value;
  const editor = useMemo(() => new Editor(current), [current, place]);
  useEffect(() => () => editor.dispose(), [editor]);
  const models = place?.models ?? [];
  const thing = editor.selected.value;
  return (
    <>
      <div class="actions">
        <button type="button" onClick={() => void editor.history("undo")}>
          <Icon name="undo" />
          {t("edit.undo")}
        </button>
        <button type="button" onClick={() => void editor.history("redo")}>
          <Icon name="redo" />
          {t("edit.redo")}
        </button>
      </div>
      {thing ? <Chosen key={thing.entity} editor={editor} thing={thing} models={models} /> : <Catalogue editor={editor} models={models} />}
      {!thing && <p class="about">{t("edit.none")}</p>}
      <p class="about">{plural("edit.things", state.thingCount.value)}</p>
    </>
  );
}

export default function EditPanel() {
  const current = session.value;
  return (
    <Panel id="edit" title={t("edit.title")} class="right sheet">
      {current && <Tools current={current} />}
    </Panel>
  );
}
