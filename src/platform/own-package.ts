/** Where the files of this package are: modules lie deep or, bundled, near the root, and run compiled or as written. */
import { existsSync } from 'node:fs'
import { dirname, extname, join } from 'node:path'
import { fileURLToPath } from 'node:url'

const SELF = fileURLToPath(import.meta.url)

function rootAbove(folder: string): string {
  const isRoot = existsSync(join(folder, 'package.json')) || dirname(folder) === folder
  return isRoot ? folder : rootAbove(dirname(folder))
}

const ROOT = rootAbove(dirname(SELF))

/** The path of a file of this package, from its root: `package.json`. */
export const ownFile = (path: string): string => join(ROOT, path)

/** The path of a module that is started by its path, which is given from `src` and without its extension: `cli`. */
export const ownModule = (name: string): string =>
  ownFile(extname(SELF) === '.ts' ? `src/${name}.ts` : `dist/program/${name}.js`)
