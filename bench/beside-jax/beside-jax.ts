import { jit, type NDArray, treeLeaves } from '@cotangent/autodiff'
import { benchDevice } from '../lib/device.ts'
import type { Options } from '../lib/options.ts'
import { type Answering, findPython, startPython } from '../lib/python.ts'
import { compare, type Row, showTimings } from '../lib/rows.ts'
import { interleave, type Program, timed, type Timing } from '../lib/timing.ts'
import { type Case, cases } from './programs.ts'

/** Milliseconds of runs in a row, of JAX's: in shorter ones the first runs, of threads that sleep, count for too much. */
const STRETCH = 50

/** What jax_programs.py says of some runs, in milliseconds. */
interface Answer {
  readonly compile: number
  readonly run: number
  readonly sums: readonly [sum: number, squares: number]
}

async function ask(jax: Answering, name: string, runs: number): Promise<Answer> {
  return JSON.parse(await jax.ask(JSON.stringify([name, runs]))) as Answer
}

/** One program in both; `null` where theirs is not to be had. */
async function measure({ name, call, inputs }: Case, jax: Answering | undefined, options: Options): Promise<Row[]> {
  const compiled = jit(call as (...args: readonly unknown[]) => unknown, {
    device: benchDevice(options),
  })
  const args = inputs()
  const run = async (): Promise<readonly NDArray[]> => {
    const leaves = treeLeaves(compiled(...args) as never) as readonly NDArray[]
    await Promise.all(leaves.map((x) => x.ready()))
    return leaves
  }
  const start = performance.now()
  const results = await run()
  const first = performance.now() - start
  // Results are released as they are in Python, where nobody holds them after the call.
  const once = async (): Promise<void> => {
    for (const x of await run()) x[Symbol.dispose]()
  }
  const ours = timed(name, once, 1)
  if (jax === undefined) {
    const [timing] = (await interleave([ours], { repeats: options.quick ? 3 : 20 })) as [Timing]
    console.log(showTimings([timing]))
    return []
  }
  const answer = await ask(jax, name, 1)
  checkSums(name, await sumsOf(results), answer.sums)
  const warm = await ask(jax, name, 5)
  const runs = Math.max(1, Math.round(STRETCH / warm.run))
  const theirs: Program = { name: `${name}, JAX`, measure: async () => (await ask(jax, name, runs)).run }
  const timings = await interleave([timed(name, once, runs), theirs], {
    repeats: options.quick ? 3 : 20,
    warmupTime: 1000,
  })
  console.log(showTimings(timings))
  console.log(`  compile and first run ${first.toFixed(0)} ms; JAX compiles in ${answer.compile.toFixed(0)} ms`)
  return [compare(`${name}, beside JAX`, timings[0]!, timings[1]!)]
}

async function sumsOf(results: readonly NDArray[]): Promise<readonly [number, number]> {
  let [sum, squares] = [0, 0]
  for (const x of results) {
    for (const v of Array.from(await x.data(), Number)) {
      sum += v
      squares += v * v
    }
  }
  return [sum, squares]
}

function checkSums(name: string, ours: readonly number[], theirs: readonly number[]): void {
  const scale = Math.sqrt(Math.abs(theirs[1]!)) + Math.abs(theirs[0]!)
  if (Math.abs(ours[1]! - theirs[1]!) > 1e-3 * theirs[1]! || Math.abs(ours[0]! - theirs[0]!) > 1e-3 * scale)
    throw new Error(`${name}: the sums of ours are ${ours.join(', ')}, of JAX's ${theirs.join(', ')}`)
}

/** Programs of every kind beside JAX on as many threads, in turns. */
export async function programsBesideJax(options: Options): Promise<Row[]> {
  const python = findPython(options.python, 'jax')
  if (python === undefined)
    console.log('  no Python with JAX (pip install jax in bench/.venv, or set COTANGENT_PYTHON): ours alone')
  const jax = python === undefined ? undefined : startPython(python, 'jax_programs.py', [String(options.threads)])
  try {
    if (jax !== undefined) console.log(`  JAX ${await jax.next()}`)
    const rows: Row[] = []
    for (const program of cases) rows.push(...(await measure(program, jax, options)))
    return rows
  } finally {
    jax?.end()
  }
}
