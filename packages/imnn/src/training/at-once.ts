import type { Device } from '@cotangent/autodiff'
import type { CheckedArrays, SimulationArrays } from '../checks/arrays.ts'
import type { Common } from '../checks/common.ts'
import { type Join, joinExact } from '../information/join.ts'
import type { Leaves } from '../information/summaries.ts'
import { ofGroups } from './make-trainer.ts'
import { MemoryTrainer } from './memory-trainer.ts'
import type { Trainer } from './trainer.ts'

/** The trainer of simulations with exact derivatives, or that of their mean, in memory. */
export function exactTrainer(common: Common<unknown>, device: Device, arrays: CheckedArrays): Trainer {
  const { nS, nD } = common.sizes
  const leaves = ({ fiducial, derivative }: SimulationArrays): Leaves =>
    nS === nD ? [fiducial, derivative] : [fiducial.slice([0, nD]), derivative, fiducial.slice([nD, nS])]
  return memoryTrainer(common, device, arrays, leaves, joinExact, ([d, dd, rest]) => [
    [d, dd] as Leaves,
    ...(rest === undefined ? [] : [[rest]]),
  ])
}

/** The trainer of simulations at θ_fid and beside it, in memory. */
export const differenceTrainer = (
  common: Common<unknown>,
  device: Device,
  arrays: CheckedArrays,
  join: Join,
): Trainer =>
  memoryTrainer(
    common,
    device,
    arrays,
    ({ fiducial, derivative }) => [fiducial, derivative],
    join,
    (inputs) => inputs.map((d) => [d]),
  )

function memoryTrainer(
  { network, random }: Common<unknown>,
  device: Device,
  { training, validation }: CheckedArrays,
  leaves: (arrays: SimulationArrays) => Leaves,
  join: Join,
  groups: (inputs: Leaves) => readonly Leaves[],
): Trainer {
  return new MemoryTrainer({
    device,
    summarise: ofGroups(network),
    join,
    optimizer: network.optimizer,
    random,
    simulates: false,
    training: leaves(training),
    validation: validation && leaves(validation),
    groups,
  })
}
