import { allocate, type DType, isComplex, type TypedArray } from '../array/dtype.ts'
import { sizeOf } from '../array/shape.ts'
import type { Aval } from './jaxpr.ts'
import { runKernel } from './kernel.ts'
import type { Params, Primitive } from './primitive.ts'

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

/** So many elements go through a run of steps at once: what lies between the steps stays in the cache. */
const BLOCK = 4096
/** Shorter arrays are in the cache as they are. */
const LONG = 4 * BLOCK

/** Elementwise steps on long arrays of one size, one after the other. */
export class Run {
  readonly #steps: readonly Step[]
  readonly #size: number
  /** Values from outside, and their places among those of the run. */
  readonly #given: readonly (readonly [slot: number, place: number])[]
  readonly #operands: readonly (readonly number[])[]
  /** The place of each step's result; which of the buffers it is in, −1 for one that is read after the run. */
  readonly #results: readonly number[]
  readonly #buffers: readonly number[]
  readonly #bufferDTypes: readonly DType[]
  readonly #avals: readonly BlockAvals[]

  constructor(steps: readonly Step[], first: number, last: ReadonlyMap<number, number>) {
    const places = new Map<number, number>()
    const given: (readonly [number, number])[] = []
    const place = (slot: number): number => {
      let at = places.get(slot)
      if (at === undefined) {
        places.set(slot, (at = places.size))
        given.push([slot, at])
      }
      return at
    }
    const dtypes: DType[] = []
    const free: number[] = []
    const bufferOf = new Map<number, number>()
    const operands: number[][] = []
    const results: number[] = []
    const buffers: number[] = []
    const end = first + steps.length
    steps.forEach((step, i) => {
      operands.push(step.inputs.map(place))
      for (const slot of new Set(step.inputs)) {
        const buffer = bufferOf.get(slot)
        if (buffer !== undefined && last.get(slot) === first + i) free.push(buffer)
      }
      const slot = step.outputs[0] as number
      places.set(slot, places.size)
      results.push(places.get(slot) as number)
      let buffer = -1
      if ((last.get(slot) ?? -1) < end) {
        const { dtype } = step.outputAvals[0] as Aval
        const fits = free.findIndex((b) => dtypes[b] === dtype)
        buffer = fits < 0 ? dtypes.push(dtype) - 1 : (free.splice(fits, 1)[0] as number)
        bufferOf.set(slot, buffer)
      }
      buffers.push(buffer)
    })
    this.#steps = steps
    this.#size = sizeOf((steps[0] as Step).outputAvals[0]!.shape)
    this.#given = given
    this.#operands = operands
    this.#results = results
    this.#buffers = buffers
    this.#bufferDTypes = dtypes
    this.#avals = blockAvals(steps, BLOCK)
  }

  /** Puts what is read after the run among the values; `shared` is memory that must not be written to. */
  run(values: (TypedArray | undefined)[], shared: ReadonlySet<ArrayBufferLike>): void {
    const kept = this.#steps.map((step, i) => {
      if ((this.#buffers[i] as number) >= 0) return undefined
      const reuse = step.reuses < 0 ? undefined : values[step.inputs[step.reuses] as number]
      if (reuse !== undefined && !shared.has(reuse.buffer)) return reuse
      return allocate<DType>((step.outputAvals[0] as Aval).dtype, this.#size)
    })
    const buffers = this.#bufferDTypes.map((dtype) => allocate<DType>(dtype, BLOCK))
    const views: TypedArray[] = []
    for (let from = 0; from < this.#size; from += BLOCK) {
      const to = Math.min(this.#size, from + BLOCK)
      const avals = to - from === BLOCK ? this.#avals : blockAvals(this.#steps, to - from)
      for (const [slot, place] of this.#given) {
        const data = values[slot] as TypedArray
        views[place] = data.length === 1 ? data : data.subarray(from, to)
      }
      this.#steps.forEach(({ primitive, params }, i) => {
        const memory = kept[i]?.subarray(from, to) ?? (buffers[this.#buffers[i] as number] as TypedArray)
        const out = memory.length === to - from ? memory : memory.subarray(0, to - from)
        const operands = (this.#operands[i] as number[]).map((place) => views[place] as TypedArray)
        const { inputs, outputs } = avals[i] as BlockAvals
        const [result] = runKernel(primitive, operands, inputs, params, outputs, out) as [TypedArray]
        if (result !== out) out.set(result)
        views[this.#results[i] as number] = out
      })
    }
    this.#steps.forEach((step, i) => {
      if (kept[i] !== undefined) values[step.outputs[0] as number] = kept[i]
    })
  }
}

interface BlockAvals {
  readonly inputs: readonly Aval[]
  readonly outputs: readonly Aval[]
}

const blockAvals = (steps: readonly Step[], n: number): BlockAvals[] =>
  steps.map(({ avals, outputAvals }) => ({
    inputs: avals.map(({ shape, dtype }) => ({ shape: sizeOf(shape) === 1 ? [] : [n], dtype })),
    outputs: outputAvals.map(({ dtype }) => ({ shape: [n], dtype })),
  }))

/** The steps, with runs of them where there are any; `read` are the values that are read after all. */
export function inRuns(steps: readonly Step[], read: readonly number[]): (Step | Run)[] {
  const parts: (Step | Run)[] = []
  const last = new Map<number, number>()
  // A step that repeats an element is before the run that it comes in the middle of.
  const others = steps.filter((step) => !step.repeats)
  others.forEach((step, i) => {
    for (const slot of step.inputs) last.set(slot, i)
  })
  for (const slot of read) last.set(slot, Infinity)
  const single = new Set<number>()
  let open: Step[] = []
  let first = 0
  const close = (): void => {
    if (open.length > 1) parts.push(new Run(open, first, last))
    else parts.push(...open)
    open = []
  }
  let at = 0
  for (const step of steps) {
    if (step.repeats) {
      single.add(step.outputs[0] as number)
      parts.push(step)
      continue
    }
    const size = longSize(step, single)
    if (size === undefined || (open.length > 0 && size !== sizeOf(open[0]!.outputAvals[0]!.shape))) close()
    if (size === undefined) parts.push(step)
    else {
      if (open.length === 0) first = at
      open.push(step)
    }
    at++
  }
  close()
  return parts
}

/** The size of the arrays that a step works on element by element, if they are long. */
function longSize({ primitive, avals, outputAvals, inputs }: Step, single: ReadonlySet<number>): number | undefined {
  const [output] = outputAvals
  if (primitive.takesRepeated !== true || output === undefined || outputAvals.length > 1) return undefined
  const size = sizeOf(output.shape)
  if (size < LONG || [...avals, output].some(({ dtype }) => isComplex(dtype))) return undefined
  const fits = avals.every(({ shape }, i) => {
    const n = sizeOf(shape)
    return n === size || n === 1 || single.has(inputs[i] as number)
  })
  return fits ? size : undefined
}
