import { readFileSync } from 'node:fs'

let version: string | null = null

/** The version of this package: of its manifest, read once. */
export function ownVersion(): string {
  version ??= readVersion()
  return version
}

function readVersion(): string {
  const manifest: { version: string } = JSON.parse(readFileSync(new URL('../../package.json', import.meta.url), 'utf8'))
  return manifest.version
}
