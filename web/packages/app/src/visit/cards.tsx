// What the pages of a home that other hosts lead to have in common: logging in first, and what went wrong.

import { t } from "../i18n.ts";

export function LogInFirst(props: { text: string; busy: boolean; onGo: () => void }) {
  return (
    <>
      <h1>{t("account.title")}</h1>
      <p>{props.text}</p>
      <div class="actions">
        <button type="button" class="primary" disabled={props.busy} onClick={props.onGo}>
          {t("account.log_in")}
        </button>
      </div>
    </>
  );
}

export function Problem(props: { title: string; reason: string; home: string }) {
  return (
    <>
      <h1>{props.title}</h1>
      <p>{props.reason}</p>
      <div class="actions">
        <a class="button primary" href="/">
          {props.home}
        </a>
      </div>
    </>
  );
}
