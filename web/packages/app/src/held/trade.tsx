// A trade in which one holds the key of what one gives: what the record says, and the signature by which one agrees.

import type { Client } from "@manyworlds/sdk";
import { useEffect, useState } from "preact/hooks";
import { thingName } from "../thing-names.ts";
import { checkedTrade, NotAsAsked } from "./forms.ts";
import type { TitleKey } from "./moving.ts";
import { Sign, wordsOf } from "./sign.tsx";
import { heldText } from "./texts.ts";

type Checked = Awaited<ReturnType<typeof checkedTrade>>;

interface Props {
  client: Client;
  trade: number;
  gives: string;
  gets: string;
  agree: (signature: string) => Promise<unknown>;
  onStop: () => void;
}

export default function SignTrade({ client, trade, gives, gets, agree, onStop }: Props) {
  const [checked, setChecked] = useState<Checked | null>(null);
  const [about, setAbout] = useState<TitleKey | null>(null);
  const [error, setError] = useState("");
  useEffect(() => {
    Promise.all([client.call("title.trade.form", { trade }), client.call("title.key", {})])
      .then(async ([form, key]) => {
        setChecked(await checkedTrade(gives, gets, form));
        setAbout(key);
      })
      .catch((reason: unknown) => setError(wordsOf(reason)));
  }, []);
  const words = checked ? { gives: thingName(checked.gives), gets: thingName(checked.gets), host: location.host } : undefined;
  const own = checked !== null && checked.getsTo === about?.key;
  return (
    <Sign
      client={client}
      go={heldText("trade.go")}
      ready={checked !== null && about !== null}
      onStop={onStop}
      act={async (key) => {
        if (!checked) return;
        // What was shown as one's own key is the one that signs.
        if (own && checked.getsTo !== key.publicKey) throw new NotAsAsked("to");
        await agree(await key.sign(checked.statement));
        onStop();
      }}
    >
      {!checked && !error && <p class="about">{heldText("asking")}</p>}
      {error && (
        <p class="error" role="alert">
          {error}
        </p>
      )}
      {words && (
        <>
          <p>{heldText("trade", words)}</p>
          <p class="about">{heldText(own ? "trade.own" : "trade.home", words)}</p>
        </>
      )}
    </Sign>
  );
}
