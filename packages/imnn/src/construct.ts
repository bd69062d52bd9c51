import { type Device, type DeviceKind, devices, type Tree } from '@cotangent/autodiff'
import * as E from 'fp-ts/lib/Either.js'
import { attempt, type Checked, distinct, show, wrong } from './checks/checks.ts'
import type { Common } from './checks/common.ts'
import type { Kind } from './checks/kind.ts'
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

/** The same problems, each once. */
export const once: <A>(checked: Checked<A>) => Checked<A> = E.mapLeft(distinct)

/** The device of what is in memory. */
export function checkDevice(device: Device | DeviceKind = 'cpu'): Checked<Device> {
  if (typeof device === 'string') return attempt('device', 'cannot be used', () => devices(device)[0])
  return isDevice(device)
    ? E.right(device)
    : wrong('device', `is ${show(device)}, neither a device nor a kind of device as 'cpu'`)
}
