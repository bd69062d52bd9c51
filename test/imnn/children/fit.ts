/** Fits one of the eight and keeps it in a file, telling of every iteration: `fit.ts <kind> <file> <maxIterations>`. */
import { devices, legacyRandom } from '@cotangent/autodiff'
import type { Kind } from '@cotangent/imnn'
import { smallOf } from '../all-classes.ts'

const [kind, path, maxIterations] = process.argv.slice(2) as [Kind, string, string]
const fitted = await smallOf(kind, devices('cpu')[0]).fit({
  lambda: 10,
  epsilon: 0.1,
  patience: 500,
  minIterations: 3,
  maxIterations: Number(maxIterations),
  rng: legacyRandom.PRNGKey(7),
  iterationsPerCall: 5,
  checkpoint: { path, every: 2 },
  onIteration: ({ iteration }) => process.stdout.write(`iteration ${iteration}\n`),
})
process.stdout.write(`reached ${JSON.stringify(fitted.unfinished ?? null)}\n`)
// Whoever stops the fit finds the process alive after it.
if (fitted.unfinished !== undefined) setInterval(() => undefined, 1000)
