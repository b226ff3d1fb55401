import t from 'tap'
import { encodeTrip, parseTrip } from '../../../src/protocol/trip.ts'

const TRIP = {
  tripped: true,
  what: 'light1 and light2 …',
  when: '2024-01-01T00:00:00.000Z',
  lights: ['light1', 'light2'],
}

t.test('a trip is read as it was written', async (t) => {
  t.same(parseTrip(Buffer.from(encodeTrip(TRIP))), TRIP)
  t.same(parseTrip(Buffer.from(JSON.stringify({ ...TRIP, later: 1 }))), TRIP, 'a later version may add a field')
})

t.test('what is no trip is nothing', async (t) => {
  const without = Object.keys(TRIP).map((field) => JSON.stringify({ ...TRIP, [field]: undefined }))
  for (const text of ['', 'true', '{}', 'null', '{"tripped":"true"}', ...without, ' '.repeat(2000)]) {
    t.equal(parseTrip(Buffer.from(text)), null, text.slice(0, 40))
  }
})
