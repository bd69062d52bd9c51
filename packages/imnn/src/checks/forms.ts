import type { NDArray } from '@cotangent/autodiff'
import type { Part } from '../feed/form.ts'
import type { SetName } from '../training/trainer.ts'
import type { Layout } from './devices.ts'
import { checkBatches, checkDifferenceBatches } from './devices.ts'
import type { DatasetsForm } from './datasets.ts'
import type { Sizes } from './sizes.ts'

/** How the datasets of each set are called in messages: as the options are. */
type Names = Readonly<Record<SetName, Readonly<Record<Part, string>>>>

/** Datasets of simulations with derivatives (or one that stands for all of them), and of simulations without. */
export function exactForm(sizes: Sizes, layout: Layout, meanDerivative?: NDArray): DatasetsForm {
  const { nS, nD, nParams } = sizes
  const names: Names = {
    training: { main: 'main', remaining: 'remaining' },
    validation: { main: 'validationMain', remaining: 'validationRemaining' },
  }
  return {
    ...formOf(
      sizes,
      layout,
      names,
      { main: meanDerivative === undefined ? nParams : 0, remaining: 0 },
      false,
      meanDerivative,
    ),
    needs: {
      main: 'the simulations with derivatives, one dataset a device',
      remaining: nS > nD ? `nS − nD = ${nS - nD} simulations come without derivatives` : undefined,
    },
    batches: checkBatches(sizes, layout),
  }
}

/** Datasets of simulations at θ_fid, and of those beside it. */
export function differenceForm(sizes: Sizes, layout: Layout): DatasetsForm {
  const names: Names = {
    training: { main: 'fiducial', remaining: 'derivative' },
    validation: { main: 'validationFiducial', remaining: 'validationDerivative' },
  }
  return {
    ...formOf(sizes, layout, names, { main: 0, remaining: 0 }, true),
    needs: {
      main: 'the simulations at thetaFid, one dataset a device',
      remaining: 'the simulations below and above thetaFid, one dataset a device',
    },
    batches: checkDifferenceBatches(sizes, layout),
  }
}

function formOf(
  { inputShape }: Sizes,
  { devices, nPerDevice: rows }: Layout,
  names: Names,
  nParams: Readonly<Record<Part, number>>,
  mayRepeat: boolean,
  meanDerivative?: NDArray,
): Pick<DatasetsForm, 'lanes' | 'forms'> {
  const part = (set: SetName, which: Part) => ({
    name: names[set][which],
    nParams: nParams[which],
    // Those beside θ_fid are like each other where a parameter changes nothing.
    mayRepeat: mayRepeat && which === 'remaining',
    ...(which === 'main' && meanDerivative !== undefined && { constants: [meanDerivative] }),
  })
  const form = (set: SetName) => ({
    parts: { main: part(set, 'main'), remaining: part(set, 'remaining') },
    rows,
    inputShape,
  })
  return { lanes: devices.length, forms: { training: form('training'), validation: form('validation') } }
}
