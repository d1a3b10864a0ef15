// Why a file is no figure, in the words of whoever brings it. The host says which part of the file it is and what was expected there, in
// English, for whoever makes figures; that is added.

import { CallError } from "@manyworlds/protocol";
import { errorText } from "../state.ts";
import { type OwnKey, say } from "./texts.ts";

/** By the first name in the field of the refusal (src/gltf/avatar.h). */
const KINDS: Readonly<Record<string, OwnKey>> = {
  file: "refused.file",
  bones: "refused.bones",
  skins: "refused.bones",
  pose: "refused.pose",
  height: "refused.height",
  images: "refused.pictures",
  textures: "refused.pictures",
  vertices: "refused.heavy",
  triangles: "refused.heavy",
  nodes: "refused.heavy",
  joints: "refused.heavy",
  materials: "refused.heavy",
};

export function refusal(error: unknown): string {
  if (!(error instanceof CallError) || error.method !== "avatar.check" || error.field === undefined) return errorText(error);
  const part = /^[a-z_]+/.exec(error.field)?.[0] ?? "";
  return say(KINDS[part] ?? "refused.broken", { reason: `${error.field}: ${error.message.replace(`${error.field}: `, "")}` });
}
