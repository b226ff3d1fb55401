import { createServer } from 'node:net'
import t from 'tap'

t.test('small packets are sent at once: Nagle’s algorithm is off', async (t) => {
  const options: unknown[] = []
  const { tcpService } = await t.mockImport<typeof import('../../../../src/broker/listeners/tcp.ts')>(
    '../../../../src/broker/listeners/tcp.ts',
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
  t.strictSame(options, [{ noDelay: true }])
})
