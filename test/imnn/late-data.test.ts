import { type NDArray, treeLeaves } from '@cotangent/autodiff'
import { DatasetGradientIMNN, type IMNN, ValidationError } from '@cotangent/imnn'
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { common, d, dd, js, settings } from './small-problem.ts'

beforeEach(() => void vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval'] }))
afterEach(() => void vi.useRealTimers())

const batch = (k: number) => {
  const from = 8 * (k % 3)
  return [d.slice([from, from + 8]), dd.slice([from, from + 8])]
}

/** Three batches of 8 again and again; `open` lets the one that is waited for through. */
function gate(closedFrom: number) {
  let delivered = 0
  let letThrough: () => void = () => undefined
  const gates = { open: () => letThrough(), closedFrom, isClosed: false, isOver: false }
  const deliver = async (): Promise<unknown> => {
    if (delivered === gates.closedFrom) {
      gates.isClosed = true
      await new Promise<void>((resolve) => (letThrough = resolve))
    }
    return batch(delivered++)
  }
  return {
    gates,
    async *generate() {
      try {
        for (;;) yield await deliver()
      } finally {
        gates.isOver = true
      }
    },
  }
}

const imnnOf = (main: AsyncIterable<unknown>) =>
  DatasetGradientIMNN({ ...common(), nS: 24, host: js, devices: [js], nPerDevice: 8, main: [main as never] })

const closedOf = (gates: { isClosed: boolean }): Promise<void> => vi.waitUntil(() => gates.isClosed) as Promise<never>

const numbers = (tree: unknown) => Promise.all((treeLeaves(tree) as NDArray[]).map((x) => x.js()))

const failureOf = (fit: Promise<IMNN>): Promise<ValidationError<IMNN>> =>
  fit.then(
    () => Promise.reject(new Error('the fit did not fail')),
    (reason: unknown) => reason as ValidationError<IMNN>,
  )

/** Lets seconds pass until it is over. */
async function passing<T>(fit: Promise<T>): Promise<T> {
  let isOver = false
  const end = (): void => void (isOver = true)
  fit.then(end, end)
  while (!isOver) await vi.advanceTimersByTimeAsync(1000)
  return fit
}

describe('a dataset that delivers nothing more', () => {
  test('ends the fit that is to end, with what was reached', async () => {
    const { gates, generate } = gate(3 * 4 + 1)
    const controller = new AbortController()
    const rule = { ...settings, maxIterations: 20 }
    const fit = failureOf(imnnOf({ [Symbol.asyncIterator]: generate }).fit({ ...rule, signal: controller.signal }))
    await closedOf(gates)
    await vi.advanceTimersByTimeAsync(60_000)
    controller.abort()
    let isOver = false
    void fit.then(() => (isOver = true))
    await vi.advanceTimersByTimeAsync(9_900)
    expect(isOver).toBe(false)
    const failure = await passing(fit)
    expect(failure).toBeInstanceOf(ValidationError)
    expect(failure.message).toMatch(
      /main\[0\], batch 1 of epoch 4: could not be read: the fit was to end, and waited 10 s for it/,
    )
    const whole = await imnnOf({ [Symbol.asyncIterator]: gate(Infinity).generate }).fit({ ...rule, maxIterations: 4 })
    expect(failure.reached?.history).toEqual(whole.history)
    expect(await numbers(failure.reached!.finalW)).toEqual(await numbers(whole.finalW))
    expect(failure.reached?.unfinished).toEqual({ iterations: 4, patience: 0 })
    // What was begun comes to its end by itself.
    gates.open()
    await vi.waitUntil(() => gates.isOver)
  })

  test('that goes on later: the next fit reads from where an epoch begins', async () => {
    const { gates, generate } = gate(3 * 4 + 1)
    const main = generate()
    const imnn = imnnOf(main)
    const controller = new AbortController()
    const rule = { ...settings, maxIterations: 6 }
    const fit = failureOf(imnn.fit({ ...rule, signal: controller.signal }))
    await closedOf(gates)
    controller.abort()
    const { reached } = await passing(fit)
    gates.open()
    const ended = await reached!.fit(rule)
    const whole = await imnnOf({ [Symbol.asyncIterator]: gate(Infinity).generate }).fit(rule)
    expect(ended.history).toEqual(whole.history)
    expect(gates.isOver).toBe(false)
  })

  test('is waited for as long as it takes while nobody says that the fit is to end', async () => {
    const { gates, generate } = gate(7)
    const fit = imnnOf({ [Symbol.asyncIterator]: generate }).fit({ ...settings, maxIterations: 4 })
    await closedOf(gates)
    await vi.advanceTimersByTimeAsync(3_600_000)
    gates.open()
    expect((await fit).iterations).toBe(4)
    expect(vi.getTimerCount()).toBe(0)
  })

  test('and that no iteration needs is given up when the fit is over', async () => {
    // Four iterations of three batches, the statistics of the last weights, and one that is read ahead.
    const { gates, generate } = gate(15)
    const fit = imnnOf({ [Symbol.asyncIterator]: generate }).fit({ ...settings, maxIterations: 4 })
    await closedOf(gates)
    expect((await passing(fit)).iterations).toBe(4)
    expect(gates.isOver).toBe(false)
    gates.open()
    await vi.waitUntil(() => gates.isOver)
  })

  test('before the first iteration fails the fit as the data fail it', async () => {
    const { gates, generate } = gate(0)
    const signal = { aborted: false }
    const fit = failureOf(imnnOf(generate()).fit({ ...settings, maxIterations: 4, signal }))
    await closedOf(gates)
    signal.aborted = true
    const failure = await passing(fit)
    expect(failure.message).toContain('main[0], batch 0 of epoch 0: could not be read: the fit was to end')
    expect(failure.reached).toBeUndefined()
  })
})
