import { fft, lax, type NDArray, np, random } from '@cotangent/autodiff'
import type { Options } from '../lib/options.ts'
import { compare, type Row, row } from '../lib/rows.ts'
import { interleave, median, type Timing, worked } from '../lib/timing.ts'

const N = 1_000_000
const SIDE = 1000

const data = Float32Array.from({ length: N }, (_, i) => Math.sin(12.9898 * i) * 43.758)
const places = Int32Array.from({ length: N }, (_, i) => (i * 7919) % N)
const x = np.array(data)
const square = x.reshape([SIDE, SIDE])
const indices = np.array(places)

/** `out[key(i)] ← step(out[key(i)], data[i])` over all numbers. */
function gathered(
  length: number,
  step: (total: number, value: number) => number,
  key: (i: number) => number,
): Float64Array {
  const out = new Float64Array(length)
  for (let i = 0; i < N; i++) {
    const at = key(i)
    out[at] = step(out[at] as number, data[i] as number)
  }
  return out
}

const made = (f: (out: Float32Array) => void): Float32Array => {
  const out = new Float32Array(N)
  f(out)
  return out
}

const sorted = (): Float32Array => data.slice().sort()

/** Operations of the interpreter on a million numbers, each with what one would write by hand. */
const besideLoops: Readonly<Record<string, readonly [ours: () => unknown, theirs: () => unknown]>> = {
  'sum over axis 0': [
    () => square.sum(0),
    () => {
      const out = new Float64Array(SIDE)
      for (let i = 0, at = 0; i < SIDE; i++) for (let j = 0; j < SIDE; j++) out[j]! += data[at++]!
      return out
    },
  ],
  'sum over axis 1': [
    () => square.sum(1),
    () => {
      const out = new Float64Array(SIDE)
      for (let i = 0, at = 0; i < SIDE; i++) for (let j = 0; j < SIDE; j++) out[i]! += data[at++]!
      return out
    },
  ],
  'maximum over axis 0': [
    () => square.max(0),
    () => {
      const out = new Float64Array(SIDE).fill(-Infinity)
      for (let i = 0, at = 0; i < SIDE; i++) for (let j = 0; j < SIDE; j++) out[j] = Math.max(out[j]!, data[at++]!)
      return out
    },
  ],
  transpose: [
    () => square.T,
    () =>
      made((out) => {
        for (let i = 0; i < SIDE; i++) for (let j = 0; j < SIDE; j++) out[j * SIDE + i] = data[i * SIDE + j]!
      }),
  ],
  cumsum: [
    () => np.cumsum(x),
    () =>
      made((out) => {
        let sum = 0
        for (let i = 0; i < N; i++) out[i] = sum += data[i]!
      }),
  ],
  take: [
    () => lax.take(x, indices, 0),
    () =>
      made((out) => {
        for (let i = 0; i < N; i++) out[i] = data[places[i]!]!
      }),
  ],
  'add at indices': [
    () => x.addAt([indices], x),
    () =>
      gathered(
        N,
        (total, value) => total + value,
        (i) => places[i]!,
      ),
  ],
  sort: [() => np.sort(x), sorted],
  argsort: [() => np.argsort(x), sorted],
  'searchsorted in 1000': [
    () => np.searchsorted(np.linspace(-40, 40, 1000), x),
    () =>
      made((out) => {
        const edges = Float32Array.from({ length: 1000 }, (_, i) => (i * 80) / 999 - 40)
        for (let i = 0; i < N; i++) {
          let [low, high] = [0, 1000]
          while (low < high) {
            const middle = (low + high) >> 1
            if (edges[middle]! < data[i]!) low = middle + 1
            else high = middle
          }
          out[i] = low
        }
      }),
  ],
}

const matrix = x.slice([0, 10_000]).reshape([100, 100])
const definite = matrix.matmul(matrix.T).add(np.eye(100).mul(100))
const image = x.slice([0, 64 * 32 * 32]).reshape([1, 64, 32, 32])
const kernel = x.slice([0, 64 * 64 * 9]).reshape([64, 64, 3, 3])

/** What has no short loop to stand beside. */
const alone: Readonly<Record<string, () => unknown>> = {
  'histogram, 100 bins': () => np.histogram(x, { bins: 100 }),
  'einsum bij,bkj->bik, 100 × 100³': () => {
    const batch = x.reshape([100, 100, 100])
    return np.einsum('bij,bkj->bik', batch, batch)
  },
  'convolution, 64 channels, 3 × 3 on 32 × 32': () => lax.conv(image, kernel, [1, 1], 'VALID'),
  'inv, 100 × 100': () => np.linalg.inv(definite),
  'cholesky, 100 × 100': () => np.linalg.cholesky(definite),
  'eigh, 100 × 100': () => np.linalg.eigh(definite),
  'svd, 100 × 100': () => np.linalg.svd(matrix),
  'fft of 2¹⁶': () => fft.fft(x.slice([0, 1 << 16])),
  'random.uniform': () => random.uniform(random.PRNGKey(0), [N]),
  'scan of 1000 steps': () =>
    lax.scan((c: NDArray, v: NDArray) => [c.mul(0.9).add(v), c], np.zeros([]), x.slice([0, 1000])),
  '100 000 iterations of whileLoop': () =>
    lax.whileLoop(
      (i: NDArray) => i.lt(100_000),
      (i: NDArray) => i.add(1),
      np.array(0),
    ),
}

export async function operations({ quick }: Options): Promise<Row[]> {
  const rows: Row[] = []
  const options = { repeats: quick ? 3 : 15 }
  for (const [name, [ours, theirs]] of Object.entries(besideLoops)) {
    const timings = await interleave([worked('ours', ours), worked('a loop', theirs)], options)
    rows.push(compare(`${name}, interpreter`, ...(timings as [Timing, Timing])))
  }
  for (const [name, ours] of Object.entries(alone)) {
    const [timing] = (await interleave([worked('ours', ours)], options)) as [Timing]
    rows.push(row(`${name}, interpreter`, median(timing.times)))
  }
  return rows
}

/** What an operation outside any trace costs beside its numbers. */
export async function small({ quick }: Options): Promise<Row[]> {
  const [a, b, v] = [np.array(1.5), np.array(2.5), np.array([1, 2, 3])]
  const CALLS = 10_000
  const programs: Readonly<Record<string, () => unknown>> = {
    'x.add(y), scalars': () => a.add(b),
    'v.add(v), three numbers': () => v.add(v),
    'v.add(x), broadcast': () => v.add(a),
    'v.sum()': () => v.sum(),
  }
  const rows: Row[] = []
  for (const [name, f] of Object.entries(programs)) {
    const [timing] = (await interleave(
      [
        worked(name, () => {
          for (let i = 0; i < CALLS; i++) f()
        }),
      ],
      { repeats: quick ? 3 : 15 },
    )) as [Timing]
    rows.push(row(`${name}; theirs is the budget`, (median(timing.times) * 1000) / CALLS, 3, 'µs'))
  }
  return rows
}
