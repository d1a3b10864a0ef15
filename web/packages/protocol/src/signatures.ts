// Signatures as the host verifies them (src/crypto/crypto.h): Ed25519 by libsodium's cofactorless rule. Browsers accept more
// than that, each in its own way; a log that two verifiers read differently has forked, so what they differ on is refused
// here before they are asked. Keys are enrolled by hosts, which also refuse points outside the main group.
// Source: RFC 8032, section 5.1.7; libsodium's crypto_sign_verify_detached.

// Little-endian bytes of the field's prime 2^255 - 19 and of the group's order.
const PRIME = Uint8Array.from([0xed, ...new Array<number>(30).fill(0xff), 0x7f]);
const ORDER = Uint8Array.from([
  0xed, 0xd3, 0xf5, 0x5c, 0x1a, 0x63, 0x12, 0x58, 0xd6, 0x9c, 0xf7, 0xa2, 0xde, 0xf9, 0xde, 0x14, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0x10,
]);
// The y of every point of small order that is written canonically; those of order 8 first.
const SMALL_ORDER = [
  "26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05", "c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a",
  "0000000000000000000000000000000000000000000000000000000000000000", "0100000000000000000000000000000000000000000000000000000000000000",
  "ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
];

function below(bytes: Uint8Array, bound: Uint8Array): boolean {
  for (let i = bound.length - 1; i >= 0; i--) if (bytes[i] !== bound[i]) return bytes[i]! < bound[i]!;
  return false;
}

/** A point that every verifier reads alike: y is below the prime, and the point is not of small order. */
function isPlainPoint(point: Uint8Array): boolean {
  const y = point.slice();
  y[31] = y[31]! & 0x7f;
  if (!below(y, PRIME)) return false;
  const text = Array.from(y, (byte) => byte.toString(16).padStart(2, "0")).join("");
  return !SMALL_ORDER.includes(text);
}

/** Whether `signature` (64 bytes) is by `publicKey` (32 bytes) over `message`. Never throws for what the bytes are. */
export async function verifyEd25519(publicKey: Uint8Array, message: Uint8Array, signature: Uint8Array): Promise<boolean> {
  if (publicKey.length !== 32 || signature.length !== 64) return false;
  if (!isPlainPoint(publicKey) || !isPlainPoint(signature.subarray(0, 32)) || !below(signature.subarray(32), ORDER)) return false;
  try {
    const key = await crypto.subtle.importKey("raw", publicKey.slice(), "Ed25519", false, ["verify"]);
    return await crypto.subtle.verify("Ed25519", key, signature.slice(), message.slice());
  } catch {
    return false; // no point at all
  }
}
