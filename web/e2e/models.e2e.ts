// A creator's own glTF, in the two shapes that need no tool: text with its buffers and pictures in itself, and text with
// its files beside it.

import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Browser } from "playwright-core";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { startHost } from "./host.ts";
import { launch, visit } from "./visitor.ts";

/** A white pixel. */
const pixel = "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mP8/x8AAwMCAO+ip1sAAAAASUVORK5CYII=";

function floor(): Buffer {
  const bytes = Buffer.alloc(48 + 32 + 12);
  [-20, 0, -20, -20, 0, 20, 20, 0, 20, 20, 0, -20].forEach((value, i) => bytes.writeFloatLE(value, 4 * i));
  [0, 0, 0, 1, 1, 1, 1, 0].forEach((value, i) => bytes.writeFloatLE(value, 48 + 4 * i));
  [0, 1, 2, 0, 2, 3].forEach((value, i) => bytes.writeUInt16LE(value, 80 + 2 * i));
  return bytes;
}

function gltf(buffer: string, image: string): string {
  return JSON.stringify({
    asset: { version: "2.0" },
    scene: 0,
    scenes: [{ nodes: [0] }],
    nodes: [{ mesh: 0, name: "floor" }],
    meshes: [{ primitives: [{ attributes: { POSITION: 0, TEXCOORD_0: 1 }, indices: 2, material: 0 }] }],
    materials: [{ pbrMetallicRoughness: { baseColorTexture: { index: 0 } } }],
    textures: [{ source: 0 }],
    images: [{ uri: image }],
    buffers: [{ byteLength: 92, uri: buffer }],
    bufferViews: [
      { buffer: 0, byteOffset: 0, byteLength: 48 },
      { buffer: 0, byteOffset: 48, byteLength: 32 },
      { buffer: 0, byteOffset: 80, byteLength: 12 },
    ],
    accessors: [
      { bufferView: 0, componentType: 5126, count: 4, type: "VEC3", min: [-20, 0, -20], max: [20, 0, 20] },
      { bufferView: 1, componentType: 5126, count: 4, type: "VEC2" },
      { bufferView: 2, componentType: 5123, count: 6, type: "SCALAR" },
    ],
  });
}

function worldOf(files: Record<string, string | Buffer>): string {
  const folder = mkdtempSync(join(tmpdir(), "manyworlds-worlds-"));
  mkdirSync(join(folder, "own"));
  const text = 'name = "own"\n[title]\nen = "My own"\nzh = "我的"\n[description]\nen = "Of files."\nzh = "来自文件。"\n[scene]\nfile = "scene.gltf"\n[spawn]\nposition = [0, 0, 0]\n';
  for (const [name, content] of Object.entries({ ...files, "world.toml": text })) writeFileSync(join(folder, "own", name), content);
  return folder;
}

describe("a creator's .gltf", () => {
  let browser: Browser;
  beforeAll(async () => {
    browser = await launch();
  });
  afterAll(() => browser?.close());

  const base64 = floor().toString("base64");
  it.each([
    ["in itself", { "scene.gltf": gltf(`data:application/octet-stream;base64,${base64}`, `data:image/png;base64,${pixel}`) }],
    ["in files beside it", { "scene.gltf": gltf("floor.bin", "white.png"), "floor.bin": floor(), "white.png": Buffer.from(pixel, "base64") }],
  ])("shows what it has %s", async (_, files) => {
    const worlds = worldOf(files);
    const host = await startHost({ worlds });
    try {
      const visitor = await visit(browser, `${host.origin}/w/own`);
      await visitor.inside("own");
      await visitor.until((api) => api.stats().triangles > 0, "a picture");
      visitor.clean();
      expect((await visitor.ask((api) => api.self()))?.y).toBeCloseTo(0, 1);
      await visitor.context.close();
    } finally {
      await host.dispose();
      rmSync(worlds, { recursive: true, force: true });
    }
  });
});
