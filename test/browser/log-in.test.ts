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

  pageTest(t, 'a viewer that tries to act is told that it may not, and the crossing goes on', async (t, rig) => {
    const page = await rig.openAs('viewer')
    await page.getByRole('button', { name: 'Hold' }).click()
    await page.getByText('it takes the role admin to act on it').waitFor()
    t.notOk(await page.getByRole('button', { name: 'Hold' }).isVisible(), 'what it may not do is not offered any more')
    await page.getByText(/^light[12] green, stage/).waitFor()
  })

  pageTest(t, 'who is kicked out is told so, and comes back when let in again', async (_t, rig) => {
    const page = await rig.openAs('viewer')
    await page.getByText('in charge', { exact: true }).waitFor()
    rig.writeUsers('viewer')
    await page.getByText('does not let user viewer in any more').waitFor()
    rig.writeUsers()
    await page.getByText('does not let user viewer in any more').waitFor({ state: 'hidden' })
    await page.getByText(/^light[12] green, stage/).waitFor()
  })
}
