import type { DType, TypedArray } from '../../array/dtype.ts'
import type { Step } from './step.ts'

type Kernel = (...operands: number[]) => number

/** Works on the elements of some arrays, and puts the results into others of their length. */
export type FusedLoop = (operands: readonly TypedArray[], results: readonly TypedArray[]) => void

/** How a number is held by each dtype: what storing it and reading it again gives. */
const held: Partial<Record<DType, (value: string) => string>> = {
  bool: (value) => `${value} & 255`,
  int8: (value) => `${value} << 24 >> 24`,
  int16: (value) => `${value} << 16 >> 16`,
  int32: (value) => `${value} | 0`,
  uint8: (value) => `${value} & 255`,
  uint16: (value) => `${value} & 65535`,
  uint32: (value) => `${value} >>> 0`,
  float32: (value) => `Math.fround(${value})`,
  float64: (value) => value,
}

const kernelOf = ({ primitive, avals, params }: Step): Kernel | undefined => primitive.element?.(avals, params)

/** Whether the step can be part of a loop that is made for several of them. */
export function isFusible(step: Step): boolean {
  const dtypes = [...step.avals, ...step.outputAvals].map((aval) => aval.dtype)
  return dtypes.every((dtype) => held[dtype] !== undefined) && kernelOf(step) !== undefined && canMakeCode()
}

let possible: boolean | undefined

/** A page's policy may forbid it. */
function canMakeCode(): boolean {
  if (possible === undefined) {
    try {
      // oxlint-disable-next-line no-implied-eval, no-new-func, typescript/no-implied-eval
      possible = new Function('return true')() as boolean
    } catch {
      possible = false
    }
  }
  return possible
}

let made = 0

/**
 * One loop over the elements that does all the steps to each: `given` are the values it reads, of which some are
 * `single` numbers, `results` those it writes. Every number in between is rounded as its dtype holds it.
 */
export function fused(
  steps: readonly Step[],
  given: readonly number[],
  single: (slot: number) => boolean,
  results: readonly number[],
): FusedLoop {
  const names = new Map<number, string>(given.map((slot, i) => [slot, `e${i}`]))
  const element = (slot: number, i: number): string => `const e${i} = x${i}[${single(slot) ? '0' : 'i'}]`
  const body = steps.map((step, k) => {
    const operands = step.inputs.map((slot) => names.get(slot) as string)
    const [output] = step.outputAvals
    names.set(step.outputs[0] as number, `v${k}`)
    return `const v${k} = ${held[output!.dtype]!(`k${k}(${operands.join(', ')})`)}`
  })
  // Written last: a result may take the place of an operand.
  const stores = results.map((slot, i) => `y${i}[i] = ${names.get(slot) as string}`)
  const source = `
    const [${steps.map((_, k) => `k${k}`).join(', ')}] = kernels
    return (operands, results) => {
      const [${given.map((_, i) => `x${i}`).join(', ')}] = operands
      const [${results.map((_, i) => `y${i}`).join(', ')}] = results
      ${given.map((slot, i) => (single(slot) ? element(slot, i) : '')).join('\n')}
      const n = y0.length
      for (let i = 0; i < n; i++) {
        ${given.map((slot, i) => (single(slot) ? '' : element(slot, i))).join('\n')}
        ${[...body, ...stores].join('\n        ')}
      }
    } // ${made++}`
  // oxlint-disable-next-line no-implied-eval, no-new-func, typescript/no-implied-eval
  return new Function('kernels', source)(steps.map(kernelOf)) as FusedLoop
}
