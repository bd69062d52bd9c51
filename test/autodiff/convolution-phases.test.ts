import { lax, type NDArray, np } from '@cotangent/autodiff'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { forAll } from '../helpers/draws.ts'

/** Whole numbers, so that sums are exact in any order. */
const numbers = (shape: readonly number[], step: number): NDArray =>
  np
    .arange(shape.reduce((a, b) => a * b, 1))
    .mul(step)
    .add(3)
    .mod(7)
    .sub(3)
    .reshape([...shape])

const axis = fc.record({
  n: fc.nat({ max: 5 }),
  size: fc.integer({ min: 1, max: 5 }),
  stride: fc.integer({ min: 1, max: 4 }),
  low: fc.integer({ min: -2, max: 5 }),
  high: fc.integer({ min: -2, max: 5 }),
  apart: fc.integer({ min: 1, max: 5 }),
  dilation: fc.integer({ min: 1, max: 4 }),
})

test('a convolution of entries that stand apart is the one with zeros between them', async () => {
  const cases = fc.tuple(fc.array(axis, { minLength: 1, maxLength: 2 }), fc.integer({ min: 1, max: 2 }))
  await forAll(cases, ([axes, groups]) => {
    const lengths = axes.map(({ n, low, high, apart }) => (n === 0 ? 0 : 1 + apart * (n - 1)) + low + high)
    fc.pre(lengths.every((length) => length >= 0))
    const x = numbers([2, 2 * groups, ...axes.map(({ n }) => n)], 5)
    const kernel = numbers([3 * groups, 2, ...axes.map(({ size }) => size)], 3)
    const strides = axes.map(({ stride }) => stride)
    const padding = axes.map(({ low, high }): [number, number] => [low, high])
    const options = { rhsDilation: axes.map(({ dilation }) => dilation), featureGroupCount: groups }
    const close = axes.map(({ n, apart }) => (n === 0 ? 0 : apart - 1))
    const filled = lax.pad(x, np.array(0), {
      low: [0, 0, ...axes.map(() => 0)],
      high: [0, 0, ...axes.map(() => 0)],
      interior: [0, 0, ...close],
    })
    const got = lax.convGeneralDilated(x, kernel, strides, padding, {
      ...options,
      lhsDilation: axes.map(({ apart }) => apart),
    })
    expect(got.jsSync()).toEqual(lax.convGeneralDilated(filled, kernel, strides, padding, options).add(0).jsSync())
  })
})

test('what lies between the entries is nothing: a kernel with infinities gives no NaN there', () => {
  const x = np.array([1, 2]).reshape([1, 1, 2])
  const kernel = np.array([Infinity, 1]).reshape([1, 1, 2])
  const y = lax.convGeneralDilated(x, kernel, [1], [[0, 0]], { lhsDilation: [2] })
  expect(y.reshape([2]).jsSync()).toEqual([Infinity, 2])
})
