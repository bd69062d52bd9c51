/** Compiles the step in a fresh process, then once more, and prints both as JSON. */
import { jit } from '@cotangent/autodiff'
import { createDevice } from '@cotangent/autodiff/onnx'
import { fitArguments, fitStep } from './step.ts'

/** Milliseconds of each part. */
export interface CompileCost {
  readonly trace: number
  readonly lower: number
  /** Creating the session, and the first run. */
  readonly session: number
}

async function compile(threads: number): Promise<CompileCost> {
  const step = jit(fitStep.bind(null), { device: createDevice('cpu', { threads }) })
  const args = fitArguments()
  const start = performance.now()
  step.lower(...args)
  const traced = performance.now()
  const { validation } = step(...args)
  const lowered = performance.now()
  await validation.data()
  return { trace: traced - start, lower: lowered - traced, session: performance.now() - lowered }
}

const threads = Number(process.argv[2])
console.log(JSON.stringify([await compile(threads), await compile(threads)]))
