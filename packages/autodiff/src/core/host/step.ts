import type { Aval } from '../jaxpr.ts'
import type { Params, Primitive } from '../primitive.ts'

/** An equation of a program on the host. */
export interface Step {
  readonly primitive: Primitive
  readonly params: Params
  readonly avals: readonly Aval[]
  readonly outputAvals: readonly Aval[]
  /** Where operands and results lie among the values. */
  readonly inputs: readonly number[]
  readonly outputs: readonly number[]
  /** Whether the result is an operand's one element, to be read so by all that read it. */
  readonly repeats: boolean
  /** Which operand's memory the result may be written to, for want of later readers; −1 for none. */
  readonly reuses: number
}
