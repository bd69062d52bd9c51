import { allocate, type DType, isComplex, type TypedArray } from '../../array/dtype.ts'
import { sizeOf } from '../../array/shape.ts'
import { fused, isFusible } from './fuse.ts'
import type { Aval } from '../jaxpr.ts'
import { runKernel } from './kernel.ts'
import type { Step } from './step.ts'

/** How many elements go through a run of steps at once, so that what lies between the steps stays in the cache. */
const BLOCK = 4096
/** Shorter arrays are in the cache as they are. */
const LONG = 4 * BLOCK
/** The most steps in one loop: the engine does not put more kernels into one. */
const FUSED = 12

/** Steps that are done to a block by one call: one, or several fused into a loop. */
interface Unit {
  readonly steps: readonly Step[]
  /** The places of what is read, and of what is written, among the values of the run. */
  readonly given: readonly number[]
  readonly results: readonly Result[]
  readonly work: (operands: readonly TypedArray[], results: readonly TypedArray[]) => void
}

interface Result {
  readonly place: number
  readonly slot: number
  readonly dtype: DType
  /** Which of the buffers it is in; −1 for a value that is read after the run. */
  readonly buffer: number
  /** The value whose memory it may take, if it has none of its own. */
  readonly reuses: number | undefined
}

/** Where values are read last, as positions of steps. */
type LastReads = ReadonlyMap<number, number>

/** Elementwise steps on long arrays of one size, one after the other. */
export class Run {
  readonly #size: number
  readonly #units: readonly Unit[]
  /** Values from outside, and their places among those of the run. */
  readonly #given: readonly (readonly [slot: number, place: number])[]
  readonly #buffers: readonly DType[]

  constructor(steps: readonly Step[], first: number, last: LastReads, single: ReadonlySet<number>) {
    const places = new Map<number, number>()
    const given: (readonly [number, number])[] = []
    const placeOf = (slot: number): number => {
      let at = places.get(slot)
      if (at === undefined) {
        places.set(slot, (at = places.size))
        given.push([slot, at])
      }
      return at
    }
    const buffers: DType[] = []
    const free: number[] = []
    const bufferOf = new Map<number, number>()
    const end = first + steps.length
    let position = first
    this.#units = unitsOf(steps).map((unit): Unit => {
      const made = unit.map((step) => step.outputs[0] as number)
      const read = [...new Set(unit.flatMap((step) => step.inputs))].filter((slot) => !made.includes(slot))
      const operands = read.map(placeOf)
      position += unit.length
      for (const slot of read) {
        const buffer = bufferOf.get(slot)
        if (buffer !== undefined && (last.get(slot) ?? -1) < position) free.push(buffer)
      }
      const kept = unit.filter((step) => unit.length === 1 || (last.get(step.outputs[0] as number) ?? -1) >= position)
      const results = (kept.length === 0 ? unit.slice(-1) : kept).map((step): Result => {
        const slot = step.outputs[0] as number
        const { dtype } = step.outputAvals[0] as Aval
        places.set(slot, places.size)
        const place = places.get(slot) as number
        const reuses = step.reuses < 0 ? undefined : step.inputs[step.reuses]
        if ((last.get(slot) ?? -1) >= end) return { place, slot, dtype, buffer: -1, reuses }
        const fits = free.findIndex((b) => buffers[b] === dtype)
        const buffer = fits < 0 ? buffers.push(dtype) - 1 : (free.splice(fits, 1)[0] as number)
        bufferOf.set(slot, buffer)
        return { place, slot, dtype, buffer, reuses }
      })
      const slots = results.map(({ slot }) => slot)
      const isNumber = (slot: number): boolean => single.has(slot)
      const work = isFusible(unit[0] as Step) ? fused(unit, read, isNumber, slots) : alone(unit[0] as Step, read)
      return { steps: unit, given: operands, results, work }
    })
    this.#size = sizeOf((steps[0] as Step).outputAvals[0]!.shape)
    this.#given = given
    this.#buffers = buffers
  }

  /** Puts what is read after the run among the values; `shared` is memory that must not be written to. */
  run(values: (TypedArray | undefined)[], shared: ReadonlySet<ArrayBufferLike>): void {
    const kept = new Map<number, TypedArray>()
    for (const { results } of this.#units) {
      for (const { slot, dtype, buffer, reuses } of results) {
        if (buffer >= 0) continue
        const reuse = reuses === undefined ? undefined : values[reuses]
        kept.set(slot, reuse !== undefined && !shared.has(reuse.buffer) ? reuse : allocate<DType>(dtype, this.#size))
      }
    }
    const buffers = this.#buffers.map((dtype) => allocate<DType>(dtype, BLOCK))
    const views: TypedArray[] = []
    const step = this.#units.length === 1 ? this.#size : BLOCK
    for (let from = 0; from < this.#size; from += step) {
      const to = Math.min(this.#size, from + step)
      for (const [slot, place] of this.#given) {
        const data = values[slot] as TypedArray
        views[place] = data.length === 1 ? data : data.subarray(from, to)
      }
      for (const { given, results, work } of this.#units) {
        const outs = results.map(({ slot, buffer }) => {
          const memory = kept.get(slot)?.subarray(from, to) ?? (buffers[buffer] as TypedArray)
          return memory.length === to - from ? memory : memory.subarray(0, to - from)
        })
        work(
          given.map((place) => views[place] as TypedArray),
          outs,
        )
        results.forEach(({ place }, i) => {
          views[place] = outs[i] as TypedArray
        })
      }
    }
    for (const [slot, data] of kept) values[slot] = data
  }
}

/** One step by its primitive's own kernel. */
function alone({ primitive, params, avals, outputAvals, inputs }: Step, read: readonly number[]): Unit['work'] {
  const places = inputs.map((slot) => read.indexOf(slot))
  return (operands, [out]) => {
    const [result] = runKernel(
      primitive,
      places.map((place) => operands[place] as TypedArray),
      avals.map(({ dtype }, i) => ({ shape: sizeOf((avals[i] as Aval).shape) === 1 ? [] : [out!.length], dtype })),
      params,
      outputAvals.map(({ dtype }) => ({ shape: [out!.length], dtype })),
      out,
    ) as [TypedArray]
    if (result !== out) out!.set(result)
  }
}

/** Neighbours that can be fused are one unit. */
function unitsOf(steps: readonly Step[]): (readonly Step[])[] {
  const units: Step[][] = []
  let open = false
  for (const step of steps) {
    const fusible = isFusible(step)
    if (fusible && open && units.at(-1)!.length < FUSED) units.at(-1)!.push(step)
    else units.push([step])
    open = fusible
  }
  return units
}

/** The steps, with runs of them where there are any; `read` are the values that are read after all. */
export function inRuns(steps: readonly Step[], read: readonly number[]): (Step | Run)[] {
  const parts: (Step | Run)[] = []
  const last = lastReads(steps, read)
  const single = new Set<number>()
  let open: Step[] = []
  let first = 0
  let position = 0
  const close = (): void => {
    if (open.length > 1) parts.push(new Run(open, first, last, single))
    else parts.push(...open)
    open = []
  }
  for (const step of steps) {
    // A step that repeats an element goes before the run that it comes in the middle of.
    if (step.repeats) {
      single.add(step.outputs[0] as number)
      parts.push(step)
      continue
    }
    step.avals.forEach(({ shape }, i) => {
      if (sizeOf(shape) === 1) single.add(step.inputs[i] as number)
    })
    const size = longSize(step, single)
    if (size === undefined || (open.length > 0 && size !== sizeOf(open[0]!.outputAvals[0]!.shape))) close()
    if (size === undefined) parts.push(step)
    else {
      if (open.length === 0) first = position
      open.push(step)
    }
    position++
  }
  close()
  return parts
}

/** Positions count the steps that do not just repeat an element. */
function lastReads(steps: readonly Step[], read: readonly number[]): LastReads {
  const last = new Map<number, number>()
  steps
    .filter((step) => !step.repeats)
    .forEach((step, at) => {
      for (const slot of step.inputs) last.set(slot, at)
    })
  for (const slot of read) last.set(slot, Infinity)
  return last
}

/** The size of the arrays that a step works on element by element, if they are long. */
function longSize({ primitive, avals, outputAvals, inputs }: Step, single: ReadonlySet<number>): number | undefined {
  const [output] = outputAvals
  if (primitive.takesRepeated !== true || output === undefined || outputAvals.length > 1) return undefined
  const size = sizeOf(output.shape)
  if (size < LONG || [...avals, output].some(({ dtype }) => isComplex(dtype))) return undefined
  const fits = avals.every(({ shape }, i) => sizeOf(shape) === size || single.has(inputs[i] as number))
  return fits ? size : undefined
}
