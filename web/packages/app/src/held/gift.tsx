// A thing whose key its owner holds is given: what the record says, shown from what was checked, and the signature.

import type { Client } from "@manyworlds/sdk";
import { useEffect, useState } from "preact/hooks";
import { thingName } from "../thing-names.ts";
import { checkedGift } from "./forms.ts";
import { Sign, wordsOf } from "./sign.tsx";
import { heldText } from "./texts.ts";

type Checked = Awaited<ReturnType<typeof checkedGift>> & { name: string; home: string };

interface Props {
  client: Client;
  asset: string;
  to: { visitor: string } | { person: string };
  onGiven: () => void;
  onStop: () => void;
}

export default function SignGift({ client, asset, to, onGiven, onStop }: Props) {
  const [checked, setChecked] = useState<Checked | null>(null);
  const [error, setError] = useState("");
  useEffect(() => {
    client
      .call("title.form", { asset, ...to })
      .then(async (form) => setChecked({ ...(await checkedGift(asset, form)), ...form.recipient }))
      .catch((reason: unknown) => setError(wordsOf(reason)));
  }, []);
  return (
    <Sign
      client={client}
      go={heldText("gift.go")}
      ready={checked !== null}
      onStop={onStop}
      act={async (key) => {
        if (!checked) return;
        await client.call("title.transfer", { asset, ...to, signature: await key.sign(checked.statement) });
        onGiven();
      }}
    >
      {!checked && !error && <p class="about">{heldText("asking")}</p>}
      {error && (
        <p class="error" role="alert">
          {error}
        </p>
      )}
      {checked && (
        <>
          <p>{heldText("gift", { thing: thingName(checked.look), name: checked.name, home: checked.home })}</p>
          <details>
            <summary>{heldText("gift.key")}</summary>
            <code class="long">{checked.to}</code>
          </details>
        </>
      )}
    </Sign>
  );
}
