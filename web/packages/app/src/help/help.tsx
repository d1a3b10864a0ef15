import { t } from "../i18n.ts";
import { touch } from "../state.ts";
import { Panel } from "./parts.tsx";

function Keys(props: { names: readonly string[] }) {
  return (
    <>
      {props.names.map((name) => (
        <kbd key={name}>{name}</kbd>
      ))}
    </>
  );
}

export default function HelpPanel() {
  return (
    <Panel id="help" title={t("help.title")} class="right">
      {touch.value && (
        <ul class="about">
          <li>{t("help.touch.walk")}</li>
          <li>{t("help.touch.look")}</li>
        </ul>
      )}
      <dl class="keys">
        <dt>{t("help.walk")}</dt>
        <dd><Keys names={["W", "A", "S", "D", "↑", "↓"]} /></dd>
        <dt>{t("help.run")}</dt>
        <dd><Keys names={["Shift"]} /></dd>
        <dt>{t("help.jump")}</dt>
        <dd><Keys names={["Space"]} /></dd>
        <dt>{t("help.look")}</dt>
        <dd>{t("help.look.how")}</dd>
        <dt>{t("help.zoom")}</dt>
        <dd>{t("help.zoom.how")}</dd>
        <dt>{t("help.use")}</dt>
        <dd><Keys names={["E"]} /></dd>
        <dt>{t("help.chat")}</dt>
        <dd><Keys names={["Enter", "T"]} /></dd>
        <dt>{t("help.gestures")}</dt>
        <dd><Keys names={["1", "2", "3", "4"]} /></dd>
      </dl>
    </Panel>
  );
}
