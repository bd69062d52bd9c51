import { type Checked, isNone, show, unless } from './checks.ts'
import { aggregation, arrays, batching, datasets, namesOfNone } from './names.ts'
import type { Problem } from '../errors.ts'

/** The eight IMNNs. */
export type Kind =
  | 'SimulatorIMNN'
  | 'AggregatedSimulatorIMNN'
  | 'GradientIMNN'
  | 'AggregatedGradientIMNN'
  | 'NumericalGradientIMNN'
  | 'AggregatedNumericalGradientIMNN'
  | 'DatasetGradientIMNN'
  | 'DatasetNumericalGradientIMNN'

type Options = Readonly<Record<string, unknown>>

/** Which IMNN the options ask for, by what is given, or everything that does not go together. */
export function chooseKind(options: object): Checked<Kind> {
  const given = options as Options
  const has = (name: string): boolean => !isNone(given[name])
  const problems: Problem[] = [...namesOfNone(options)]
  const miss = (where: string, why: string): void => void problems.push({ where, message: `is missing: ${why}` })
  const refuse = (names: readonly string[], why: string): void =>
    names.filter(has).forEach((where) => problems.push({ where, message: `cannot be given here: ${why}` }))

  const isAggregated = aggregation.every(has)
  const isPartly = !isAggregated && aggregation.some(has)
  if (isPartly) {
    const why = 'to compute in parts takes host, devices and nPerDevice, all three or none'
    aggregation.filter((name) => !has(name)).forEach((name) => miss(name, why))
  }
  if (!isAggregated && !isPartly)
    refuse([...batching, 'memory'], 'it is for what is computed in parts, with host, devices and nPerDevice')
  if (isAggregated) refuse(['device'], 'host and devices say where to compute')
  const inParts = (what: string): void => {
    if (isAggregated || isPartly) return
    aggregation.forEach((name) => miss(name, `${what} are read in parts: give host, devices and nPerDevice`))
  }
  const kind = (): Kind => {
    const prefix = isAggregated || isPartly ? 'Aggregated' : ''
    if (has('simulator')) {
      const why = 'simulator makes the simulations and their derivatives; give one or the other'
      refuse([...arrays, ...datasets, 'deltaTheta', ...batching], why)
      return `${prefix}SimulatorIMNN`
    }
    if (!has('fiducial') && !has('derivative') && datasets.some(has)) {
      if (!has('main')) miss('main', 'the simulations with derivatives, one dataset a device')
      refuse([...arrays, 'deltaTheta', ...batching], 'main and remaining hold the simulations and exact derivatives')
      inParts('datasets')
      return 'DatasetGradientIMNN'
    }
    if (!has('fiducial') && !has('derivative')) {
      const what = 'give simulator, or fiducial and derivative, or main and remaining'
      miss('simulator', `there are no simulations to train on; ${what}`)
      return 'SimulatorIMNN'
    }
    if (!has('fiducial')) miss('fiducial', 'derivative is given; the simulations go with it')
    if (!has('derivative')) miss('derivative', 'fiducial is given; the derivatives of its simulations go with it')
    refuse(datasets, 'fiducial and derivative hold the simulations; give one or the other')
    for (const [one, other] of [
      ['validationFiducial', 'validationDerivative'],
      ['validationDerivative', 'validationFiducial'],
    ] as const)
      if (has(one) && !has(other)) miss(other, `${one} is given; validation needs both, or neither`)
    return ofFiducials()
  }
  const ofFiducials = (): Kind => {
    const present = arrays.filter(has)
    const lists = present.filter((name) => isDatasets(given[name]))
    if (lists.length === 0) {
      const prefix = isAggregated || isPartly ? 'Aggregated' : ''
      return has('deltaTheta') ? `${prefix}NumericalGradientIMNN` : `${prefix}GradientIMNN`
    }
    present
      .filter((name) => !lists.includes(name))
      .forEach((where) => {
        const message = `must be a list of datasets as ${lists[0]} is, or that an array too; it is ${show(given[where])}`
        problems.push({ where, message })
      })
    if (!has('deltaTheta'))
      miss(
        'deltaTheta',
        'datasets in fiducial and derivative hold simulations beside thetaFid; datasets with exact derivatives are main and remaining',
      )
    refuse(batching, 'datasets have .prefetch() and .cache() of their own')
    inParts('datasets')
    return 'DatasetNumericalGradientIMNN'
  }
  const chosen = kind()
  return unless(problems, () => chosen)
}

const isDatasets = (value: unknown): boolean =>
  Array.isArray(value) &&
  value.some((entry: unknown) => typeof entry === 'object' && entry !== null && Symbol.asyncIterator in entry)
