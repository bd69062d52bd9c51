import { defaultDevice, type Device, type DeviceKind, devices, type Tree } from '@cotangent/autodiff'
import * as E from 'fp-ts/lib/Either.js'
import { attempt, type Checked, distinct, show, together, unless, wrong } from './checks/checks.ts'
import type { Common } from './checks/common.ts'
import type { Kind } from './checks/kind.ts'
import { strangeNames } from './checks/names.ts'
import { isDevice } from './checks/devices.ts'
import { type Problem, ValidationError } from './errors.ts'
import { type IMNNValue, newIMNN } from './imnn.ts'
import { compileCompressor } from './information/compressor.ts'
import type { Trainer } from './training/trainer.ts'

/** The IMNN of a trainer, at its first weights. */
export const fromTrainer = <P extends Tree>(
  kind: Kind,
  checked: Common<P>,
  device: Device,
  trainer: Trainer,
): IMNNValue<P> => newIMNN({ kind, ...checked, trainer, compressor: compileCompressor(device, checked.network.apply) })

/** The value, or an error that lists every problem once. */
export const orThrow = <A>(name: string, checked: Checked<A>): A =>
  E.getOrElseW((problems: readonly Problem[]): never => {
    throw new ValidationError(name, problems)
  })(checked)

/** The same with options that the IMNN does not have among the problems, and each problem once. */
export const named =
  (kind: Kind, options: object) =>
  <A>(checked: Checked<A>): Checked<A> => {
    const names = unless(strangeNames(kind, options), () => undefined)
    return E.mapLeft(distinct)(together.ap(E.map((value: A) => () => value)(checked), names))
  }

/** The device of what is in memory. */
export function checkDevice(device: Device | DeviceKind | undefined): Checked<Device> {
  if (device === undefined || device === null) return attempt('device', 'the default one cannot be used', defaultDevice)
  if (typeof device === 'string') return attempt('device', 'cannot be used', () => devices(device)[0])
  return isDevice(device)
    ? E.right(device)
    : wrong('device', `is ${show(device)}, neither a device nor a kind of device as 'cpu'`)
}

/** Why something is no set of options; undefined when it is one. */
export function noOptions(options: unknown): E.Left<readonly Problem[]> | undefined {
  if (typeof options === 'object' && options !== null && !Array.isArray(options)) return undefined
  return {
    _tag: 'Left',
    left: [{ where: 'options', message: `are given by name, as { nS: 1000, … }, not ${show(options)}` }],
  }
}
