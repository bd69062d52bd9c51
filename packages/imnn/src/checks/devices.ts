import type { Device } from '@cotangent/autodiff'
import * as E from 'fp-ts/lib/Either.js'
import { pipe } from 'fp-ts/lib/function.js'
import { checkCount, type Sizes } from './sizes.ts'
import { all, type Checked, show, unless } from './checks.ts'
import type { Problem } from '../errors.ts'

/** Where an IMNN computes, and in which batches. */
export interface Layout {
  readonly host: Device
  readonly devices: readonly Device[]
  readonly nPerDevice: number
}

export const isDevice = (value: unknown): value is Device =>
  typeof value === 'object' && value !== null && typeof (value as Partial<Device>).compile === 'function'

const advice = (value: unknown, index: string): string =>
  typeof value === 'string' ? `; write devices('${value}')${index}` : `; take one from devices('cpu')`

export function checkLayout({ host, devices, nPerDevice }: Layout): Checked<Layout> {
  const problems: Problem[] = checkCount('nPerDevice', nPerDevice)
  if (!isDevice(host)) problems.push({ where: 'host', message: `is ${show(host)}, not a device${advice(host, '[0]')}` })
  if (!Array.isArray(devices)) {
    problems.push({
      where: 'devices',
      message: `must be a list of devices, not ${show(devices)}${advice(devices, '')}`,
    })
  } else if (devices.length === 0) {
    problems.push({ where: 'devices', message: "is empty: list at least one device, as devices('cpu') gives them" })
  } else {
    devices.forEach((device: unknown, k) => {
      if (!isDevice(device))
        problems.push({ where: `devices[${k}]`, message: `is ${show(device)}, not a device${advice(device, '[0]')}` })
    })
  }
  return unless(problems, () => ({ host, devices, nPerDevice }))
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
