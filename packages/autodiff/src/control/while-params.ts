import type { Jaxpr } from '../core/jaxpr.ts'

/** The operands are the carry, then what the condition reads beside it, then what the body does. */
export type WhileParams = {
  /** From the carry and `conditionOperands` values to a scalar of bool. */
  readonly condition: Jaxpr
  /** From the carry and the other values to the next carry. */
  readonly body: Jaxpr
  readonly conditionOperands: number
}
