// A file on its way to the host: in parts, since a connection's messages are small, and outside of the session, whose bytes a second
// are bounded. The host says what it is; nothing is kept before that was read.

import type { Avatar } from "@manyworlds/protocol";

interface Client {
  call(method: "avatar.begin", params: { bytes: number }): Promise<{ upload: string; part: number }>;
  call(method: "avatar.check", params: { upload: string }): Promise<Avatar>;
}

export interface Brought {
  upload: string;
  about: Avatar;
  file: ArrayBuffer;
}

const rateLimited = -32006;
const tries = 6;

export function base64(bytes: Uint8Array): string {
  let text = "";
  for (let at = 0; at < bytes.length; at += 0x8000) text += String.fromCharCode(...bytes.subarray(at, at + 0x8000));
  return btoa(text);
}

async function post(params: { upload: string; at: number; data: string }): Promise<void> {
  for (let pause = 500, left = tries; ; left--, pause *= 2) {
    const body = JSON.stringify({ jsonrpc: "2.0", id: 1, method: "avatar.send", params });
    const response = await fetch("/rpc", { method: "POST", headers: { "Content-Type": "application/json" }, body });
    const answer = (await response.json()) as { error?: { code: number; message: string } };
    if (!answer.error) return;
    if (answer.error.code !== rateLimited || left === 0) throw new Error(answer.error.message);
    await new Promise((resolve) => setTimeout(resolve, pause));
  }
}

/** `onShare`: of the bytes that are there, from 0 to 1; then the host checks. Rejects with what is wrong. */
export async function bring(client: Client, file: ArrayBuffer, onShare: (share: number) => void): Promise<Brought> {
  const { upload, part } = await client.call("avatar.begin", { bytes: file.byteLength });
  const bytes = new Uint8Array(file);
  for (let at = 0; at < bytes.length; at += part) {
    onShare(at / bytes.length);
    await post({ upload, at, data: base64(bytes.subarray(at, at + part)) });
  }
  onShare(1);
  return { upload, about: await client.call("avatar.check", { upload }), file };
}
