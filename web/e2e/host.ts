// Starts a real host for a test: loopback, a free port, its own data folder; ends it, kills it, starts it again.

import { type ChildProcess, spawn } from "node:child_process";
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";

export const root = resolve(import.meta.dirname, "../..");
export const binary = process.env["MW_BINARY"] ?? join(root, "build/release/manyworlds");

export interface HostOptions {
  /** Folder of worlds; the demonstration's by default. */
  worlds?: string;
  args?: string[];
  /** Where the host must know its address before it starts; otherwise any free one. */
  port?: number;
}

export class Host {
  private child: ChildProcess | null = null;
  private output = "";
  port = 0;
  readonly folder = mkdtempSync(join(tmpdir(), "manyworlds-e2e-"));

  constructor(private readonly options: HostOptions = {}) {
    this.port = options.port ?? 0;
  }

  get origin(): string {
    return `http://127.0.0.1:${this.port}`;
  }

  /** `more`: arguments of this start alone. */
  async start(more: string[] = []): Promise<this> {
    const ready = join(this.folder, "ready");
    rmSync(ready, { force: true });
    const worlds = this.options.worlds ?? join(root, "worlds");
    const args = ["serve", worlds, "--port", String(this.port), "--data", join(this.folder, "data"), "--ready-file", ready];
    this.output = "";
    this.child = spawn(binary, [...args, ...(this.options.args ?? []), ...more], { stdio: ["ignore", "pipe", "pipe"] });
    const keep = (data: Buffer) => (this.output = (this.output + data.toString()).slice(-200_000));
    this.child.stdout?.on("data", keep);
    this.child.stderr?.on("data", keep);
    for (const from = Date.now(); !existsSync(ready) || readFileSync(ready, "utf8").trim() === ""; ) {
      if (this.child.exitCode !== null) throw new Error(`the host ended:\n${this.output}`);
      if (Date.now() - from > 60_000) throw new Error(`the host does not get ready:\n${this.output}`);
      await new Promise((later) => setTimeout(later, 50));
    }
    this.port = Number(readFileSync(ready, "utf8").split("\n")[0]);
    return this;
  }

  /** The one-time link of this start. */
  async operatorLink(): Promise<string> {
    for (const from = Date.now(); Date.now() - from < 5000; await new Promise((later) => setTimeout(later, 50))) {
      const token = /#operator=([A-Za-z0-9_.~%-]+)/.exec(this.output)?.[1];
      if (token) return `${this.origin}/w/plaza#operator=${token}`;
    }
    throw new Error(`no operator link in:\n${this.output}`);
  }

  get log(): string {
    return this.output;
  }

  async end(signal: NodeJS.Signals): Promise<void> {
    const child = this.child;
    this.child = null;
    if (!child || child.exitCode !== null) return;
    const gone = new Promise((resolve) => child.once("exit", resolve));
    child.kill(signal);
    await gone;
  }

  async dispose(): Promise<void> {
    await this.end("SIGKILL");
    rmSync(this.folder, { recursive: true, force: true });
  }
}

export async function startHost(options: HostOptions = {}): Promise<Host> {
  const host = new Host(options);
  try {
    return await host.start();
  } catch (error) {
    await host.dispose();
    throw error;
  }
}

/** A folder with one small world, changed as the test needs. */
export function oneWorld(name: string, changes: { capacity?: number; edit?: string; title?: string; portals?: string }): string {
  const folder = mkdtempSync(join(tmpdir(), "manyworlds-worlds-"));
  mkdirSync(join(folder, name));
  const title = changes.title ?? "A small world";
  const text = `name = "${name}"
capacity = ${changes.capacity ?? 10}
accent = "#4C5FD5"
walkers = 0
[title]
en = ${JSON.stringify(title)}
zh = "小世界"
[description]
en = "For tests."
zh = "用于测试。"
[scene]
kit = "garden"
seed = 3
[spawn]
position = [0, 0, 8]
yaw = 3.14159
radius = 1
[sky]
mood = "noon"
[permissions]
edit = "${changes.edit ?? "everyone"}"
${changes.portals ?? ""}
`;
  writeFileSync(join(folder, name, "world.toml"), text);
  return folder;
}

/** Passkeys and identifiers belong to a name and a port; such a host has to know both before it starts. */
export async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((ready) => server.listen(0, "127.0.0.1", ready));
  const { port } = server.address() as { port: number };
  await new Promise((closed) => server.close(closed));
  return port;
}

/** Two hosts with names of their own, each one's home for people; a gate leads from the world alpha of `a` to beta of `b`. */
export async function twoHosts(): Promise<{ a: Host; b: Host; at: { a: string; b: string } }> {
  const [portA, portB] = [await freePort(), await freePort()];
  const at = { a: `http://a.localhost:${portA}`, b: `http://b.localhost:${portB}` };
  const portals = `[[portal]]
id = "away"
title = { en = "The far garden", zh = "远方的花园" }
to = "${at.b}/w/beta?test=1&quality=low"
position = [0, 0, 3]
`;
  const a = await startHost({ port: portA, worlds: oneWorld("alpha", { title: "Alpha", portals }), args: ["--public-url", at.a, "--fetch-loopback"] });
  const b = await startHost({ port: portB, worlds: oneWorld("beta", { title: "Beta" }), args: ["--public-url", at.b, "--fetch-loopback"] });
  return { a, b, at };
}
