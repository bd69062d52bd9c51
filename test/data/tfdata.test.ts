import { readFileSync } from 'node:fs'
import {
  array,
  CotangentError,
  type DType,
  NDArray,
  scalar,
  ShapeError,
  TreeError,
  ValueError,
} from '@cotangent/autodiff/array'
import { AUTOTUNE, Dataset, DatasetError } from '@cotangent/data'
import { describe, expect, test } from 'vitest'

interface Step {
  readonly op: string
  readonly [key: string]: unknown
}
interface Case {
  readonly name: string
  readonly chain: readonly Step[]
  readonly cardinality?: number | 'infinite' | 'unknown'
  readonly elementSpec?: string
  readonly output?: readonly unknown[]
  readonly secondIteration?: readonly unknown[]
  readonly limit?: number
  readonly reduce?: { readonly init: number; readonly fn: string }
  readonly properties?: object
  readonly error?: { readonly phase: 'build' | 'iterate'; readonly type: string; readonly message: string }
}
const recorded = (file: string) =>
  (JSON.parse(readFileSync(new URL(file, new URL('../fixtures/data/', import.meta.url)), 'utf8')) as { cases: Case[] })
    .cases
/** COTANGENT_TFDATA names further files of recorded cases, as make_tfdata_fuzz_cases.py draws them from another SEED. */
const files = [
  'tfdata.json',
  'tfdata-more.json',
  'tfdata-fuzz.json',
  ...(process.env.COTANGENT_TFDATA?.split(',') ?? []),
]

const int = (x: number) => scalar(x, 'int32')
const sumOf = (x: NDArray) => [...x.dataSync()].map(Number).reduce((a, b) => a + b, 0)
const functions: Record<string, (...args: NDArray[]) => unknown> = {
  mod5: (x) => int(((x!.item() % 5) + 5) % 5),
  sumVec: (x) => int(sumOf(x!)),
  vecEven: (x) => sumOf(x!) % 2 === 0,
  pairEven: (a) => a!.item() % 2 === 0,
  pairOf: (x) => [x, int(x!.item() + 1)],
  rangeTo: (a, b) => Dataset.range(a!.item(), b!.item()),
  pairScan: (state, pair) => {
    const [a, b] = pair as unknown as [NDArray, NDArray]
    return [int(state!.item() + a.item()), [state, b]]
  },
  slices: (x) => Dataset.fromTensorSlices(x),
  double: (x) => int(x!.item() * 2),
  sumPair: (a, b) => int(a!.item() + b!.item()),
  swap: (a, b) => [b, a],
  toDict: (a, b) => ({ a, b }),
  dictSum: (d) => {
    const { a, b } = d as unknown as { a: NDArray; b: NDArray }
    return int(a.item() + b.item())
  },
  even: (x) => x!.item() % 2 === 0,
  lt3: (x) => x!.item() < 3,
  rangeOf: (x) => Dataset.range(x!.item()),
  repeat2: (x) => Dataset.fromTensors(x).repeat(2),
  repeat3: (x) => Dataset.fromTensors(x).repeat(3),
  count10: (x) => Dataset.range(10 * x!.item(), 10 * x!.item() + 3),
  batchWindow: (w) => (w as unknown as Dataset<NDArray>).batch(3),
  fill: (x) => array(new Int32Array(x!.item()).fill(x!.item())),
  add1: (x) => int(x!.item() + 1),
  add: (state, x) => int(state!.item() + x!.item()),
  scanAdd: (state, x) => [int(state!.item() + x!.item()), int(state!.item() + x!.item())],
  failAt3: (x) => {
    if (x!.item() >= 3) throw new RangeError('element is 3 or more')
    return x
  },
}

type Value = { array: number[]; dtype: DType } | { tuple: Value[] } | { dict: Record<string, Value> }
function valueOf(value: Value): unknown {
  if ('tuple' in value) return value.tuple.map(valueOf)
  if ('dict' in value) return Object.fromEntries(Object.entries(value.dict).map(([k, v]) => [k, valueOf(v)]))
  return array(value.array, { dtype: value.dtype })
}

function source(step: Step): Dataset<unknown> {
  switch (step.op) {
    case 'fromTensorSlices':
      return Dataset.fromTensorSlices(valueOf(step.value as Value))
    case 'fromTensors':
      return Dataset.fromTensors(valueOf(step.value as Value))
    case 'range': {
      const [first, ...others] = step.args as [number, ...number[]]
      return Dataset.range(first, ...others)
    }
    case 'fromGenerator': {
      function* items() {
        for (const item of step.items as (number | number[] | 'throw')[]) {
          if (item === 'throw') throw new Error('generator failed')
          yield item
        }
      }
      const shape = (step.shape as number[] | undefined) ?? null
      return Dataset.fromGenerator(items, { elementSpec: { shape, dtype: (step.dtype as DType) ?? 'float32' } })
    }
    case 'zip':
      return Dataset.zip((step.datasets as Step[][]).map(build) as Dataset<unknown>[])
    default:
      throw new Error(step.op)
  }
}

function apply(dataset: Dataset<unknown>, step: Step): Dataset<unknown> {
  const n = step.n as number
  const f = functions[step.fn as string] as (...x: unknown[]) => never
  const dropRemainder = (step.dropRemainder as boolean | undefined) ?? false
  switch (step.op) {
    case 'take':
      return dataset.take(n)
    case 'skip':
      return dataset.skip(n)
    case 'batch':
      return dataset.batch(n, { dropRemainder })
    case 'rebatch':
      return dataset.rebatch(n, { dropRemainder })
    case 'unbatch':
      return dataset.unbatch()
    case 'paddedBatch':
      return dataset.paddedBatch(n, {
        dropRemainder,
        ...(step.value === undefined ? {} : { paddingValues: step.value as number }),
        ...(step.shapes === undefined ? {} : { paddedShapes: step.shapes as number[] }),
      })
    case 'flatMap':
      return dataset.flatMap(f)
    case 'interleave':
      return dataset.interleave(f, {
        cycleLength: step.cycle as number,
        blockLength: step.block as number,
        numParallelCalls: (step.parallel as number | undefined) ?? 1,
      })
    case 'window':
      return dataset.window(step.size as number, {
        ...(step.shift === undefined ? {} : { shift: step.shift as number }),
        ...(step.stride === undefined ? {} : { stride: step.stride as number }),
        dropRemainder,
      })
    case 'filter':
      return dataset.filter(f)
    case 'takeWhile':
      return dataset.takeWhile(f)
    case 'enumerate':
      return dataset.enumerate(step.start as number | undefined)
    case 'scan':
      return dataset.scan(int(step.init as number), f)
    case 'unique':
      return dataset.unique()
    case 'ignoreErrors':
      return dataset.ignoreErrors()
    case 'shuffle':
      return dataset.shuffle(step.buffer as number, {
        seed: step.seed as number,
        ...(step.reshuffle === undefined ? {} : { reshuffleEachIteration: step.reshuffle as boolean }),
      })
    case 'repeat':
      return dataset.repeat(n)
    case 'cache':
      return dataset.cache()
    case 'prefetch':
      return dataset.prefetch(step.n === 'AUTOTUNE' ? AUTOTUNE : n)
    case 'shard':
      return dataset.shard(n, step.i as number)
    case 'concatenate':
      return dataset.concatenate(build(step.other as Step[]))
    case 'map':
      return dataset.map(f, { numParallelCalls: (step.parallel as number | null) ?? 1 })
    default:
      throw new Error(step.op)
  }
}

const build = ([first, ...others]: readonly Step[]): Dataset<unknown> => others.reduce(apply, source(first as Step))

/** An element as the recorded ones are written. */
async function plain(element: unknown): Promise<unknown> {
  if (element instanceof Dataset) return { dataset: await Promise.all((await element.toArray()).map(plain)) }
  if (element instanceof NDArray) return element.jsSync()
  if (Array.isArray(element)) return { tuple: await Promise.all(element.map(plain)) }
  const entries = Object.entries(element as object).map(async ([k, v]) => [k, await plain(v)] as const)
  return Object.fromEntries(await Promise.all(entries))
}

async function read(dataset: Dataset<unknown>, limit = Number.POSITIVE_INFINITY) {
  const output: unknown[] = []
  let error: unknown
  try {
    for await (const element of dataset) {
      output.push(await plain(element))
      if (output.length >= limit) break
    }
  } catch (e) {
    error = e
  }
  return { output, error }
}

/** The kinds of our errors where `tf.data` raises its own. */
const kinds: Record<string, unknown> = {
  slices_mismatch: ShapeError,
  slices_scalar_error: ShapeError,
  generator_throws: Error,
  generator_shape_mismatch: DatasetError,
  generator_ragged_then_batch: DatasetError,
  batch_zero_error: ValueError,
  map_error_mid_stream: RangeError,
  concatenate_type_error: TreeError,
  shard_index_error: ValueError,
}

const dtypes: Record<string, string> = { float32: 'float32', int32: 'int32', int64: 'int32' }
const showSpec = (spec: unknown): string => {
  if (Array.isArray(spec)) return `(${spec.map(showSpec).join(', ')})`
  const { shape, dtype, elements } = spec as { shape: (number | null)[] | null; dtype: string; elements?: unknown }
  if (dtype === 'dataset') return `DatasetSpec(${showSpec(elements)}, TensorShape([]))`
  const sizes =
    shape === null ? '<unknown>' : `(${shape.map((n) => n ?? 'None').join(', ')}${shape.length === 1 ? ',' : ''})`
  return `TensorSpec(shape=${sizes}, dtype=${dtype})`
}
const ours = (spec: string) =>
  spec.replaceAll(', name=None', '').replaceAll(/tf\.(\w+)/g, (_, name: string) => dtypes[name]!)

const readNumbers = async (dataset: Dataset<unknown>) => (await read(dataset)).output as number[]

/** Of an order that is drawn only what must hold is recorded. */
async function checkShuffled(c: Case): Promise<void> {
  const dataset = build(c.chain)
  const plainOrder = await readNumbers(build(c.chain.slice(0, 1)))
  const orders = [await readNumbers(dataset), await readNumbers(dataset)]
  const buffer = c.chain[1]!.buffer as number
  for (const order of orders) {
    expect(order.toSorted((a, b) => a - b)).toEqual(plainOrder)
    order.forEach((item, k) => expect(item).toBeLessThanOrEqual(k + buffer - 1))
    if (buffer === 1) expect(order).toEqual(plainOrder)
  }
  if ('defaultReshufflesEachIteration' in c.properties!) {
    expect(orders[0]).not.toEqual(orders[1])
    const still = build([c.chain[0]!, { ...c.chain[1]!, reshuffle: false }])
    expect(await readNumbers(still)).toEqual(await readNumbers(still))
    const epochs = await readNumbers(dataset.repeat(2))
    for (const part of [epochs.slice(0, 8), epochs.slice(8)]) expect(part.toSorted((a, b) => a - b)).toEqual(plainOrder)
  }
}

/** Whether a step of the chain, or of one inside it, is of some kind. */
const anyStep = (chain: readonly Step[], is: (step: Step) => boolean): boolean =>
  chain.some(
    (step) =>
      is(step) || [...((step.datasets as Step[][]) ?? []), (step.other as Step[]) ?? []].some((c) => anyStep(c, is)),
  )

/** Where a function makes the elements, nothing is known of them before it is called. */
const isComputed = (chain: readonly Step[]): boolean =>
  anyStep(chain, ({ op }) => /^(map|flatMap|interleave|scan)$/.test(op))

/** Whether `failAt3` is the function that fails, whose own error comes through. */
const fails = (chain: readonly Step[]): boolean => anyStep(chain, ({ fn }) => fn === 'failAt3')

describe.each(files)('as tf.data: %s', (file) => {
  for (const c of recorded(file)) {
    test(c.name, async () => {
      if (c.error?.phase === 'build') {
        expect(() => build(c.chain)).toThrow((kinds[c.name] ?? CotangentError) as never)
        return
      }
      if (c.properties !== undefined) return checkShuffled(c)
      const dataset = build(c.chain)
      if (c.cardinality !== undefined) {
        // We know that nothing is in the batches of which there are none; TensorFlow, how large those are that a function makes.
        const empty =
          c.cardinality === 'unknown' && dataset.cardinality === 0 && (c.output?.length === 0 || c.reduce !== undefined)
        const sliced =
          dataset.cardinality === 'unknown' && isComputed(c.chain) && c.chain.some(({ op }) => op === 'unbatch')
        if (!empty && !sliced) expect(dataset.cardinality).toBe(c.cardinality)
      }
      if (c.reduce !== undefined && c.error !== undefined) {
        await expect(dataset.reduce(int(c.reduce.init), functions[c.reduce.fn] as never)).rejects.toThrow(RangeError)
        return
      }
      if (c.reduce !== undefined) {
        const sum = await dataset.reduce(int(c.reduce.init), functions[c.reduce.fn] as never)
        expect([sum.jsSync(), sum.dtype]).toEqual([c.output, 'int32'])
        return
      }
      if (c.elementSpec !== undefined && !isComputed(c.chain))
        expect(showSpec(dataset.elementSpec)).toBe(ours(c.elementSpec))
      const { output, error } = await read(dataset, c.limit)
      expect(output).toEqual(c.output)
      if (c.error === undefined) expect(error).toBeUndefined()
      else expect(error).toBeInstanceOf(kinds[c.name] ?? (fails(c.chain) ? RangeError : DatasetError))
      if (c.secondIteration !== undefined) expect((await read(dataset)).output).toEqual(c.secondIteration)
    })
  }
})
