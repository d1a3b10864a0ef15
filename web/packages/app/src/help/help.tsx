import { t } from "../i18n.ts";
import { touch } from "../state.ts";
import { Panel } from "../ui/parts.tsx";
import { say } from "./texts.ts";

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
          <li>{say("touch.walk")}</li>
          <li>{say("touch.look")}</li>
        </ul>
      )}
      <dl class="keys">
        <dt>{say("walk")}</dt>
        <dd><Keys names={["W", "A", "S", "D", "↑", "↓"]} /></dd>
        <dt>{say("run")}</dt>
        <dd><Keys names={["Shift"]} /></dd>
        <dt>{say("jump")}</dt>
        <dd><Keys names={["Space"]} /></dd>
        <dt>{say("look")}</dt>
        <dd>{say("look.how")}</dd>
        <dt>{say("zoom")}</dt>
        <dd>{say("zoom.how")}</dd>
        <dt>{say("use")}</dt>
        <dd><Keys names={["E"]} /></dd>
        <dt>{say("chat")}</dt>
        <dd><Keys names={["Enter", "T"]} /></dd>
        <dt>{say("gestures")}</dt>
        <dd><Keys names={["1", "2", "3", "4"]} /></dd>
      </dl>
    </Panel>
  );
}
