import type { Jaxpr } from '../../core/jaxpr.ts'
import { costOf } from '../../cost/analysis.ts'

/** How often equations of a Jaxpr run, those of loops each time; infinite for loops until a condition. */
function stepsOf({ equations }: Jaxpr): number {
  return equations.reduce((sum, { primitive, params }) => {
    const inner = primitive.jaxprs?.(params) ?? []
    if (primitive.name === 'while') return Infinity
    const trips = primitive.name === 'scan' ? (params['length'] as number) : 1
    return sum + 1 + trips * inner.reduce((n, jaxpr) => n + stepsOf(jaxpr), 0)
  }, 0)
}

/** Milliseconds that a program takes at least, and that its numbers take to a worker and back. */
export interface Expectation {
  readonly time: number
  readonly way: number
}

/** By the operations of a program, the bytes it moves and its steps. */
export function expectedOf(jaxpr: Jaxpr): Expectation {
  const { flops, transcendentals, bytesAccessed, argumentBytes, outputBytes } = costOf(jaxpr)
  const time = 1e3 * (flops / 1e11 + transcendentals / 1e9 + bytesAccessed / 4e10 + stepsOf(jaxpr) * 1e-6)
  return { time, way: (argumentBytes + outputBytes) / 1e6 }
}
