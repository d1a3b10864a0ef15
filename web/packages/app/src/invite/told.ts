// What becomes of an invitation, in words: at once, or when the turn in the queue has come.

import type { Client, Place } from "@manyworlds/sdk";
import * as state from "../state.ts";
import { say } from "./texts.ts";

export function tell(client: Client): void {
  const said = ({ detail }: Place) => state.notify(detail.beside ? say("there", { name: detail.beside }) : say("gone"));
  if (client.place) return said(client.place);
  const off = client.on("entered", (place) => {
    off();
    said(place);
  });
}
