import { execFile } from 'node:child_process'
import { join } from 'node:path'
import { promisify } from 'node:util'
import t from 'tap'
import '../../fixtures/bare-processes.ts'
import { ROOT } from '../../fixtures/root.ts'

const run = promisify(execFile)

/** Whether a process that has loaded `module` would make all numbers that a packet may hold. */
async function makesNumbers(module: string): Promise<string> {
  const program = `
    import { createRequire } from 'node:module'
    await import(${JSON.stringify(join(ROOT, 'dist', module))})
    const { writeToStream } = createRequire(${JSON.stringify(join(ROOT, 'dist', module))})('mqtt-packet')
    process.stdout.write(String(writeToStream.cacheNumbers))
    process.exit()`
  const { stdout } = await run(process.execPath, ['--input-type=module', '-e', program])
  return stdout
}

for (const module of ['broker/broker.js', 'clients/link/mqtt-link.js']) {
  t.test(`${module} keeps mqtt-packet from filling memory with numbers`, async (t) => {
    t.equal(await makesNumbers(module), 'false')
  })
}
