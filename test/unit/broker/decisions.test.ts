import t from 'tap'
import { Decisions } from '../../../src/broker/decisions.ts'

t.test('each topic is decided once, whatever the decision', (t) => {
  const asked: string[] = []
  const decisions = new Decisions((topic) => {
    asked.push(topic)
    return topic === 'a'
  })
  for (let round = 0; round < 3; round += 1) {
    t.equal(decisions.about('a'), true)
    t.equal(decisions.about('b'), false)
  }
  t.strictSame(asked, ['a', 'b'])
  t.end()
})

t.test('however many topics there are, few decisions are kept, and all are right', (t) => {
  let asked = 0
  const decisions = new Decisions((topic) => {
    asked += 1
    return topic.endsWith('7')
  })
  for (let round = 0; round < 2; round += 1) {
    for (let n = 0; n < 1000; n += 1) if (decisions.about(`topic ${n}`) !== (n % 10 === 7)) t.fail(`topic ${n}`)
  }
  t.equal(asked, 2000, 'those of the first round were not all kept')
  t.end()
})
