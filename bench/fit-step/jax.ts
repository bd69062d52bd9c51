import { problem, regularisation, type Simulations, sizes, weightShapes } from '../hand-step/problem.ts'
import type { Options } from '../lib/options.ts'
import { benchDevice } from '../lib/device.ts'
import { findPython, startPython } from '../lib/python.ts'
import { compare, type Row, row, showTimings } from '../lib/rows.ts'
import { interleave, type Program, timed, type Timing } from '../lib/timing.ts'
import { GradientIMNN } from '@cotangent/imnn'
import { arraysOf, tutorial } from './classes.ts'
import { checkSame, ourStep, type StepResult } from './ours.ts'

interface JaxStep extends Program {
  /** Milliseconds of a fit of so many iterations, compilation included. */
  fit(iterations: number): Promise<number>
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
  return {
    name,
    result,
    measure: async () => Number(await ask('3')),
    fit: async (n) => Number(await ask(`fit ${n}`)),
    end,
  }
}

/** As many as the tutorial's fit takes. */
const iterations = 680

/** A new IMNN and its whole fit. */
function wholeFit(options: Options): Program {
  const [training, validation] = [arraysOf(problem.training), arraysOf(problem.validation)]
  const measure = async (): Promise<number> => {
    const began = performance.now()
    const imnn = GradientIMNN({
      ...tutorial(),
      device: benchDevice(options),
      fiducial: training.d,
      derivative: training.dd,
      validationFiducial: validation.d,
      validationDerivative: validation.dd,
    })
    const rule = { patience: iterations, maxIterations: iterations }
    const fitted = await imnn.fit({ lambda: 10, epsilon: 0.1, ...rule })
    if (fitted.iterations !== iterations) throw new Error(`the fit stopped after ${fitted.iterations} iterations`)
    return performance.now() - began
  }
  return { name: 'GradientIMNN, fit', measure }
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
    const fits = await interleave(
      [wholeFit(options), { name: `${jax.name}, fit`, measure: () => jax.fit(iterations) }],
      {
        repeats: quick ? 1 : 5,
        warmup: 1,
      },
    )
    console.log(showTimings(fits))
    const [ourFit, theirFit] = fits as [Timing, Timing]
    return [
      compare(`GradientIMNN: a fit of ${iterations} iterations with compilation, beside JAX`, ourFit, theirFit),
      compare('fit step, beside JAX', first, second),
      row('fit step: compile, beside JAX', compile, jax.result.compile),
    ]
  } finally {
    jax.end()
  }
}
