/** Who is let in to the page, who is not, and how it says so. */
import t from 'tap'
import { PASSWORD } from '../fixtures/broker-pair.ts'
import { accessibilityFaults } from '../fixtures/chromium.ts'
import { needs } from '../fixtures/needs.ts'
import { pageTest } from '../fixtures/page-rig.ts'

if (needs(t, 'chromium')) {
  pageTest(t, 'a user of the broker logs in with a password, and out again', async (t, rig) => {
    const page = await rig.open()
    await page.getByLabel('User').waitFor()
    t.strictSame(await accessibilityFaults(page), [])
    await page.getByLabel('User').fill('viewer')
    await page.getByLabel('Password').fill('wrong')
    await page.keyboard.press('Enter')
    await page.getByText('The broker knows no such user with that password.').waitFor()
    t.equal(await page.getByLabel('User').inputValue(), 'viewer', 'what was right need not be typed again')
    await page.getByLabel('Password').fill(PASSWORD)
    await page.getByRole('button', { name: 'Log in' }).click()
    await page.getByRole('heading', { name: 'Crossing demo' }).waitFor()
    await page.getByText('in charge', { exact: true }).waitFor()
    await page.getByRole('button', { name: 'Log out' }).click()
    await page.getByLabel('Password').waitFor()
    await page.reload()
    await page.getByLabel('Password').waitFor()
  })

  pageTest(t, 'who may not look at that crossing is told which right is missing', async (_t, rig) => {
    const page = await rig.open()
    await page.getByLabel('User').fill('nobody')
    await page.getByLabel('Password').fill(PASSWORD)
    await page.keyboard.press('Enter')
    await page.getByText('User nobody may not look at crossing demo').waitFor()
  })

  pageTest(t, 'a key in the address lets in, leaves the address, and outlives a reload', async (t, rig) => {
    const page = await rig.openAs('visitor')
    await page.getByText('in charge', { exact: true }).waitFor()
    t.equal(page.url(), `${rig.origin}/?crossing=demo`)
    await page.reload()
    await page.getByText('in charge', { exact: true }).waitFor()
    await page.goBack()
    t.notMatch(page.url(), 'key')
  })

  pageTest(t, 'an old key is told as such', async (_t, rig) => {
    const page = await rig.open('/#key=demo-0-visitor:gone')
    await page.getByText('the demo was started anew').waitFor()
  })

  pageTest(t, 'who may only look is offered no controls, and told what they take', async (t, rig) => {
    const page = await rig.openAs('viewer')
    await page.getByText('You may look on.').waitFor()
    await page.getByText(/takes a user with the role admin of demo\.$/).waitFor()
    for (const name of ['Auto', 'Hold', 'Flash', 'Reset'])
      t.notOk(await page.getByRole('button', { name }).isVisible(), name)
    t.strictSame(await accessibilityFaults(page), [])
    const admin = await rig.openAs('admin')
    await admin.getByRole('button', { name: 'Hold' }).waitFor()
    t.notOk(await admin.getByText('You may look on').isVisible())
  })

  pageTest(t, 'who becomes an admin is offered the controls, and loses them with the role', async (_t, rig) => {
    const page = await rig.openAs('viewer')
    await page.getByText('You may look on.').waitFor()
    rig.writeUsers({ viewer: { roles: [{ role: 'admin', crossing: 'demo' }] } })
    await page.getByRole('button', { name: 'Hold' }).waitFor()
    rig.writeUsers()
    await page.getByText('You may look on.').waitFor()
    await page.getByRole('button', { name: 'Hold' }).waitFor({ state: 'hidden' })
  })

  pageTest(t, 'an admin sees a refused log-in as a mark, and nothing of what was typed', async (t, rig) => {
    const admin = await rig.openAs('admin')
    const viewer = await rig.openAs('viewer')
    await admin.getByText('in charge', { exact: true }).waitFor()
    await viewer.getByText('in charge', { exact: true }).waitFor()
    const stranger = await rig.open()
    await stranger.getByLabel('User').fill('my-secret')
    await stranger.getByLabel('Password').fill('my-other-secret')
    await stranger.keyboard.press('Enter')
    await stranger.getByText('The broker knows no such user with that password.').waitFor()
    const said = 'log-in of an unknown user refused: wrong user name or password (from 127.0.0.1)'
    await admin.locator('.plot .mark-refused').getByText(said).waitFor({ state: 'attached' })
    await admin.locator('.events').getByText(said).waitFor()
    t.notMatch(await admin.content(), 'secret')
    t.equal(await viewer.locator('.mark-refused').count(), 0)
  })

  pageTest(t, 'who is kicked out is told so, and comes back when let in again', async (_t, rig) => {
    const page = await rig.openAs('viewer')
    await page.getByText('in charge', { exact: true }).waitFor()
    rig.writeUsers({ viewer: null })
    await page.getByText('does not let user viewer in any more').waitFor()
    rig.writeUsers()
    await page.getByText('does not let user viewer in any more').waitFor({ state: 'hidden' })
    await page.getByText(/^light[12] green, stage/).waitFor()
  })
}
