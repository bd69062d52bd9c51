import { Dataset } from '@cotangent/data'
import { DatasetGradientIMNN, type MemoryPolicy } from '@cotangent/imnn'
import { problem, type Simulations } from '../hand-step/problem.ts'
import { benchDevice } from '../lib/device.ts'
import type { Options } from '../lib/options.ts'
import { compare, type Row, showTimings } from '../lib/rows.ts'
import { interleave, type Program, timed, type Timing } from '../lib/timing.ts'
import { arraysOf, tutorial } from './classes.ts'
import { ourStep } from './ours.ts'

const nPerDevice = 100

function batches(simulations: Simulations) {
  const { d, dd } = arraysOf(simulations)
  return [
    Dataset.fromTensorSlices([d, dd] as const)
      .batch(nPerDevice)
      .cache()
      .repeat(),
  ]
}

/** Iterations of a fit of the tutorial's network, from batches of a hundred. */
function fitting(name: string, options: Options, iterations: number, memory: MemoryPolicy): Program {
  const device = benchDevice(options)
  const imnn = DatasetGradientIMNN({
    ...tutorial(),
    host: device,
    devices: [device],
    nPerDevice,
    memory,
    main: batches(problem.training),
    validationMain: batches(problem.validation),
  })
  const measure = async (): Promise<number> => {
    const times: number[] = []
    const onIteration = (): void => void times.push(performance.now())
    await imnn.fit({ lambda: 10, epsilon: 0.1, maxIterations: iterations + 1, onIteration })
    return ((times.at(-1) ?? Number.NaN) - (times[0] ?? Number.NaN)) / iterations
  }
  return { name, measure }
}

/** Iterations from a stream of batches against the step with everything in memory. */
export async function streamed(options: Options): Promise<Row[]> {
  const iterations = 10
  const ours = ourStep(options)
  const policies: Readonly<Record<string, MemoryPolicy>> = {
    'tutorial iteration': {},
    'two passes, groups of 500, kept': { groupRows: 500, residualBytes: 2 ** 29 },
    'two passes, groups of 100': { groupRows: 100 },
    'two passes, groups of 500': { groupRows: 500 },
  }
  const fits = Object.entries(policies).map(([name, memory]) => fitting(name, options, iterations, memory))
  const timings = await interleave([timed('step in memory', ours.run, iterations), ...fits], {
    repeats: options.quick ? 3 : 20,
  })
  console.log(showTimings(timings))
  const [reference, ...others] = timings as [Timing, ...Timing[]]
  return others.map((timing) => compare(`streamed against in memory: ${timing.name}`, timing, reference))
}
