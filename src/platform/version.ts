import { readFileSync } from 'node:fs'
import { ownFile } from './own-package.ts'

let version: string | null = null

/** The version of this package: of its manifest, read once. */
export function ownVersion(): string {
  version ??= readVersion()
  return version
}

function readVersion(): string {
  const manifest: { version: string } = JSON.parse(readFileSync(ownFile('package.json'), 'utf8'))
  return manifest.version
}
