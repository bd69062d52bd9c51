import { isNone } from './checks.ts'
import type { Kind } from './kind.ts'
import type { Problem } from '../errors.ts'

const common = 'nS nD nParams nSummaries inputShape thetaFid model optimizer keyOrState random'.split(' ')
/** What says that an IMNN computes in parts, all of it or none. */
export const aggregation: readonly string[] = ['host', 'devices', 'nPerDevice']
const inParts = [...aggregation, 'memory']
export const arrays: readonly string[] = ['fiducial', 'derivative', 'validationFiducial', 'validationDerivative']
export const batching: readonly string[] = ['prefetch', 'cache']
export const datasets: readonly string[] = [
  'main',
  'remaining',
  'validationMain',
  'validationRemaining',
  'meanDerivative',
]

/** What each IMNN takes beside what all take. */
const own: Readonly<Record<Kind, readonly string[]>> = {
  SimulatorIMNN: ['simulator', 'device'],
  AggregatedSimulatorIMNN: ['simulator', ...inParts],
  GradientIMNN: [...arrays, 'device'],
  AggregatedGradientIMNN: [...arrays, ...inParts, ...batching],
  NumericalGradientIMNN: [...arrays, 'deltaTheta', 'device'],
  AggregatedNumericalGradientIMNN: [...arrays, 'deltaTheta', ...inParts, ...batching],
  DatasetGradientIMNN: [...datasets, ...inParts],
  DatasetNumericalGradientIMNN: [...arrays, 'deltaTheta', ...inParts],
}

/** Options that an IMNN does not have: a misspelt one would otherwise be left out in silence. */
export const strangeNames = (kind: Kind, options: object): Problem[] => strangers(options, own[kind], kind)

/** Options that none of the eight has. */
export const namesOfNone = (options: object): Problem[] => strangers(options, Object.values(own).flat(), 'IMNN')

function strangers(options: object, names: readonly string[], subject: string): Problem[] {
  const known = new Set([...common, ...names])
  return Object.entries(options)
    .filter(([name, value]) => !known.has(name) && !isNone(value))
    .map(([where]) => ({ where, message: `is no option of ${subject}; it has ${[...known].join(', ')}` }))
}
