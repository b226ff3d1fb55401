/** Stand-ins for secrets, and for texts that a stranger chose as long as he liked. */
import { createHmac, randomBytes } from 'node:crypto'

/**
 * A text of fixed length that stands for `parts`, in their order, and for nothing else. It tells nothing of them to who
 * has not the key, and differs from one maker to the next.
 */
export type Fingerprint = (...parts: readonly (string | Uint8Array)[]) => string

/** Bytes of the key: as many as SHA-256 gives. Source: RFC 2104, 3. */
const KEY_BYTES = 32

/** Makes a maker of fingerprints with a key of its own, drawn now and kept nowhere else. */
export function createFingerprint(): Fingerprint {
  const key = randomBytes(KEY_BYTES)
  return (...parts) => {
    const hmac = createHmac('sha256', key)
    // With its length before it, no part can be taken for the end of the one before.
    for (const part of parts) hmac.update(`${Buffer.byteLength(part)}:`).update(part)
    return hmac.digest('base64url')
  }
}
