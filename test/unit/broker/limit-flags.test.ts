import t from 'tap'
import { LIMITS_HELP, parseLimits } from '../../../src/broker/limit-flags.ts'
import { DEFAULT_LIMITS } from '../../../src/broker/limits.ts'

t.test('each flag changes one limit, and the last of a name counts', async (t) => {
  t.strictSame(parseLimits([]), {})
  const flags = ['packetBytesMax=1000', 'subscriptionsMax=5', 'packetBytesMax=2000']
  t.strictSame(parseLimits(flags), { packetBytesMax: 2000, subscriptionsMax: 5 })
})

t.test('what is no limit is refused', async (t) => {
  for (const flag of ['packetBytesMax', 'packetBytesMax=', 'packetBytesMax=0', 'packetBytesMax=1.5', 'other=1', '=1']) {
    t.throws(() => parseLimits([flag]), { code: 'usage' }, flag)
  }
  t.throws(() => parseLimits(['packetBytesMax=99999999999999999999']), { code: 'usage' })
})

t.test('the help names every limit with its default', async (t) => {
  for (const [name, value] of Object.entries(DEFAULT_LIMITS))
    t.match(LIMITS_HELP, new RegExp(`^  ${name} +${value}$`, 'm'))
})
