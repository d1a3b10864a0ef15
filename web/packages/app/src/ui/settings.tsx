import { language, t } from "../i18n.ts";
import { choose, DISTANCE, settings } from "../settings.ts";
import { touch } from "../state.ts";
import { Choice, Panel, Switch } from "./parts.tsx";

export default function SettingsPanel() {
  const now = settings.value;
  return (
    <Panel id="settings" title={t("settings.title")} class="right">
      <Choice
        label={t("settings.language")}
        name="language"
        value={language.value}
        options={[
          { value: "en", label: "English" },
          { value: "zh", label: "中文" },
        ]}
        onChoose={(value) => choose({ language: value })}
      />
      <Choice
        label={t("settings.quality")}
        name="quality"
        value={now.quality}
        options={(["auto", "low", "medium", "high"] as const).map((value) => ({ value, label: t(`settings.quality.${value}`) }))}
        onChoose={(quality) => choose({ quality })}
      />
      <Choice
        label={t("settings.camera")}
        name="camera"
        value={now.camera}
        options={(["third", "first"] as const).map((value) => ({ value, label: t(`settings.camera.${value}`) }))}
        onChoose={(camera) => choose({ camera })}
      />
      <label class="slider">
        <span>{t("settings.distance")}</span>
        <input
          type="range"
          min={DISTANCE.least}
          max={DISTANCE.most}
          step={0.1}
          value={now.distance}
          onInput={(event) => choose({ distance: event.currentTarget.valueAsNumber })}
        />
      </label>
      <Switch label={t("settings.invert")} on={now.invertLook} onChange={(invertLook) => choose({ invertLook })} />
      {!touch.value && <Switch label={t("settings.lock")} on={now.lockPointer} onChange={(lockPointer) => choose({ lockPointer })} />}
      <Switch label={t("settings.reduced")} on={now.reducedMotion} onChange={(reducedMotion) => choose({ reducedMotion })} />
      <Switch label={t("settings.tags")} on={now.nameTags} onChange={(nameTags) => choose({ nameTags })} />
      <Switch label={t("settings.stats")} on={now.figures} onChange={(figures) => choose({ figures })} />
    </Panel>
  );
}
