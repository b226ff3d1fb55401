import t from 'tap'
import { missingUsers } from '../../../src/broker/advice.ts'
import { usersOf } from '../../fixtures/broker-pair.ts'

const crossing = { name: 'main', lights: ['north', 'east'] }

t.test(
  'each light without a user of its name, role and crossing is named with the command that makes one',
  async (t) => {
    const users = usersOf({
      north: { roles: [{ role: 'light', crossing: 'other' }] },
      east: { roles: [{ role: 'light', crossing: 'main' }] },
      boss: { roles: [{ role: 'controller', crossing: 'main' }] },
    })
    t.strictSame(missingUsers(crossing, users), [
      { missing: 'a user for the light north', remedy: 'crossing user add north --role light --crossing main' },
    ])
  },
)

t.test('a crossing without anyone misses its controller too', async (t) => {
  t.strictSame(
    missingUsers(crossing, new Map()).map(({ missing }) => missing),
    ['a user for the light north', 'a user for the light east', 'a user for the controller'],
  )
})
