import type { NDArray } from '@cotangent/autodiff'
import { type CheckedDatasets, datasetNames } from '../checks/datasets.ts'
import type { Layout } from '../checks/devices.ts'
import { abstractArray, type Network } from '../checks/network.ts'
import type { Sizes } from '../checks/sizes.ts'
import type { FeedForm } from '../feed/feed.ts'
import type { Lane } from './lane.ts'
import { makePlan, type MemoryPolicy, type Plan } from '../feed/plan.ts'
import type { Group } from '../information/summaries.ts'
import { type SetName, Trainer } from './trainer.ts'
import { dtypeOf } from '../tree.ts'

/** What has been checked. */
export interface TrainerSetup {
  readonly sizes: Sizes
  readonly layout: Layout
  readonly datasets: CheckedDatasets
  readonly network: Network<unknown>
  readonly memory: MemoryPolicy | undefined
}

/** The trainer of an IMNN on datasets of simulations and derivatives. */
export function makeTrainer({ sizes, layout, datasets, network, memory }: TrainerSetup): Trainer {
  const { inputShape, nParams } = sizes
  const { host, devices, nPerDevice: rows } = layout
  const dtype = dtypeOf(network.w)
  const formOf = (set: SetName): FeedForm => ({ names: datasetNames[set], rows, inputShape, nParams, dtype })
  const plan = (lane: Lane): Plan => {
    const d = (n: number): NDArray => abstractArray([n, ...inputShape], dtype)
    const dd = (n: number): NDArray => abstractArray([nParams, n, ...inputShape], dtype)
    const rowBytes = (groupOf: (n: number) => Group): number => lane.rowBytes(network.w, rows, groupOf)
    const { main, remaining } = datasets.batches
    return makePlan(
      devices.length,
      rows,
      { batches: main, rowBytes: rowBytes((n) => [d(n), dd(n)]) },
      { batches: remaining, rowBytes: remaining === 0 ? 0 : rowBytes((n) => [d(n)]) },
      memory,
    )
  }
  return new Trainer({
    apply: network.apply,
    optimizer: network.optimizer,
    host,
    devices,
    ...datasets.sources,
    forms: { training: formOf('training'), validation: formOf('validation') },
    plan,
  })
}
