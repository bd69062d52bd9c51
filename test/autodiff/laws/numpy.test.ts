import { jit, type NDArray, np, vmap } from '@cotangent/autodiff'
import { describe, expect, test } from 'vitest'
import { expectSame } from '../../helpers/device-law.ts'
import { argumentsOf, call, nameOf, type NumpyCase, numpyCases } from '../golden/numpy-cases.ts'

const withArrays = numpyCases.filter((c) => c.args.length > 0).map((c, i) => [`${i} ${nameOf(c)}`, c] as const)

/** Another array of the shape and dtype of `x`: a batch of two that differ. */
const other = (x: NDArray): NDArray => (x.dtype.startsWith('float') ? x.mul(0.75).add(0.125) : x)

/** Counts, of which the sum must be known, and points, which must ascend, are the same over a batch. */
const isFixed = ({ fn, list }: NumpyCase, i: number): boolean =>
  (fn === 'repeat' && i === 1) || (fn === 'interp' && i === 1) || (fn === 'concatenate' && list !== true)

/** The runtime leaves out the addition of a constant 0, and with it what it does to −0. */
const withoutSignOfZero = (c: NumpyCase, x: NDArray): NDArray => (c.options?.['mode'] === 'linear_ramp' ? x.add(0) : x)

describe('a compiled function gives what the function gives', () => {
  test.each(withArrays)('%s', async (_, c) => {
    const args = argumentsOf(c)
    const expected = call(c, args)
    const got = jit((...xs: NDArray[]) => call(c, xs), { device: 'cpu' })(...args)
    await Promise.all(got.map((x) => x.ready()))
    expect(got).toHaveLength(expected.length)
    got.forEach((x, i) => expectSame(withoutSignOfZero(c, x), expected[i] as NDArray, [], 5))
  })
})

describe('vmap of a function is the function of each entry', () => {
  test.each(withArrays)('%s', (_, c) => {
    const args = argumentsOf(c)
    const fixed = args.map((_x, i) => isFixed(c, i))
    const batches = args.map((x, i) => (fixed[i] === true ? x : np.stack([x, other(x)])))
    if (fixed.every(Boolean)) throw new Error('nothing is batched')
    const inAxes = fixed.map((f) => (f ? null : 0))
    const got = vmap((...xs: NDArray[]) => call(c, xs), { inAxes })(...batches)
    const second = call(
      c,
      args.map((x, i) => (fixed[i] === true ? x : other(x))),
    )
    const first = call(c, args)
    got.forEach((x, i) => expectSame(x, np.stack([first[i] as NDArray, second[i] as NDArray]), [], 5))
  })
})
