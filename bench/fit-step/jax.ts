import { problem, regularisation, type Simulations, sizes, weightShapes } from '../hand-step/problem.ts'
import type { Options } from '../lib/options.ts'
import { findPython, startPython } from '../lib/python.ts'
import { compare, type Row, row, showTimings } from '../lib/rows.ts'
import { interleave, type Program, timed, type Timing } from '../lib/timing.ts'
import { checkSame, ourStep, type StepResult } from './ours.ts'

interface JaxStep extends Program {
  readonly result: StepResult & { readonly version: string; readonly compile: number }
  end(): void
}

async function startJax(python: string, threads: number): Promise<JaxStep> {
  const { ask, end } = startPython(python, 'jax_step.py', [String(threads)])
  const simulations = ({ fiducial, derivative }: Simulations): number[][] => [[...fiducial], [...derivative]]
  const given = {
    ...sizes,
    ...regularisation,
    weights: problem.weights.map((w) => [...w]),
    shapes: weightShapes,
    training: simulations(problem.training),
    validation: simulations(problem.validation),
  }
  const result = JSON.parse(await ask(JSON.stringify(given))) as JaxStep['result']
  const name = `JAX ${result.version}`
  return { name, result, measure: async () => Number(await ask('3')), end }
}

/** The step beside the same in JAX, as a process of its own that is asked in turns. */
export async function besideJax(options: Options): Promise<Row[]> {
  const { threads, quick, python } = options
  const found = findPython(python, 'jax')
  if (found === undefined) {
    console.log('  skipped: no Python with JAX (pip install jax in bench/.venv, or set COTANGENT_PYTHON)')
    return []
  }
  const jax = await startJax(found, threads)
  try {
    const ours = ourStep(options)
    const start = performance.now()
    const result = await ours.result()
    const compile = performance.now() - start
    checkSame(jax.name, result, jax.result, 1e-3)
    const timings = await interleave([timed(ours.name, ours.run), jax], { repeats: quick ? 5 : 60 })
    console.log(showTimings(timings))
    const [first, second] = timings as [Timing, Timing]
    return [
      compare('fit step, beside JAX', first, second),
      row('fit step: compile, beside JAX', compile, jax.result.compile),
    ]
  } finally {
    jax.end()
  }
}
