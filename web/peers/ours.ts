// Our side of the comparison: a program of the release build, one line in, one line out.
import { spawnSync } from "node:child_process";
import { existsSync } from "node:fs";
import { resolve } from "node:path";

const folder = process.env.MW_RELEASE ?? resolve(import.meta.dirname, "../../build/release");

/** Runs `peer_NAME` over the lines; a missing program fails the test, since nothing would have been compared. */
export function ours(name: string, lines: readonly string[]): string[] {
  const program = resolve(folder, `peer_${name}`);
  if (!existsSync(program)) throw new Error(`${program} is not built: ./test build peers`);
  const { stdout, status, error } = spawnSync(program, {
    input: `${lines.join("\n")}\n`, encoding: "utf8", maxBuffer: 1 << 30, timeout: 60_000,
  });
  if (error) throw error;
  if (status !== 0) throw new Error(`${program} ended with ${status}`);
  const answers = stdout.split("\n");
  answers.pop();
  return answers;
}

/** A small generator with a seed (mulberry32), so that a failure repeats. */
export function seeded(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let t = Math.imul(state ^ (state >>> 15), state | 1);
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
  };
}
