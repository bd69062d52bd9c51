import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, test, vi } from 'vitest'
import type { History } from '@cotangent/imnn'
import { PlotError, plotHistory } from '../../packages/imnn/src/plot/index.ts'

const folder = mkdtempSync(join(tmpdir(), 'cotangent-plot-'))
afterAll(() => rmSync(folder, { recursive: true, force: true }))

/** A history that looks like the tutorial's: |F| rises to 42, C tends to the identity. */
const history = (length: number, validation = true): History => {
  const over = (f: (x: number) => number) => Array.from({ length }, (_, i) => f(i / Math.max(1, length - 1)))
  const decay = (x: number) => Math.exp(-30 * x)
  const training = {
    detF: over((x) => 1 + 41 / (1 + Math.exp(8 - 14 * x))),
    detC: over((x) => 1 - 0.9999 * decay(x)),
    detInvC: over((x) => 1 / (1 - 0.9999 * decay(x))),
    lambda2: over((x) => 0.01 + 100 * decay(x)),
    r: over((x) => 0.1 + 9.9 * decay(x)),
  }
  const { detF, detC, detInvC, lambda2, r } = training
  if (!validation) return { ...training, valDetF: [], valDetC: [], valDetInvC: [], valLambda2: [], valR: [] }
  return { ...training, valDetF: detF, valDetC: detC, valDetInvC: detInvC, valLambda2: lambda2, valR: r }
}

const texts = (svg: string): string[] => [...svg.matchAll(/<text[^>]*>([^<]*)<\/text>/g)].map(([, text]) => text!)
/** The paths of the lines: those that are stroked and carry data. */
const lines = (svg: string): string[] =>
  [
    ...svg.matchAll(
      /<path aria-label="[^"]*" role="graphics-symbol" aria-roledescription="line mark"[^>]*d="([^"]*)"/g,
    ),
  ].map(([, d]) => d!)

describe('the picture', () => {
  test('has three panels, their legends, the expected |F| and the axis of iterations', async () => {
    const svg = await plotHistory(history(600), { expectedDetF: 50 }).svg()
    const found = texts(svg)
    for (const text of ['|F|', 'Λ₂', 'r', 'Number of iterations', 'expected |F| = 50', 'training', 'validation'])
      expect(found).toContain(text)
    for (const name of ['|C|', '|C⁻¹|', 'Λ₂', 'r'])
      for (const part of ['training', 'validation']) expect(found).toContain(`${name} ${part}`)
    expect(found).toContain('10⁻⁴')
    expect(lines(svg)).toHaveLength(10)
    expect(svg).toContain('fill="white"')
  })

  test('shows no validation where there was none', async () => {
    const svg = await plotHistory(history(20, false)).svg()
    expect(texts(svg).filter((text) => text.includes('validation'))).toEqual([])
    expect(lines(svg)).toHaveLength(5)
  })

  test('draws several fits, each under its own name', async () => {
    const [one, two] = [history(20, false), history(30, false)]
    const both = plotHistory(one, { label: 'λ = 10', expectedDetF: 50 }).and(plotHistory(two, { label: 'λ = 5' }))
    const found = texts(await both.svg())
    for (const text of ['λ = 10: training', 'λ = 5: training', 'λ = 10: |C| training', 'λ = 5: r training'])
      expect(found).toContain(text)
    expect(lines(await both.svg())).toHaveLength(10)
    const alike = texts(
      await plotHistory(one, { label: 'a' })
        .and(plotHistory(two, { label: 'a' }))
        .svg(),
    )
    expect(alike).toContain('a: training')
    expect(alike).toContain('a (2): training')
    expect(texts(await plotHistory(one).and(plotHistory(two)).svg())).toContain('fit 2: training')
  })

  test('tells eight fits apart by their colours, and cuts no name off', async () => {
    const name = 'a name that is a good deal longer than what one sees in most pictures of this kind'
    const plots = Array.from({ length: 8 }, (_, i) => plotHistory(history(5, false), { label: `${name}, ${i}` }))
    const svg = await plots.reduce((all, one) => all.and(one)).svg()
    const strokes = [...svg.matchAll(/aria-roledescription="line mark"[^>]*stroke="([^"]*)"/g)].map(
      ([, stroke]) => stroke,
    )
    // Two tones a fit: those of |F|, |C| and Λ₂, and those of |C⁻¹| and r.
    expect(new Set(strokes).size).toBe(16)
    for (let i = 0; i < 8; i++) expect(texts(svg)).toContain(`${name}, ${i}: |C⁻¹| training`)
  })

  test.each([
    [1e30, ['0', '1e+31', '2e+31']],
    [1e-8, ['0', '1e-7', '2e-7']],
    [50, ['0', '400', '1,000']],
  ])('has short numbers beside |F| of %d', async (scale, wanted) => {
    const one = history(20, false)
    const svg = await plotHistory({ ...one, detF: one.detF.map((value) => (scale * value) / 2) }).svg()
    for (const label of wanted) expect(texts(svg)).toContain(label)
    expect(Math.max(...texts(svg).map((text) => text.length))).toBeLessThan(25)
  })

  test('escapes labels and takes a colour', async () => {
    const svg = await plotHistory(history(5), { label: '<b> & "c"', colour: 'rebeccapurple', title: 'A title' }).svg()
    expect(texts(svg)).toContain('&lt;b&gt; &amp; "c": training')
    expect(texts(svg)).toContain('A title')
    expect(svg).toContain('stroke="rebeccapurple"')
  })

  test('leaves a gap at values that cannot be drawn', async () => {
    const whole = history(9, false)
    const broken = { ...whole, detF: whole.detF.map((value, i) => (i === 4 ? Number.NaN : value)) }
    const [before] = lines(await plotHistory(whole).svg())
    const [after] = lines(await plotHistory(broken).svg())
    const moves = (d: string) => d.split('M').length - 1
    expect([moves(before!), moves(after!)]).toEqual([1, 2])
    const negative = { ...whole, detC: whole.detC.map((value, i) => (i === 4 ? -1 : value)) }
    expect(moves(lines(await plotHistory(negative).svg())[1]!)).toBe(2)
  })

  test('shows a value between gaps, or a single iteration, as a point', async () => {
    expect(await plotHistory(history(1)).svg()).toContain('aria-roledescription="point"')
    expect(await plotHistory(history(9)).svg()).not.toContain('aria-roledescription="point"')
  })

  test('stands what a fit that went wrong leaves behind', async () => {
    const nothing = Array.from({ length: 5 }, () => Number.NaN)
    const ones = nothing.map(() => 1)
    const empty = { valDetF: [], valDetC: [], valDetInvC: [], valLambda2: [], valR: [] }
    for (const all of [nothing, ones, ones.map(() => 0), ones.map(() => Number.POSITIVE_INFINITY)]) {
      const svg = await plotHistory({ detF: all, detC: all, detInvC: all, lambda2: all, r: all, ...empty }).svg()
      expect(svg.match(/.{20}(NaN|Infinity).{20}/)).toBeNull()
    }
  })

  test('thins a long history without losing its extremes', async () => {
    const long = history(50_000, false)
    const spiked = { ...long, detF: long.detF.map((value, i) => (i === 31_234 ? 500 : value)) }
    const svg = await plotHistory(spiked).svg()
    expect(svg.length).toBeLessThan(500_000)
    expect(texts(svg)).toContain('500')
    const heights = lines(svg)[0]!
      .match(/,[\d.]+/g)!
      .map((text) => Number(text.slice(1)))
    expect(Math.min(...heights)).toBe(0)
  })
})

describe('files', () => {
  test('are written after their names', async () => {
    const plot = plotHistory(history(50), { expectedDetF: 50 })
    await plot.save(join(folder, 'history.svg'))
    await plot.save(join(folder, 'history.PNG'), { scale: 1 })
    await plot.save(join(folder, 'a', 'new', 'folder.svg'))
    expect(readFileSync(join(folder, 'a', 'new', 'folder.svg'), 'utf8')).toBe(await plot.svg())
    await expect(plot.save(join(folder, 'history.svg', 'below.svg'))).rejects.toThrow(
      /^save: cannot write .*below\.svg/,
    )
    expect(readFileSync(join(folder, 'history.svg'), 'utf8')).toBe(await plot.svg())
    const png = readFileSync(join(folder, 'history.PNG'))
    expect([...png.subarray(0, 4)]).toEqual([0x89, 0x50, 0x4e, 0x47])
    const [, width] = /<svg[^>]* width="(\d+)/.exec(await plot.svg())!
    expect(png.readUInt32BE(16)).toBe(Number(width))
    expect(Buffer.from(await plot.png()).readUInt32BE(16)).toBe(2 * Number(width))
  })

  test.each(['history.jpg', 'history', 'a.svg/history', ''])('%j is refused', async (name) => {
    const plot = plotHistory(history(5))
    await expect(plot.save(join(folder, name))).rejects.toThrow(PlotError)
    await expect(plot.save(join(folder, name))).rejects.toThrow(/must end in \.svg, \.png or \.html/)
  })

  test('a PNG without resvg names the command that installs it', async () => {
    vi.resetModules()
    vi.doMock('@resvg/resvg-js', () => {
      throw Object.assign(new Error("Cannot find package '@resvg/resvg-js'"), { code: 'ERR_MODULE_NOT_FOUND' })
    })
    const fresh = await import('../../packages/imnn/src/plot/index.ts')
    await expect(fresh.plotHistory(history(5)).png()).rejects.toThrow(/npm install @resvg\/resvg-js/)
    vi.doUnmock('@resvg/resvg-js')
  })
})

test('a history that is empty or torn is refused', () => {
  expect(() => plotHistory(history(0))).toThrow(PlotError)
  expect(() => plotHistory(history(0))).toThrow(/call `fit` first/)
  expect(() => plotHistory({ ...history(5), r: [1] })).toThrow('the history has 5 values of detF but 1 of r')
})

describe('the page', () => {
  test('has everything in it: the picture, its numbers, and the program that draws it', async () => {
    const page = await plotHistory(history(20), { title: 'a < b', expectedDetF: 50 }).html()
    expect(page).toContain('<title>a &lt; b</title>')
    expect(page).not.toMatch(/<script[^>]*src=|https?:\/\/cdn/)
    expect(page.match(/<\/script>/g)).toHaveLength(2)
    const picture = /const picture = (.*)\n/.exec(page)![1]!
    expect(picture).not.toContain('<')
    const { data, marks } = JSON.parse(picture) as { data: { values?: { value: number }[] }[]; marks: unknown[] }
    expect(data.flatMap(({ values = [] }) => values).some(({ value }) => Math.abs(value - 42) < 0.2)).toBe(true)
    expect(JSON.stringify(marks)).toContain('tooltip')
    const path = join(folder, 'history.html')
    await plotHistory(history(20)).save(path)
    expect(readFileSync(path, 'utf8')).toContain('<!doctype html>')
  })

  test('notebooks get the picture', async () => {
    const plot = plotHistory(history(20))
    const show = (plot as unknown as Record<symbol, () => Promise<object>>)[Symbol.for('Jupyter.display')]!
    expect(await show.call(plot)).toEqual({ 'image/svg+xml': await plot.svg(), 'text/plain': 'the history of a fit' })
  })
})
