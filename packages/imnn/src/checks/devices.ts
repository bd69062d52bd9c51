import { defaultDevice, type Device, type DeviceKind, devices as devicesOf } from '@cotangent/autodiff'
import * as A from 'fp-ts/lib/ReadonlyArray.js'
import * as E from 'fp-ts/lib/Either.js'
import { pipe } from 'fp-ts/lib/function.js'
import { checkCount, type Sizes } from './sizes.ts'
import { all, attempt, type Checked, isNone, show, together, unless, wrong } from './checks.ts'
import type { Problem } from '../errors.ts'
import type { AggregatedOptions, InMemoryOptions } from '../options.ts'

/** Where an IMNN computes, and in which batches. */
export interface Layout {
  readonly host: Device
  readonly devices: readonly Device[]
  readonly nPerDevice: number
}

/** A device, or the first of a kind that is named. */
export function checkDevice(where: string, given: unknown): Checked<Device> {
  if (typeof given === 'string') return attempt(where, 'cannot be used', () => devicesOf(given as DeviceKind)[0])
  if (typeof given === 'object' && given !== null && typeof (given as Partial<Device>).compile === 'function')
    return E.right(given as Device)
  return wrong(where, `is ${show(given)}, neither a device, as devices('cpu')[0], nor a kind of device, as 'cpu'`)
}

/** The device that is asked for, or the default. */
export const checkDeviceOrDefault = ({ device }: InMemoryOptions): Checked<Device> =>
  isNone(device) ? attempt('device', 'the default one cannot be used', defaultDevice) : checkDevice('device', device)

export function checkLayout({ host, devices, nPerDevice }: AggregatedOptions): Checked<Layout> {
  return all({
    host: checkDevice('host', host),
    devices: checkDeviceList(devices),
    nPerDevice: unless(checkCount('nPerDevice', nPerDevice), () => nPerDevice),
  })
}

function checkDeviceList(devices: unknown): Checked<readonly Device[]> {
  if (!Array.isArray(devices)) return wrong('devices', `must be a list of devices, as ['cpu'], not ${show(devices)}`)
  if (devices.length === 0) return wrong('devices', "is empty: list at least one device, as ['cpu']")
  return A.traverseWithIndex(together)((k: number, device: unknown) => checkDevice(`devices[${k}]`, device))(devices)
}

/** The number of batches that each device computes in an epoch. */
export interface Batches {
  readonly main: number
  readonly remaining: number
}

/** How the simulations with derivatives and the others divide among the devices and into batches. */
export function checkBatches({ nS, nD }: Sizes, layout: Layout): Checked<Batches> {
  const parts: readonly Share[] =
    nS === nD
      ? [['nS and nD', nS]]
      : [
          ['nD', nD],
          ['nS - nD', nS - nD],
        ]
  const rows = layout.devices.length * layout.nPerDevice
  return unless(uneven(parts, layout), () => ({ main: nD / rows, remaining: (nS - nD) / rows }))
}

/** The same for simulations at θ_fid and beside it. */
export function checkDifferenceBatches({ nS, nD, nParams }: Sizes, layout: Layout): Checked<Batches> {
  const beside = 2 * nParams * nD
  const rows = layout.devices.length * layout.nPerDevice
  const parts: readonly Share[] = [
    ['nS', nS],
    ['2 nParams nD', beside],
  ]
  return unless(uneven(parts, layout), () => ({ main: nS / rows, remaining: beside / rows }))
}

/** The batches of sizes and layout that have been checked. */
export const batchesOf = (
  divide: typeof checkBatches,
  sizes: Checked<Sizes>,
  layout: Checked<Layout>,
): Checked<Batches> =>
  pipe(
    all({ sizes, layout }),
    E.chain((known) => divide(known.sizes, known.layout)),
  )

/** A number of simulations, and what it is called. */
type Share = readonly [name: string, n: number]

function uneven(shares: readonly Share[], { devices, nPerDevice }: Layout): Problem[] {
  const rows = devices.length * nPerDevice
  return shares
    .filter(([, n]) => n % rows !== 0)
    .map(([name, n]) => ({
      where: name,
      message: `${n} simulations do not divide into batches of ${nPerDevice} on ${devices.length} device${devices.length === 1 ? '' : 's'}: ${name} must be a multiple of ${rows}; ${nearest(n, rows)}, or choose another nPerDevice`,
    }))
}

const nearest = (n: number, step: number): string => {
  const below = n - (n % step)
  return below === 0 ? `the least is ${step}` : `the nearest are ${below} and ${below + step}`
}
