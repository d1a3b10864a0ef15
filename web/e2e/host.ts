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
    for (const from = Date.now(); Date.now() - from < 30_000; await new Promise((later) => setTimeout(later, 50))) {
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

const given = new Set<number>();

/**
 * Passkeys and identifiers belong to a name and a port; such a host has to know both before it starts. Of those that no
 * connection gets by itself (from 32768): until the host listens, and while it starts again, the port is nobody's.
 */
export async function freePort(): Promise<number> {
  for (;;) {
    const port = 20_000 + Math.floor(Math.random() * 12_000);
    if (given.has(port)) continue;
    const server = createServer();
    const free = await new Promise<boolean>((ready) => {
      server.once("error", () => ready(false));
      server.listen(port, "127.0.0.1", () => ready(true));
    });
    await new Promise((closed) => server.close(closed));
    if (!free) continue;
    given.add(port);
    return port;
  }
}

interface Named {
  world: string;
  title: string;
  gate?: string; // the host that a gate in front of the entrance leads to
}
type Names<N extends string> = { hosts: Record<N, Host>; at: Record<N, string> };

/** Hosts with names of their own, each one's home for people. */
export async function namedHosts<N extends string>(plan: Record<N, Named>): Promise<Names<N>> {
  const names = Object.keys(plan) as N[];
  const ports = {} as Record<N, number>;
  for (const name of names) ports[name] = await freePort();
  const at = Object.fromEntries(names.map((name) => [name, `http://${name}.localhost:${ports[name]}`])) as Record<N, string>;
  const hosts = {} as Record<N, Host>;
  const start = async (name: N) => {
    const { world, title, gate } = plan[name];
    const portals = gate
      ? `[[portal]]
id = "away"
title = { en = "The far garden", zh = "远方的花园" }
to = "${at[gate as N]}/w/${plan[gate as N].world}?test=1&quality=low&pace=2000"
position = [0, 0, 3]
`
      : "";
    hosts[name] = await startHost({ port: ports[name], worlds: oneWorld(world, { title, portals }), args: ["--public-url", at[name], "--fetch-loopback"] });
  };
  await Promise.all(names.map(start));
  return { hosts, at };
}

/** Starts them again so that each is the witness of the one before it: by that they know that their clocks are right. */
export async function witnessInTurn<N extends string>({ hosts, at }: Names<N>): Promise<void> {
  const names = Object.keys(hosts) as N[];
  const key = async (name: N, path: string) => (await (await fetch(hosts[name].origin + path)).text()).trim();
  const keys = {} as Record<N, { log: string; witness: string }>;
  for (const name of names) keys[name] = { log: await key(name, "/log/key"), witness: await key(name, "/witness/key") };
  await Promise.all(names.map((name) => hosts[name].end("SIGTERM")));
  await Promise.all(
    names.map((name, i) => {
      const next = names[(i + 1) % names.length] as N;
      const before = names[(i + names.length - 1) % names.length] as N;
      return hosts[name].start(["--witness-for", keys[before].log, "--witnesses", `${keys[next].witness} ${at[next]}`]);
    }),
  );
}

/** Two hosts; a gate leads from the world alpha of `a` to beta of `b`. */
export async function twoHosts(): Promise<{ a: Host; b: Host; at: { a: string; b: string } }> {
  const { hosts, at } = await namedHosts({ a: { world: "alpha", title: "Alpha", gate: "b" }, b: { world: "beta", title: "Beta" } });
  return { ...hosts, at };
}
