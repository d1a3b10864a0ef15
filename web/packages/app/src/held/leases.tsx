// Things come along whose key their owner holds: the leases are signed on the way, since they begin when they are made.

import type { Calls } from "@manyworlds/protocol";
import type { Client } from "@manyworlds/sdk";
import { checkedLease, NotAsAsked } from "./forms.ts";
import type { OpenKey } from "./key.ts";
import { Sign } from "./sign.tsx";
import { heldText } from "./texts.ts";

type Answer = Calls["travel.answer"]["params"];
export type Leases = NonNullable<Answer["leases"]>;
type Thing = Calls["travel.asked"]["result"]["told"]["carried"][number];

async function signed(client: Client, key: OpenKey, challenge: Answer["challenge"], host: string, thing: Thing): Promise<Leases[number]> {
  const { asset } = thing;
  const checked = await checkedLease(asset, host, await client.call("title.lease.form", { challenge, asset }));
  // What was ticked is what the title is over.
  if (checked.look.name !== thing.name || checked.look.model !== thing.model) throw new NotAsAsked("thing");
  return { asset, from_s: checked.from_s, until_s: checked.until_s, signature: await key.sign(checked.statement) };
}

interface Props {
  client: Client;
  challenge: Answer["challenge"];
  destination: { did: string; host: string };
  things: readonly Thing[];
  nameOf: (thing: Thing) => string;
  go: (leases: Leases) => Promise<void>;
  onStop: () => void;
}

export default function SignLeases({ client, challenge, destination, things, nameOf, go, onStop }: Props) {
  return (
    <Sign
      client={client}
      go={heldText("lease.go")}
      onStop={onStop}
      act={async (key) => {
        const leases: Leases = [];
        for (const thing of things) leases.push(await signed(client, key, challenge, destination.did, thing));
        await go(leases);
      }}
    >
      <h1>{heldText("lease.title")}</h1>
      <p>{heldText("lease", { things: things.map(nameOf).join(", "), host: destination.host })}</p>
      <p class="about">{heldText("lease.longer")}</p>
    </Sign>
  );
}
