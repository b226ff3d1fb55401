/** What the page shows of a crossing, in each of its states. */
import t from 'tap'
import { lightTime } from '../../src/protocol/aspect.ts'
import { encodeReport } from '../../src/protocol/messages.ts'
import { lightTopic } from '../../src/protocol/topics.ts'
import type { Report } from '../../src/protocol/wire.ts'
import { accessibilityFaults } from '../fixtures/chromium.ts'
import { needs } from '../fixtures/needs.ts'
import { pageTest, saysWhy } from '../fixtures/page-rig.ts'

if (needs(t, 'chromium')) {
  pageTest(t, 'what a viewer sees', async (t, rig) => {
    const page = await rig.openAs('viewer')

    await t.test('what lamps report: heads, panels, words, countdown and stage', async (t) => {
      // One look at all of it: a green lasts for a second and a half.
      const greens: unknown = await page.evaluate(`new Promise((resolve) => {
        const look = () => {
          const heads = [...document.querySelectorAll('.head-green')]
          const cellsOf = (head) => head.querySelector('.panel path[fill="rgb(0 255 0)"]')?.getAttribute('d').split('M').length - 1
          if (heads.length > 0) resolve(heads.map((head) => ({ cells: cellsOf(head), text: head.textContent })))
          else requestAnimationFrame(look)
        }
        look()
      })`)
      const one = { length: 1, 0: { cells: 64, text: /light[12].*green/ } }
      t.match(greens, one, 'one alone, its panel as the Sense HAT shows it')
      await page
        .locator('.head-seconds')
        .getByText(/^\d s$/)
        .first()
        .waitFor()
      await saysWhy(page, /^light1 green, stage “one”: amber in \d\.\d s$/)
      await saysWhy(page, /^light2 green, stage “two”: amber in \d\.\d s$/)
      await page.locator('.middle-all-red').getByText('ALL RED').waitFor()
      await saysWhy(page, /^all red: the crossing is cleared/)
      t.strictSame(await accessibilityFaults(page), [])
    })

    await t.test('nothing of garbage on its topics', async () => {
      const light = await rig.person('light1')
      for (const payload of ['', '{', '{"boot":7}', 'x'.repeat(5000)]) {
        light.publish(lightTopic('demo', 'light1', 'report'), payload)
      }
      await saysWhy(page, /^light2 green, stage/)
      await saysWhy(page, /^light1 green, stage/)
    })

    await t.test('a light that is gone is unmistakable, and so is one that flashes', async (t) => {
      await page.emulateMedia({ reducedMotion: 'no-preference' })
      await rig.killLight('light1')
      await page.locator('.head-unknown').getByText('light1').waitFor()
      await saysWhy(page, /^light1 has not been heard for \d+\.\d s: light2 flashes red$/)
      await page.locator('.head-flashing-red.is-dark').waitFor()
      await page.locator('.head-flashing-red:not(.is-dark)').waitFor()
      await page.locator('.mark-stop').first().waitFor({ state: 'attached' })
      t.strictSame(await accessibilityFaults(page), [])
      await rig.startLight('light1')
      await page.locator('.head-green').getByText('light1').waitFor()
      await page.locator('.mark-restart').first().waitFor({ state: 'attached' })
      t.match(await page.locator('.watch').textContent(), /^✓ No two conflicting lights/)
      await page.emulateMedia({ reducedMotion: 'reduce' })
    })

    await t.test('without its controller what was granted runs out, and all flash', async () => {
      await page.getByText('in charge', { exact: true }).waitFor()
      await rig.stopController()
      await saysWhy(page, /^the controller has not been heard for \d+\.\d s: both flash red$/)
      await page.locator('.middle-flash').getByText('FLASH').waitFor()
      await rig.startController()
      await page.locator('.head-green').waitFor()
    })

    await t.test('a broker that is away is told in words; the page comes back by itself', async (t) => {
      await rig.stopBroker()
      await page.getByText('There is no connection to the broker. This page tries again by itself.').waitFor()
      t.equal(await page.locator('.head-unknown').count(), 2, 'nothing is shown that is not known')
      t.strictSame(await accessibilityFaults(page), [])
      await rig.startBroker()
      await page.getByText('There is no connection').waitFor({ state: 'hidden' })
      await page.locator('.head-green').waitFor()
    })
  })

  pageTest(t, 'what an operator may do', async (t, rig) => {
    const page = await rig.openAs('admin')

    await t.test('hold, flash and let go, each confirmed by what lamps report', async () => {
      await page.locator('.head-green').waitFor()
      await page.getByRole('button', { name: 'Hold' }).click()
      await page.getByText('Mode hold: all lamps report red.').waitFor()
      await saysWhy(page, /^all red: held by an operator/)
      await page.getByRole('button', { name: 'Flash' }).click()
      await page.getByText('Mode flash: all lamps report flashing red.').waitFor()
      await page.getByRole('button', { name: 'Auto' }).click()
      await page.getByText('Mode auto: a lamp reports green.').waitFor()
    })

    await t.test('reset a monitor that has tripped', async () => {
      for (const light of rig.crossing.lights) await rig.killLight(light)
      const liar = await rig.person('light2')
      const tripped = page.locator('.middle-tripped').getByText('TRIPPED')
      // Green that no command allowed, for as long as the monitor takes to believe it.
      while (!(await tripped.isVisible())) {
        const now = lightTime(performance.now())
        const lie: Report = {
          file: rig.crossing.digest,
          boot: 'rogue',
          now,
          aspect: 'green',
          run: 0,
          n: 0,
          at: lightTime(0),
        }
        await liar.publishAsync(lightTopic('demo', 'light2', 'report'), encodeReport(lie), { qos: 1 })
      }
      await page
        .getByText(/: the conflict monitor has tripped \(/)
        .first()
        .waitFor()
      await page.locator('.mark-trip').first().waitFor({ state: 'attached' })
      await page.getByRole('button', { name: 'Reset the monitor' }).click()
      await page.getByText('The monitor is reset.').waitFor()
      for (const light of rig.crossing.lights) await rig.startLight(light)
      // What a killed light showed last stays for a moment.
      await page.locator('.head-green').first().waitFor()
    })
  })
}
