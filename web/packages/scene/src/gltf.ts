// Fetches and parses glTF binaries, with true progress, under the host's content security policy: no script is built
// from text, and images go through <img> (blob: is allowed there, and not for fetch). The transcoder of KTX2 textures
// is large and rarely needed, so it is loaded when a file asks for it.

import { TextureLoader, type WebGLRenderer } from "three";
import { type GLTF, GLTFLoader, type GLTFParser } from "three/examples/jsm/loaders/GLTFLoader.js";
import { MeshoptDecoder } from "three/examples/jsm/libs/meshopt_decoder.module.js";

const magic = 0x46546c67;
const jsonChunk = 0x4e4f534a;
/** A file that claims more is not a scene for a browser. */
const maxBytes = 256 * 1024 * 1024;

/** Adds up the bytes of several files. A file's total comes from its header, since the transfer may be compressed. */
export class Tally {
  private readonly files = new Map<string, { loaded: number; total: number }>();
  constructor(private readonly onChange: (loaded: number, total: number) => void) {}
  set(file: string, loaded: number, total: number): void {
    this.files.set(file, { loaded, total: Math.max(total, loaded) });
    let sum = 0;
    let all = 0;
    for (const f of this.files.values()) {
      sum += f.loaded;
      all += f.total;
    }
    this.onChange(sum, all);
  }
}

/** Length that a GLB's header states, or 0 when the bytes are not (yet) a GLB's. */
export function statedLength(head: Uint8Array): number {
  if (head.byteLength < 12) return 0;
  const view = new DataView(head.buffer, head.byteOffset, 12);
  return view.getUint32(0, true) === magic ? view.getUint32(8, true) : 0;
}

/** Extensions that the file uses; empty when its JSON cannot be read (the loader then says what is wrong). */
export function usedExtensions(bytes: ArrayBuffer): string[] {
  try {
    const view = new DataView(bytes);
    const binary = view.getUint32(0, true) === magic;
    if (binary && view.getUint32(16, true) !== jsonChunk) return [];
    const text = binary ? new Uint8Array(bytes, 20, view.getUint32(12, true)) : new Uint8Array(bytes);
    const json = JSON.parse(new TextDecoder().decode(text)) as { extensionsUsed?: string[] };
    return json.extensionsUsed ?? [];
  } catch {
    return [];
  }
}

export async function fetchBytes(url: string, tally?: Tally): Promise<ArrayBuffer> {
  const response = await fetch(url).catch((cause: unknown) => {
    throw new Error(`${url}: cannot be fetched`, { cause });
  });
  if (!response.ok || !response.body) throw new Error(`${url}: HTTP ${response.status}`);
  const chunks: Uint8Array[] = [];
  let size = 0;
  let total = response.headers.has("content-encoding") ? 0 : Number(response.headers.get("content-length") ?? 0);
  const reader = response.body.getReader();
  for (;;) {
    const { done, value } = await reader.read();
    if (done) break;
    if (size === 0) total = statedLength(value) || total;
    chunks.push(value);
    size += value.byteLength;
    if (size > maxBytes) throw new Error(`${url}: larger than ${maxBytes} bytes`);
    tally?.set(url, size, total);
  }
  tally?.set(url, size, size);
  const bytes = new Uint8Array(size);
  let at = 0;
  for (const chunk of chunks) {
    bytes.set(chunk, at);
    at += chunk.byteLength;
  }
  return bytes.buffer;
}

/** The loader would fetch() blob: addresses for images inside of a GLB, which the policy refuses. */
function imagesByElement(parser: GLTFParser): { name: string } {
  const loader = new TextureLoader(parser.options.manager);
  loader.setCrossOrigin(parser.options.crossOrigin);
  parser.textureLoader = loader;
  return { name: "MW_images_by_element" };
}

export class Models {
  private textures: Promise<{ dispose(): void }> | null = null;
  constructor(private readonly renderer: WebGLRenderer) {}

  /** Rejects with an Error that names the file. */
  async load(url: string, tally?: Tally): Promise<GLTF> {
    const bytes = await fetchBytes(url, tally);
    return this.parse(bytes, url);
  }

  async parse(bytes: ArrayBuffer, url: string): Promise<GLTF> {
    const loader = new GLTFLoader();
    loader.setMeshoptDecoder(MeshoptDecoder);
    loader.register(imagesByElement);
    if (usedExtensions(bytes).includes("KHR_texture_basisu")) {
      const { createTextureLoader } = await import("./ktx2.ts");
      this.textures ??= createTextureLoader(this.renderer);
      loader.setKTX2Loader((await this.textures) as Parameters<typeof loader.setKTX2Loader>[0]);
    }
    try {
      return await loader.parseAsync(bytes, url.slice(0, url.lastIndexOf("/") + 1));
    } catch (cause) {
      throw new Error(`${url}: ${cause instanceof Error ? cause.message : "not a glTF"}`, { cause });
    }
  }

  dispose(): void {
    void this.textures?.then((loader) => loader.dispose());
  }
}
