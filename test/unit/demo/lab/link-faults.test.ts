import t from 'tap'
import { linkFaults } from '../../../../src/demo/lab/link-faults.ts'

t.test('each is made and undone on the link of its light', async (t) => {
  const done: string[] = []
  const faults = linkFaults('light1', {
    cut: () => done.push('cut'),
    join: () => done.push('join'),
    delay: (ms) => done.push(`delay ${ms}`),
    lose: (share) => done.push(`lose ${share}`),
  })
  for (const { id, make, undo } of faults) {
    done.push(id)
    const unmake = await make(() => {})
    await unmake?.()
    t.not(undo, null)
  }
  t.strictSame(done, [
    ...['cut-link-light1', 'cut', 'join'],
    ...['delay-link-light1', 'delay 2000', 'delay 0'],
    ...['lose-link-light1', 'lose 0.5', 'lose 0'],
  ])
})
