// Giving the home a key, and moving titles from one key to the other.

import { CallError, type Calls, ErrorCode } from "@manyworlds/protocol";
import type { Client } from "@manyworlds/sdk";
import { checkedRotations } from "./forms.ts";
import { type OpenKey, proofStatement, type Whose, type Wrapping } from "./key.ts";

export type TitleKey = Calls["title.key"]["result"];
export type Stay = Calls["title.key.moves"]["result"]["stay"][number];
type Asks = Pick<Client, "call">;

/** The key with these wrappings instead of all that there were. */
export async function keepKey(client: Asks, key: OpenKey, whose: Whose, wrappings: Wrapping[]): Promise<TitleKey> {
  const proof = await key.sign(proofStatement(whose, key.publicKey, wrappings));
  return client.call("title.key.keep", { key: key.publicKey, wrappings, proof });
}

export interface Moved {
  moved: number;
  stay: Stay[];
  state: TitleKey;
}

/** Many things take many calls, and the home counts them: it is asked again when it has had a rest. */
async function patient<T>(ask: () => Promise<T>, waitMs: number): Promise<T> {
  for (let tries = 0; ; ++tries) {
    try {
      return await ask();
    } catch (error) {
      if (tries >= 5 || !(error instanceof CallError) || error.code !== ErrorCode.rateLimited) throw error;
      await new Promise((later) => setTimeout(later, waitMs));
    }
  }
}

/** All titles that can go, in as many calls as it takes. */
export async function moveAll(client: Asks, custody: "home" | "holder", key: OpenKey, waitMs = 2_000): Promise<Moved> {
  for (let moved = 0; ; ) {
    const form = await patient(() => client.call("title.key.moves", { custody }), waitMs);
    const moves: { asset: string; signature: string }[] = [];
    for (const { asset, statement } of checkedRotations(form, custody === "holder" ? key.publicKey : null)) moves.push({ asset, signature: await key.sign(statement) });
    const done = await patient(() => client.call("title.key.move", { custody, moves }), waitMs);
    moved += done.moved;
    if (form.more && done.moved > 0) continue;
    const failed = done.failed.map(({ asset, why }) => ({ asset, why, thing: form.moves.find((move) => move.asset === asset)?.thing ?? { name: "", model: "", scale: 1 } }));
    return { moved, stay: [...form.stay, ...failed], state: done.state };
  }
}
