import { bytesPerElement } from '../array/dtype.ts'
import { sizeOf } from '../array/shape.ts'
import { type Atom, type Aval, type Equation, type Jaxpr, Var } from '../core/jaxpr.ts'
import { table } from './table.ts'
import { one, workRules } from './rules.ts'

/** What equations of one primitive cost together. */
export interface PrimitiveCost {
  readonly primitive: string
  /** How many equations there are; those of a loop count once. */
  readonly equations: number
  readonly flops: number
  readonly transcendentals: number
  readonly bytesRead: number
  readonly bytesWritten: number
}

/**
 * What a program costs, by its equations: what the graph makes of them (fused nodes, broadcasts without memory) is less.
 * Print it for a table.
 */
export interface CostAnalysis {
  /** Additions, products, comparisons …; a product and an addition of a matrix product are two, as XLA counts them. */
  readonly flops: number
  /** Values of exp, log, sin and their like. */
  readonly transcendentals: number
  readonly bytesRead: number
  readonly bytesWritten: number
  /** Read and written together. */
  readonly bytesAccessed: number
  readonly argumentBytes: number
  readonly outputBytes: number
  /** The most that lives at one time beside arguments and constants, when equations run in order. */
  readonly peakBytes: number
  /** By primitive, the most work first. */
  readonly primitives: readonly PrimitiveCost[]
  /** Primitives without a rule, for each of which one operation a number of its result is assumed. */
  readonly assumed: readonly string[]
  /** Whether a loop runs until a condition, and its iterations are counted as one. */
  readonly hasUnknownLoops: boolean
  toString(): string
}

type Mutable<T> = { -readonly [K in keyof T]: T[K] }

/** Sums of a Jaxpr, and of those in it. */
class Costs {
  readonly rows = new Map<string, Mutable<PrimitiveCost>>()
  readonly assumed = new Set<string>()
  hasUnknownLoops = false

  add(equation: Equation, times: number): void {
    const { primitive, inputs, outputs, params } = equation
    const known = workRules.get(primitive.name)
    if (known === undefined) this.assumed.add(primitive.name)
    const avals = inputs.map((atom) => atom.aval)
    const results = outputs.map((v) => v.aval)
    const work = (known ?? one)(avals, results, params)
    const row = this.#row(primitive.name)
    row.equations++
    row.flops += times * work.flops
    row.transcendentals += times * work.transcendentals
    row.bytesRead += times * bytesOf(avals)
    row.bytesWritten += times * bytesOf(results)
  }

  /** Adds all of another, of one branch of some. */
  take(other: Costs): void {
    for (const cost of other.rows.values()) {
      const row = this.#row(cost.primitive)
      for (const key of ['equations', 'flops', 'transcendentals', 'bytesRead', 'bytesWritten'] as const)
        row[key] += cost[key]
    }
    for (const name of other.assumed) this.assumed.add(name)
    this.hasUnknownLoops ||= other.hasUnknownLoops
  }

  get total(): number {
    return [...this.rows.values()].reduce((sum, row) => sum + row.flops + row.transcendentals, 0)
  }

  #row(primitive: string): Mutable<PrimitiveCost> {
    let row = this.rows.get(primitive)
    if (row === undefined) {
      row = { primitive, equations: 0, flops: 0, transcendentals: 0, bytesRead: 0, bytesWritten: 0 }
      this.rows.set(primitive, row)
    }
    return row
  }
}

const bytesOf = (avals: readonly Aval[]): number =>
  avals.reduce((sum, { shape, dtype }) => sum + sizeOf(shape) * bytesPerElement(dtype), 0)

/** Counts a Jaxpr that runs `times` times, and gives the most bytes that live in it at one time. */
function count(jaxpr: Jaxpr, costs: Costs, times: number): number {
  const last = new Map<Atom, number>()
  jaxpr.equations.forEach(({ inputs }, at) => inputs.forEach((atom) => last.set(atom, at)))
  for (const atom of jaxpr.outputs) last.set(atom, Infinity)
  const made = new Set<Var>()
  let living = 0
  let peak = 0
  jaxpr.equations.forEach((equation, at) => {
    const inside = countEquation(equation, costs, times)
    living += bytesOf(equation.outputs.map((v) => v.aval))
    for (const v of equation.outputs) made.add(v)
    peak = Math.max(peak, living + inside)
    for (const v of new Set([...equation.inputs, ...equation.outputs])) {
      if (v instanceof Var && made.has(v) && (last.get(v) ?? at) <= at) {
        made.delete(v)
        living -= bytesOf([v.aval])
      }
    }
  })
  return peak
}

/** Counts an equation, one that holds Jaxprs by these, and gives the bytes that live inside at one time. */
function countEquation(equation: Equation, costs: Costs, times: number): number {
  const { primitive, params } = equation
  const inner = primitive.jaxprs?.(params) ?? []
  if (inner.length === 0) {
    costs.add(equation, times)
    return 0
  }
  if (primitive.name === 'cond') {
    // The branch with the most work.
    const branches = inner.map((jaxpr) => {
      const branch = new Costs()
      return { branch, peak: count(jaxpr, branch, times) }
    })
    const dearest = branches.reduce((a, b) => (b.branch.total > a.branch.total ? b : a))
    costs.take(dearest.branch)
    return Math.max(...branches.map(({ peak }) => peak))
  }
  if (primitive.name === 'while') costs.hasUnknownLoops = true
  const trips = primitive.name === 'scan' ? (params['length'] as number) : 1
  return Math.max(...inner.map((jaxpr) => count(jaxpr, costs, times * trips)))
}

/** What a Jaxpr costs. */
export function costOf(jaxpr: Jaxpr): CostAnalysis {
  const costs = new Costs()
  const peakBytes = count(jaxpr, costs, 1)
  const primitives = [...costs.rows.values()].sort(
    (a, b) =>
      b.flops + b.transcendentals - (a.flops + a.transcendentals) ||
      b.bytesRead + b.bytesWritten - (a.bytesRead + a.bytesWritten),
  )
  const sum = (key: 'flops' | 'transcendentals' | 'bytesRead' | 'bytesWritten'): number =>
    primitives.reduce((total, row) => total + row[key], 0)
  const analysis = {
    flops: sum('flops'),
    transcendentals: sum('transcendentals'),
    bytesRead: sum('bytesRead'),
    bytesWritten: sum('bytesWritten'),
    bytesAccessed: sum('bytesRead') + sum('bytesWritten'),
    argumentBytes: bytesOf(jaxpr.inputs.map((v) => v.aval)),
    outputBytes: bytesOf(jaxpr.outputs.map((atom) => atom.aval)),
    peakBytes,
    primitives,
    assumed: [...costs.assumed],
    hasUnknownLoops: costs.hasUnknownLoops,
  }
  return { ...analysis, toString: () => showCost(analysis) }
}

function showCost(cost: Omit<CostAnalysis, 'toString'>): string {
  const line = (row: Omit<PrimitiveCost, 'equations' | 'primitive'>, name: string, equations: string): string[] => [
    name,
    equations,
    String(row.flops),
    String(row.transcendentals),
    String(row.bytesRead),
    String(row.bytesWritten),
  ]
  const lines = cost.primitives.map((row) => line(row, row.primitive, String(row.equations)))
  const count = cost.primitives.reduce((total, row) => total + row.equations, 0)
  const notes = [
    `peak ${cost.peakBytes} bytes beside ${cost.argumentBytes} of arguments; ${cost.outputBytes} of results`,
    ...(cost.assumed.length > 0 ? [`one operation a number assumed for ${cost.assumed.join(', ')}`] : []),
    ...(cost.hasUnknownLoops ? ['loops until a condition are counted as one iteration'] : []),
  ]
  const head = ['primitive', 'equations', 'flops', 'transcendentals', 'bytes read', 'bytes written']
  return [table(head, [...lines, line(cost, 'total', String(count))]), ...notes].join('\n')
}
