import { CotangentError, grad, jit, NDArray } from '@cotangent/autodiff'
import { programs } from '@cotangent/autodiff/testing/arbitraries'
import fc from 'fast-check'
import { argumentsOf, edgePrograms, type EdgeProgram, operations } from './edges.ts'

const [count, seed, place] = process.argv.slice(2) as [string, string, string]

const LARGEST = 256

/** The results of all steps that the library does not refuse. */
function run({ steps }: EdgeProgram, inputs: readonly NDArray[]): NDArray[] {
  const found = [...inputs]
  for (const [name, i, j, n] of steps) {
    try {
      const y = operations[name]!(found[i % found.length] as NDArray, found[j % found.length] as NDArray, n)
      found.push(y.size > LARGEST ? y.ravel().slice([0, LARGEST]) : y)
    } catch (error) {
      if (!(error instanceof CotangentError)) throw error
    }
  }
  return found
}

let refused = 0
let computed = 0

/** What a device makes of a program: numbers, or an error of the library. */
async function settle(work: () => readonly NDArray[]): Promise<void> {
  try {
    for (const y of work()) await y.data()
    computed++
  } catch (error) {
    if (!(error instanceof CotangentError)) throw error
    refused++
  }
}

const devices = place === 'both' ? (['js', 'cpu'] as const) : ([place] as ('js' | 'cpu')[])
const sample = { numRuns: 1 }
for (let k = 0; k < Number(count); k++) {
  const at = Number(seed) * 1_000_003 + k
  if (k % 5 === 4) {
    const [{ f, args }] = fc.sample(programs({ dtype: 'float32' }), { ...sample, seed: at }) as [
      { f: (x: NDArray, y: NDArray) => NDArray; args: [NDArray, NDArray] },
    ]
    const edges = [Infinity, Number.NaN, 0, -0, 3e38]
    const hurt = args.map((x, i) => x.mul(edges[(at + i) % edges.length] as number)) as [NDArray, NDArray]
    for (const device of devices) await settle(() => [jit(grad(f), { device })(...hurt)])
    continue
  }
  const [program] = fc.sample(edgePrograms, { ...sample, seed: at }) as [EdgeProgram]
  try {
    for (const device of devices) {
      await settle(() => jit((x: NDArray, y: NDArray) => run(program, [x, y]), { device })(...argumentsOf(program)))
    }
  } catch (error) {
    console.log(`program ${k} of seed ${seed}: ${JSON.stringify(program)}\n${(error as Error).stack}`)
    process.exit(3)
  }
}
console.log(JSON.stringify({ programs: Number(count), computed, refused }))
