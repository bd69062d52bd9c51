import type { NDArray } from '../array/ndarray.ts'
import { type Aval, type Jaxpr, withInputs } from '../core/jaxpr.ts'
import type { Primitive } from '../core/primitive.ts'
import { bind } from '../core/trace.ts'
import { evaluateJaxpr } from '../transforms/function.ts'
import { splitJaxpr } from '../transforms/linearize.ts'
import { groups } from '../core/masks.ts'

/** The operands are the first carry, the arrays that are scanned, and what every step reads. */
export type ScanParams = {
  /** From the carry, an entry of each scanned array and the rest, to the next carry and the outputs of the step. */
  readonly jaxpr: Jaxpr
  readonly carry: number
  readonly xs: number
  readonly length: number
  /** From the last entry to the first. */
  readonly reverse: boolean
  /** How many steps a compiled program makes in one iteration. */
  readonly unroll: number
}

/** The operands of a scan, or what belongs to them, by their parts. */
export const scanOperands = <T>(
  operands: readonly T[],
  { carry, xs }: Pick<ScanParams, 'carry' | 'xs'>,
): [carry: T[], xs: T[], rest: T[]] => groups(operands, carry, xs) as [T[], T[], T[]]

export const stackedAval = ({ shape, dtype }: Aval, length: number): Aval => ({ shape: [length, ...shape], dtype })

export type BoundScan = (
  carry: readonly NDArray[],
  xs: readonly NDArray[],
  rest: readonly NDArray[],
  params: Omit<ScanParams, 'carry' | 'xs'>,
) => readonly NDArray[]

/** A scan of operands given by their parts. What all steps would compute alike is computed before. */
export const bindScan =
  (primitive: Primitive<ScanParams>): BoundScan =>
  (carry, xs, rest, params) => {
    const changing = carry.length + xs.length
    const shared = { ...params, carry: carry.length, xs: xs.length }
    const { known, dependent } = splitJaxpr(
      params.jaxpr,
      params.jaxpr.inputs.map((_, i) => i < changing),
      params.jaxpr.outputs.map(() => true),
    )
    if (known.equations.length === 0 || params.length === 0) return bind(primitive, [...carry, ...xs, ...rest], shared)
    const constants = evaluateJaxpr(known, rest)
    const [before, steps] = groups(dependent.inputs, constants.length)
    const jaxpr = withInputs(dependent, [...steps!, ...before!])
    return bind(primitive, [...carry, ...xs, ...constants], { ...shared, jaxpr })
  }
