import { createServer } from 'node:net'
import { join } from 'node:path'
import t from 'tap'
import { ROOT } from '../../../fixtures/root.ts'

t.test('small packets are sent at once, Nagle’s algorithm is off, and little is read ahead', async (t) => {
  const options: unknown[] = []
  const { tcpService } = await t.mockImport<typeof import('../../../../src/broker/listeners/tcp.ts')>(
    join(ROOT, 'dist/broker/listeners/tcp.js'),
    {
      'node:net': {
        createServer: (given: unknown) => {
          options.push(given)
          return createServer()
        },
      },
    },
  )
  tcpService(() => {}).createServer()
  t.strictSame(options, [{ noDelay: true, highWaterMark: 1024 }])
})
