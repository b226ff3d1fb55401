/** Break it: offered where the lab may be read, asked for by a button, undone by another. */
import t from 'tap'
import { LAB_TOPICS, type LabFault } from '../../src/web/model/lab.ts'
import { accessibilityFaults } from '../fixtures/chromium.ts'
import { needs } from '../fixtures/needs.ts'
import { pageTest } from '../fixtures/page-rig.ts'

const KILL: LabFault = {
  id: 'kill-light1',
  label: 'Kill light1',
  group: 'light1',
  undo: null,
  active: false,
  endsInMs: null,
}
const CUT: LabFault = { ...KILL, id: 'cut-light1', label: 'Cut its messages', undo: 'Let messages through' }
const BROKER: LabFault = { ...KILL, id: 'kill-broker', label: 'Kill the broker', group: 'broker' }

if (needs(t, 'chromium')) {
  pageTest(t, 'the buttons are those that the lab offers, and say what can be undone', async (t, rig) => {
    const lab = await rig.person('lab')
    const asked: string[] = []
    lab.on('message', (topic, payload) => asked.push(`${topic} ${payload}`))
    await lab.subscribeAsync([LAB_TOPICS.do, LAB_TOPICS.undo], { qos: 1 })
    const offer = (...faults: readonly LabFault[]): Promise<unknown> =>
      lab.publishAsync(LAB_TOPICS.state, JSON.stringify({ faults, events: [] }), { qos: 1, retain: true })
    await offer(KILL, CUT, BROKER)
    const page = await rig.openAs('visitor')
    await page.getByRole('group', { name: 'light1' }).getByRole('button', { name: 'Cut its messages' }).click()
    await offer(KILL, { ...CUT, active: true, endsInMs: 8000 }, { ...BROKER, active: true })
    await page.getByText(/^undoes itself in \d s$/).waitFor()
    t.ok(await page.getByRole('button', { name: 'Kill the broker' }).isDisabled())
    t.strictSame(await accessibilityFaults(page), [])
    await page.getByRole('button', { name: 'Let messages through' }).click()
    await offer(KILL, CUT, BROKER)
    await page.getByRole('button', { name: 'Cut its messages' }).waitFor()
    t.strictSame(asked, ['lab/do cut-light1', 'lab/undo cut-light1'])
    await lab.publishAsync(LAB_TOPICS.events, JSON.stringify({ id: 'cut-light1', text: 'messages of light1 are cut' }))
    await page.locator('.plot .mark-lab').getByText('messages of light1 are cut').waitFor({ state: 'attached' })
  })

  pageTest(t, 'nobody else is offered any of it', async (t, rig) => {
    const lab = await rig.person('lab')
    await lab.publishAsync(LAB_TOPICS.state, JSON.stringify({ faults: [KILL] }), { qos: 1, retain: true })
    const page = await rig.openAs('admin')
    await page.locator('.head-green').waitFor()
    t.notOk(await page.getByText('Break it').isVisible())
  })
}
