import t from 'tap'
import { Admission, Place } from '../../../src/broker/admission.ts'

const LIMITS = { connectionsMax: 4, connectionsPerAddressMax: 3, pendingMax: 3, pendingPerAddressMax: 2 }

t.test('each limit is named when it is reached, and a place that is left is free again', async (t) => {
  const admission = new Admission(LIMITS)
  const enter = (host: string): Place => {
    const place = admission.enter(`${host}:1234`)
    if (!(place instanceof Place)) throw new Error(place)
    return place
  }
  const [first, second] = [enter('10.0.0.1'), enter('10.0.0.1')]
  t.equal(admission.enter('10.0.0.1:1'), 'pendingPerAddressMax')
  const third = enter('10.0.0.2')
  t.equal(admission.enter('10.0.0.3:1'), 'pendingMax')
  first.settle()
  first.settle()
  second.settle()
  t.equal(admission.pending, 1)
  enter('10.0.0.1')
  t.equal(admission.enter('10.0.0.1:1'), 'connectionsMax')
  third.leave()
  third.leave()
  third.settle()
  t.equal(admission.enter('10.0.0.1:1'), 'connectionsPerAddressMax')
  t.equal(admission.connections, 3)
  t.equal(admission.pending, 1)
  enter('10.0.0.2')
})
