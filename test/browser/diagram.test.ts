/** The timing diagram, read with a pointer and with keys; what moves, and what is told to whom. */
import t from 'tap'
import { needs } from '../fixtures/needs.ts'
import { pageTest, saysWhy } from '../fixtures/page-rig.ts'

if (needs(t, 'chromium')) {
  pageTest(t, 'in motion', async (t, rig) => {
    const page = await rig.openAs('viewer', { reducedMotion: 'no-preference' })

    await t.test('it shows what was commanded and what was shown, and measures intergreens', async (t) => {
      const intergreen = page.locator('.shape-intergreen text').filter({ hasText: /^\d/ })
      await intergreen.nth(1).waitFor()
      t.match((await intergreen.nth(1).textContent()) ?? '', /^1\.[456]$/, 'amber and all red')
      for (const look of ['green', 'amber', 'red', 'intended-green', 'intended-amber']) {
        t.ok((await page.locator(`.plot .shape-${look}`).count()) > 0, look)
      }
    })

    await t.test('a pointer reads it; pausing holds it', async (t) => {
      await saysWhy(page, /^light2 green, stage/)
      await page.getByRole('button', { name: 'Pause' }).click()
      const box = await page.locator('.plot').boundingBox()
      if (box === null) throw new Error('there is no plot')
      // Not awaited: on a busy machine Chromium may never tell that a move has come. That it has is read below.
      page.mouse.move(box.x + box.width * 0.93, box.y + box.height / 2).catch(() => {})
      await page
        .locator('.reading')
        .getByText(/ago\. light1: [a-z ]+, .*; light2: [a-z ]+, /)
        .waitFor()
      await page.locator('.lane-green:not([style="--phase: 0;"])').first().waitFor({ state: 'attached' })
      const track = page.locator('.past .track')
      const before = await track.getAttribute('style')
      await saysWhy(page, /^light1 green, stage/)
      t.equal(await track.getAttribute('style'), before, 'the picture above goes on, the diagram does not')
      await page.getByRole('button', { name: 'Go on' }).click()
      await saysWhy(page, /^light2 green, stage/)
      t.not(await track.getAttribute('style'), before)
    })

    await t.test('it moves by whole pixels of the screen: between two there is nothing new to see', async (t) => {
      const places: unknown = await page.evaluate(`new Promise((resolve) => {
        const places = new Set()
        const look = () => {
          places.add(document.querySelector('.past .track').style.transform)
          if (places.size < 30) requestAnimationFrame(look)
          else resolve([...places])
        }
        look()
      })`)
      t.ok(Array.isArray(places) && places.every((place) => /^translateX\(-?\d+px\)$/.test(place)), `${places}`)
    })
  })

  pageTest(t, 'without a pointer, and for who does not see it or wants it still', async (t, rig) => {
    const page = await rig.openAs('admin', { reducedMotion: 'reduce' })

    await t.test('keys alone do all of it', async (t) => {
      await page.locator('.head-green').waitFor()
      const reached: string[] = []
      for (let press = 0; press < 12; press++) {
        await page.keyboard.press('Tab')
        reached.push(String(await page.evaluate('document.activeElement.textContent.slice(0, 9) || ""')))
        if (await page.locator('.plot').evaluate((plot) => plot.matches(':focus'))) break
      }
      for (const name of ['Log out', 'Auto', 'Hold: all', 'Flash', '30 s', '2 min', 'Pause'])
        t.ok(reached.includes(name), name)
      // While it is paused a moment does not get older.
      await page.keyboard.press('Space')
      await page.getByRole('button', { name: 'Go on' }).waitFor()
      await page.keyboard.press('ArrowLeft')
      await page
        .locator('.reading')
        .getByText(/^1\.0 s ago\. light1/)
        .waitFor()
      await page.keyboard.press('Space')
      await page.getByRole('button', { name: 'Pause' }).waitFor()
      await page.keyboard.press('Escape')
      await page.locator('.reading').getByText('Point at the diagram').waitFor()
    })

    await t.test('it is drawn anew in the frame in which its width changes', async (t) => {
      await page.locator('.past .shape').first().waitFor({ state: 'attached' })
      const before: unknown = await page.evaluate(`new Promise((resolve) => {
        for (const shape of document.querySelectorAll('.past .shape')) shape.dataset.old = ''
        const olds = () => document.querySelectorAll('[data-old]').length
        let width = null
        window.keptAtWidth = new Promise((changed) => new ResizeObserver(([{ contentRect }]) => {
          if (width === null) resolve(olds())
          else if (contentRect.width !== width) changed(olds())
          width = contentRect.width
        }).observe(document.querySelector('.plot')))
      })`)
      t.not(before, 0, 'shapes were drawn')
      const { width = 0, height = 0 } = page.viewportSize() ?? {}
      await page.setViewportSize({ width: width - 100, height })
      t.equal(await page.evaluate('window.keptAtWidth'), 0, 'shapes left from before')
      await page.setViewportSize({ width, height })
    })

    await t.test('a reader is told of changes, and not of every second', async (t) => {
      await page.locator('.head-green').waitFor()
      await page.evaluate(`{
        window.said = []
        const live = document.querySelector('[aria-live]')
        new MutationObserver(() => window.said.push(live.textContent)).observe(live, { childList: true, characterData: true, subtree: true })
      }`)
      for (const light of ['light1', 'light2', 'light1']) await saysWhy(page, new RegExp(`^${light} green, stage`))
      await rig.killLight('light2')
      await page.locator('[aria-live]').getByText('light2 has not been heard: light1 flashes red').waitFor()
      const said: unknown = await page.evaluate('window.said')
      t.ok(Array.isArray(said) && said.length <= 4, `${said}`)
      t.notMatch(`${said}`, /\d\.\d s/, 'no figures that change all the time')
      await page.getByRole('listitem').filter({ hasText: 'light1: flashing red' }).waitFor({ state: 'attached' })
      await rig.startLight('light2')
    })

    await t.test('who asked for little motion gets none that is not needed, and still sees what flashes', async (t) => {
      await page.getByText('in charge', { exact: true }).waitFor()
      await page.locator('.head-green').waitFor()
      t.equal(await page.locator('.lane-green').first().getAttribute('style'), '--phase: 0;')
      await rig.stopController()
      await page.locator('.middle-flash').waitFor()
      await page.evaluate(`{
        window.dark = 0
        const look = () => { window.dark += document.querySelectorAll('.is-dark').length; requestAnimationFrame(look) }
        look()
      }`)
      await saysWhy(page, /^the controller has not been heard for [5-9]\.\d s/)
      t.equal(await page.evaluate('window.dark'), 0, 'a lens that flashes stays lit, in a frame of dashes')
      await page.locator('.head-flashing-red').getByText('flashing red').first().waitFor()
    })
  })
}
