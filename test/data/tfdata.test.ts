import { readFileSync } from 'node:fs'
import { array, type DType, NDArray, scalar, ShapeError, TreeError, ValueError } from '@cotangent/autodiff/array'
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
  readonly reduce?: unknown
  readonly error?: { readonly phase: 'build' | 'iterate'; readonly type: string; readonly message: string }
}
const golden = JSON.parse(readFileSync(new URL('../fixtures/data/tfdata.json', import.meta.url), 'utf8')) as {
  cases: Case[]
}

/** Operations of a later issue. */
const later = new Set(
  'unbatch rebatch paddedBatch flatMap interleave window filter enumerate shuffle scan takeWhile'.split(' '),
)
const isLater = (c: Case) => c.reduce !== undefined || c.chain.some(({ op }) => later.has(op))

const int = (x: number) => scalar(x, 'int32')
const functions: Record<string, (...args: NDArray[]) => unknown> = {
  double: (x) => int(x!.item() * 2),
  sumPair: (a, b) => int(a!.item() + b!.item()),
  swap: (a, b) => [b, a],
  toDict: (a, b) => ({ a, b }),
  dictSum: (d) => {
    const { a, b } = d as unknown as { a: NDArray; b: NDArray }
    return int(a.item() + b.item())
  },
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
  switch (step.op) {
    case 'take':
      return dataset.take(n)
    case 'skip':
      return dataset.skip(n)
    case 'batch':
      return dataset.batch(n, { dropRemainder: (step.dropRemainder as boolean | undefined) ?? false })
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
      return dataset.map(functions[step.fn as string] as (x: unknown) => unknown, {
        numParallelCalls: (step.parallel as number | null) ?? 1,
      })
    default:
      throw new Error(step.op)
  }
}

const build = ([first, ...others]: readonly Step[]): Dataset<unknown> => others.reduce(apply, source(first as Step))

function plain(element: unknown): unknown {
  if (element instanceof NDArray) return element.jsSync()
  if (Array.isArray(element)) return { tuple: element.map(plain) }
  return Object.fromEntries(Object.entries(element as object).map(([k, v]) => [k, plain(v)]))
}

async function read(dataset: Dataset<unknown>, limit = Number.POSITIVE_INFINITY) {
  const output: unknown[] = []
  let error: unknown
  try {
    for await (const element of dataset) {
      output.push(plain(element))
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
  const { shape, dtype } = spec as { shape: (number | null)[] | null; dtype: string }
  const sizes =
    shape === null ? '<unknown>' : `(${shape.map((n) => n ?? 'None').join(', ')}${shape.length === 1 ? ',' : ''})`
  return `TensorSpec(shape=${sizes}, dtype=${dtype})`
}
const ours = (spec: string) =>
  spec.replaceAll(', name=None', '').replaceAll(/tf\.(\w+)/g, (_, name: string) => dtypes[name]!)

describe('as tf.data', () => {
  for (const c of golden.cases) {
    if (isLater(c)) {
      test.skip(`${c.name} (not there yet)`)
      continue
    }
    test(c.name, async () => {
      if (c.error?.phase === 'build') {
        expect(() => build(c.chain)).toThrow(kinds[c.name] as never)
        return
      }
      const dataset = build(c.chain)
      if (c.cardinality !== undefined) expect(dataset.cardinality).toBe(c.cardinality)
      if (c.elementSpec !== undefined) expect(showSpec(dataset.elementSpec)).toBe(ours(c.elementSpec))
      const { output, error } = await read(dataset, c.limit)
      expect(output).toEqual(c.output)
      if (c.error === undefined) expect(error).toBeUndefined()
      else expect(error).toBeInstanceOf(kinds[c.name])
      if (c.secondIteration !== undefined) expect((await read(dataset)).output).toEqual(c.secondIteration)
    })
  }
})
