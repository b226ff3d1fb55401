/** Who is let in to the page, who is not, and how it says so. */
import t from 'tap'
import { PASSWORD } from '../fixtures/broker-pair.ts'
import { accessibilityFaults } from '../fixtures/chromium.ts'
import { needs } from '../fixtures/needs.ts'
import { pageTest, saysWhy } from '../fixtures/page-rig.ts'

if (needs(t, 'chromium')) {
  pageTest(t, 'the form and the key', async (t, rig) => {
    const page = await rig.open('/#key=demo-0-visitor:gone')

    await t.test('an old key is told as such', async () => {
      await page.getByText('the demo was started anew').waitFor()
    })

    await t.test('a user of the broker logs in with a password, and out again', async (t) => {
      await page.reload()
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

    await t.test('who may not look at that crossing is told which right is missing', async () => {
      await page.getByLabel('User').fill('nobody')
      await page.getByLabel('Password').fill(PASSWORD)
      await page.keyboard.press('Enter')
      await page.getByText('User nobody may not look at crossing demo').waitFor()
    })

    await t.test('a key in the address lets in, leaves the address, and outlives a reload', async (t) => {
      await page.goto(rig.addressFor('visitor'))
      await page.getByText('in charge', { exact: true }).waitFor()
      t.equal(page.url(), `${rig.origin}/?crossing=demo`)
      await page.reload()
      await page.getByText('in charge', { exact: true }).waitFor()
      await page.goBack()
      t.notMatch(page.url(), 'key')
    })
  })

  pageTest(t, 'who may only look, and who may act', async (t, rig) => {
    const viewer = await rig.openAs('viewer')

    await t.test('a viewer is offered no controls, and told what they take', async (t) => {
      await viewer.getByText('You may look on.').waitFor()
      await viewer.getByText(/takes a user with the role admin of demo\.$/).waitFor()
      for (const name of ['Auto', 'Hold', 'Flash', 'Reset'])
        t.notOk(await viewer.getByRole('button', { name }).isVisible(), name)
      t.strictSame(await accessibilityFaults(viewer), [])
    })

    await t.test('who becomes an admin is offered the controls, and loses them with the role', async () => {
      rig.writeUsers({ viewer: { roles: [{ role: 'admin', crossing: 'demo' }] } })
      await viewer.getByRole('button', { name: 'Hold' }).waitFor()
      rig.writeUsers()
      await viewer.getByText('You may look on.').waitFor()
      await viewer.getByRole('button', { name: 'Hold' }).waitFor({ state: 'hidden' })
    })

    await t.test('an admin sees a refused log-in as a mark, and nothing of what was typed', async (t) => {
      const admin = await rig.openAs('admin')
      await admin.getByRole('button', { name: 'Hold' }).waitFor()
      t.notOk(await admin.getByText('You may look on').isVisible())
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

    await t.test('who is kicked out is told so, and comes back when let in again', async () => {
      rig.writeUsers({ viewer: null })
      await viewer.getByText('does not let user viewer in any more').waitFor()
      rig.writeUsers()
      await viewer.getByText('does not let user viewer in any more').waitFor({ state: 'hidden' })
      await saysWhy(viewer, /^light[12] green, stage/)
    })
  })
}
