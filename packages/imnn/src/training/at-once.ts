import type { Device, Key } from '@cotangent/autodiff'
import type { CheckedArrays, SimulationArrays } from '../checks/arrays.ts'
import type { Common } from '../checks/common.ts'
import { directionsOf } from '../feed/keys.ts'
import { type Join, joinExact } from '../information/join.ts'
import { type KeyGroup, simulate, type Simulator } from '../information/simulate.ts'
import type { Leaves } from '../information/summaries.ts'
import { ofGroups } from './make-trainer.ts'
import { MemoryTrainer } from './memory-trainer.ts'
import { dtypeOf } from '../tree.ts'
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

/** The trainer of simulations that are made in the program. */
export function madeTrainer(
  { sizes, network, random, thetaFid }: Common<unknown>,
  device: Device,
  simulator: Simulator,
): Trainer {
  const { nS, nD } = sizes
  const directions = directionsOf(thetaFid)
  return new MemoryTrainer({
    device,
    summarise: ofGroups(network),
    join: joinExact,
    optimizer: network.optimizer,
    random,
    simulates: true,
    training: [],
    validation: undefined,
    groups: (_, key) => {
      const keys = random.split(key as Key, nS)
      const made = (group: KeyGroup): Leaves => simulate(simulator, thetaFid, group, dtypeOf(network.w))
      const withDerivatives = made([keys.slice([0, nD]), directions])
      return nS === nD ? [withDerivatives] : [withDerivatives, made([keys.slice([nD, nS])])]
    },
  })
}
