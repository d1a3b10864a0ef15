import type { Core } from "@manyworlds/protocol";
import { loadWasmCore } from "@manyworlds/protocol/wasm.ts";
import url from "virtual-wasm?url";

/** The WebAssembly core, fetched from the host like everything else. */
export async function loadCore(): Promise<Core> {
  const response = await fetch(url);
  if (!response.ok) throw new Error(`${url}: ${response.status}`);
  return loadWasmCore(response);
}
