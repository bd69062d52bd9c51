import { isInteger } from '@cotangent/autodiff/array'
import {
  type AnySpec,
  checkSpec as checkGivenSpec,
  fits,
  flattenSpec,
  isLeafSpec,
  type LeafSpec,
  type PartialShape,
  showPartialShape,
  showSpec,
} from '../dataset/spec.ts'
import { sameStructure } from '../dataset/structure.ts'
import { type Checked, checkAll, checkWhere, fine, problem } from './problem.ts'

/**
 * Whether a dataset's spec is one that is expected: structure, dtypes and shapes, with a remedy for the usual mistakes.
 * Sizes that are `null` on either side may be anything.
 *
 * @example
 * const { elementSpec } = Dataset.fromTensorSlices(simulations)
 * problemsOf(checkSpec(elementSpec, { shape: [20, 10], dtype: 'float32' }, 'main[0]'))[0].kind // shape
 */
export function checkSpec(actual: AnySpec, expected: AnySpec, where: string): Checked {
  checkWhere('checkSpec', where)
  checkGivenSpec('checkSpec', actual, 'the actual spec')
  checkGivenSpec('checkSpec', expected, 'the expected spec')
  const a = flattenSpec(actual, where)
  const e = flattenSpec(expected, where)
  if (!sameStructure(a.structure, e.structure)) {
    return problem(
      'structure',
      where,
      `gives ${showSpec(actual)}; ${showSpec(expected)} is expected${missing(actual, expected)}`,
    )
  }
  return checkAll(
    e.leaves.flatMap((leaf, i) => {
      const is = a.leaves[i] as LeafSpec
      const path = a.paths[i] as string
      return [checkDType(is, leaf, path), checkShape(is.shape, leaf.shape, path)]
    }),
  )
}

function missing(actual: AnySpec, expected: AnySpec): string {
  if (!Array.isArray(expected)) return ''
  const parts = expected as readonly AnySpec[]
  const given = isLeafSpec(actual) ? 1 : Array.isArray(actual) ? actual.length : parts.length
  if (given >= parts.length) return ''
  const absent = parts.slice(given).map((part) => showSpec(part))
  return `: ${absent.join(' and ')} ${absent.length === 1 ? 'is' : 'are'} missing; put the parts together with Dataset.zip([…])`
}

function checkDType(is: LeafSpec, expected: LeafSpec, where: string): Checked {
  if (is.dtype === expected.dtype) return fine
  if (is.dtype === 'bytes')
    return problem('dtype', where, `holds serialized records; parse them first: .map(tfr.parser(inputShape))`)
  if (is.dtype === 'dataset')
    return problem('dtype', where, `holds datasets; make them one first: .flatMap((window) => …)`)
  const kind = isInteger(is.dtype) ? 'integers' : 'numbers'
  return problem(
    'dtype',
    where,
    `holds ${kind} of dtype ${is.dtype}; ${expected.dtype} is expected: .map((x) => x.astype('${expected.dtype}'))`,
  )
}

function checkShape(is: PartialShape, expected: PartialShape, where: string): Checked {
  if (fits(is, expected) || is === null || expected === null) return fine
  const shapes = `has shape ${showPartialShape(is)}; ${showPartialShape(expected)} is expected`
  const axes = permutation(is, expected)
  if (axes !== undefined) {
    return problem(
      'axes',
      where,
      `${shapes}: the sizes are right and their order is not; x.transpose([${axes.join(', ')}]) puts it right`,
    )
  }
  const [batch, ...rest] = expected
  if (fits(is, rest))
    return problem('shape', where, `${shapes}: the elements are not batched; add .batch(${batch ?? 'n'})`)
  if (is.length === expected.length && fits(is.slice(1), rest)) {
    return problem(
      'shape',
      where,
      `${shapes}: batches hold ${is[0]} simulations; .batch(${batch}) of a multiple of ${batch} makes them whole`,
    )
  }
  return problem('shape', where, shapes)
}

/** The transposition that gives `is` the sizes of `expected`, when there is one. */
function permutation(is: readonly (number | null)[], expected: readonly (number | null)[]): number[] | undefined {
  if (is.length !== expected.length) return undefined
  const free = new Set(is.keys())
  const axes: number[] = []
  for (const [i, n] of expected.entries()) {
    const axis = free.has(i) && is[i] === n ? i : [...free].find((j) => is[j] === n && is[j] !== expected[j])
    if (axis === undefined) return undefined
    free.delete(axis)
    axes.push(axis)
  }
  return axes
}
