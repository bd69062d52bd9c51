import { Writable } from 'node:stream'
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { type Progress, progressBar } from '../../packages/imnn/src/progress.ts'

/** A stream that remembers what is written to it. */
const sink = (isTTY: boolean) => {
  let text = ''
  const stream = new Writable({
    write: (chunk, _encoding, done) => {
      text += String(chunk)
      done()
    },
  })
  return { stream: Object.assign(stream, { isTTY, columns: 200 }), text: () => text }
}

const after = (iteration: number, detF = 41.391147): Progress => ({
  iteration,
  patience: 3,
  detF,
  detC: 0.99579,
  detInvC: 1.00422,
  lambda2: 1.5e-4,
  r: 0,
})

beforeEach(() => vi.useFakeTimers())
afterEach(() => vi.useRealTimers())

test('without a terminal a line every two seconds, and one at the end', () => {
  const { stream, text } = sink(false)
  const bar = progressBar({ total: 1000, printRate: 1, stream })
  for (let iteration = 1; iteration <= 500; iteration++) {
    bar.update(after(iteration))
    vi.advanceTimersByTime(10)
  }
  bar.stop({ maxDetF: 41.5 })
  const lines = text().split('\n')
  expect(lines).toHaveLength(5)
  expect(lines[0]).toBe('[                    ] 0/1000')
  expect(lines[1]).toContain(
    '200/1000 · 100.0 it/s · |F| 41.39 · patience 3 · |C| 0.9958 · |C⁻¹| 1.004 · Λ₂ 1.50e-4 · r 0.000',
  )
  expect(lines[3]).toMatch(/^\[={10} {10}\] 500\/1000 · .* · \|F\| 41\.39 · best \|F\| 41\.50 · /)
  expect(lines[4]).toBe('')
  expect(text()).not.toContain('\x1b')
})

test('in a terminal one line that changes', () => {
  const { stream, text } = sink(true)
  const bar = progressBar({ total: 1000, printRate: 1, stream })
  for (let iteration = 1; iteration <= 500; iteration++) {
    bar.update(after(iteration))
    vi.advanceTimersByTime(10)
  }
  bar.stop()
  expect(text().split('\n')).toHaveLength(2)
  expect(text()).toContain('500/1000')
  expect(text()).not.toContain('best')
  expect(text()).not.toContain('\x1b[?7l')
})

test('the numbers change every printRate iterations; the last ones are shown', () => {
  const { stream, text } = sink(true)
  const bar = progressBar({ total: 1000, printRate: 10, stream })
  for (let iteration = 1; iteration <= 25; iteration++) {
    bar.update(after(iteration))
    vi.advanceTimersByTime(200)
  }
  bar.stop()
  const counts = new Set([...text().matchAll(/ (\d+)\/1000/g)].map(([, count]) => Number(count)))
  expect([...counts]).toEqual([0, 10, 20, 25])
})

test('no total where there are 10000 iterations or more', () => {
  const { stream, text } = sink(false)
  const bar = progressBar({ total: 10_000, printRate: 1, stream })
  bar.update(after(7))
  bar.stop({ maxDetF: 1 })
  expect(text().split('\n')[1]).toMatch(/^7 · \|F\| 41\.39/)
})

test('stopping twice, and after nothing happened, is fine; no timer stays', () => {
  const { stream, text } = sink(false)
  const bar = progressBar({ total: 10, printRate: 1, stream })
  bar.stop()
  const before = text()
  bar.stop({ maxDetF: 1 })
  expect(text()).toBe(before)
  expect(vi.getTimerCount()).toBe(0)
})

test('numbers that are none are shown as such', () => {
  const { stream, text } = sink(false)
  const bar = progressBar({ total: 10, printRate: 1, stream })
  bar.update(after(1, Number.NaN))
  bar.stop()
  expect(text()).toContain('|F| NaN')
})
