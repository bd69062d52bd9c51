/** Compiles the step in a fresh process, then once more, and prints both as JSON: `cold.js threads [cache folder]`. */
const start = performance.now()
const { jit } = await import('@cotangent/autodiff')
const loading = performance.now() - start
const { configureCache, createDevice } = await import('@cotangent/autodiff/onnx')
const { fitArguments, fitStep } = await import('./step.js')

/** Milliseconds of each part. */
export interface CompileCost {
  /** Loading the engine. */
  readonly load: number
  readonly trace: number
  readonly lower: number
  readonly session: number
  /** The first run. */
  readonly run: number
}

async function compile(threads: number, load: number): Promise<CompileCost> {
  const device = createDevice('cpu', { threads })
  const step = jit(fitStep.bind(null), { device })
  const args = fitArguments()
  const before = performance.now()
  await step(...args).validation.data()
  const all = performance.now() - before
  const { trace, lower = 0, session = 0 } = step.compilationTimes()[0]!
  await device.close()
  return { load, trace, lower, session, run: all - trace - lower - session }
}

const [threads, directory = null] = process.argv.slice(2)
configureCache({ directory })
console.log(JSON.stringify([await compile(Number(threads), loading), await compile(Number(threads), 0)]))
