import { DeviceError } from '../../array/errors.ts'
import type { NDArray } from '../../array/ndarray.ts'
import type { DeviceProfile, EquationTime } from '../../core/device/device.ts'
import type { Equation, Jaxpr } from '../../core/jaxpr.ts'
import { optionsFor } from './executable.ts'
import { runFailure, sessionFailure } from '../runtime/failures.ts'
import { bodiesOf, type GraphNode } from '../lowering/graph.ts'
import { lowerJaxpr } from '../lowering/lower.ts'
import { encodeModel } from '../lowering/model.ts'
import { builtin } from '../runtime/machine.ts'
import type { Runtime, RuntimeSession, RuntimeTensor } from '../runtime/runtime.ts'
import { hostTensor } from './uploads.ts'

interface ProfiledDevice {
  readonly device: string
  readonly runtime: Runtime
  readonly target: string
  readonly session: Readonly<Record<string, unknown>>
}

/** An entry of the file that the runtime writes; times are microseconds. */
export interface ProfileEvent {
  readonly cat: string
  readonly name: string
  readonly ts: number
  readonly dur: number
  readonly tid: number
  readonly args: { readonly op_name?: string }
}

/** Runs a program in a session of its own that writes down what each node takes. The first run does not count. */
export async function profileProgram(
  { device, runtime, target, session }: ProfiledDevice,
  jaxpr: Jaxpr,
  inputs: readonly NDArray[],
  runs: number,
): Promise<DeviceProfile> {
  const files = temporaryFiles(device)
  const { graph, used, lifted } = lowerJaxpr(jaxpr, { target, selfContained: false })
  if (graph.outputs.length === 0) return { equations: new Map(), others: new Map(), time: 0 }
  const feeds: Record<string, RuntimeTensor> = {}
  const arrays = [...used.map(({ name, index }) => [name, inputs[index]!] as const), ...lifted]
  for (const [name, x] of arrays) {
    const { dtype, shape, data } = hostTensor(x, target)
    feeds[name] = new runtime.Tensor(dtype, await data, shape)
  }
  const options = {
    ...optionsFor(graph, target, session, true),
    enableProfiling: true,
    profileFilePrefix: files.prefix,
  }
  let profiled: RuntimeSession
  try {
    profiled = await runtime.InferenceSession.create(encodeModel(graph), options)
  } catch (cause) {
    files.remove()
    throw sessionFailure(device, cause)
  }
  try {
    for (let i = 0; i <= runs; i++) await profiled.run(feeds)
    profiled.endProfiling?.()
    const events = files.read()
    if (events.length === 0)
      throw new DeviceError(`profile: ${device} wrote no profile; use device: 'cpu', or 'js' for the interpreter`)
    return readProfile(events, graph.nodes, runs)
  } catch (cause) {
    throw runFailure(device, cause)
  } finally {
    files.remove()
    await profiled.release()
  }
}

/** The times of all runs but the first, by the equations that the nodes compute. */
export function readProfile(events: readonly ProfileEvent[], nodes: readonly GraphNode[], runs: number): DeviceProfile {
  const whole = events.filter(({ cat, name }) => cat === 'Session' && name === 'model_run').slice(-runs)
  const from = whole[0]?.ts ?? 0
  const makers = new Map<string, Equation>()
  const name = (all: readonly GraphNode[]): void => {
    for (const node of all) {
      if (node.equation !== undefined) makers.set(node.outputs[0] as string, node.equation)
      bodiesOf(node).forEach(([, body]) => name(body.nodes))
    }
  }
  name(nodes)
  const profile = { equations: new Map<Equation, EquationTime>(), others: new Map<string, EquationTime>() }
  const kernels = events.filter((e) => e.cat === 'Node' && e.name.endsWith('_kernel_time') && e.ts >= from)
  for (const [event, own] of ownTimes(kernels)) {
    const operator = event.args.op_name ?? '?'
    const equation = equationOf(event.name, makers)
    const entry = equation === undefined ? of(profile.others, operator) : of(profile.equations, equation)
    entry.time += own / 1000 / runs
    entry.kernels += 1 / runs
    entry.operators.add(operator)
  }
  return { ...profile, time: whole.reduce((sum, e) => sum + e.dur, 0) / 1000 / runs }
}

/**
 * A node is called after its first result. What the runtime makes of several nodes is called after one of them, with
 * something before or behind.
 */
function equationOf(event: string, makers: ReadonlyMap<string, Equation>): Equation | undefined {
  const name = event.slice(0, -'_kernel_time'.length)
  const known = makers.get(name)
  if (known !== undefined) return known
  const parts = name.match(/(?<![A-Za-z0-9])(v|out)\d+(_ready)?/g) ?? []
  return parts.map((part) => makers.get(part)).find((equation) => equation !== undefined)
}

/** What each node took without the nodes of its bodies: those that began later and ended before. */
function ownTimes(events: readonly ProfileEvent[]): [ProfileEvent, number][] {
  const sorted = events.toSorted((a, b) => a.ts - b.ts || b.dur - a.dur)
  const own = sorted.map((event): [ProfileEvent, number] => [event, event.dur])
  const around: [ProfileEvent, number][] = []
  for (const entry of own) {
    const [event] = entry
    while (around.length > 0 && around.at(-1)![0].ts + around.at(-1)![0].dur < event.ts + event.dur) around.pop()
    const outer = around.at(-1)
    if (outer !== undefined) outer[1] = Math.max(0, outer[1] - event.dur)
    around.push(entry)
  }
  return own
}

function of<K>(times: Map<K, EquationTime>, key: K): EquationTime {
  let entry = times.get(key)
  if (entry === undefined) times.set(key, (entry = { time: 0, kernels: 0, operators: new Set() }))
  return entry
}

interface FileSystem {
  mkdtempSync(prefix: string): string
  readdirSync(path: string): string[]
  readFileSync(path: string, encoding: 'utf8'): string
  rmSync(path: string, options: object): void
}

/** A folder for the runtime's file. */
function temporaryFiles(device: string): { prefix: string; read(): ProfileEvent[]; remove(): void } {
  const fs = builtin<FileSystem>('node:fs')
  const os = builtin<{ tmpdir(): string }>('node:os')
  if (fs === undefined || os === undefined)
    throw new DeviceError(
      `profile: ${device} writes its profile to a file, which there is none of here; profile in Node`,
    )
  const folder = fs.mkdtempSync(`${os.tmpdir()}/cotangent-profile-`)
  return {
    prefix: `${folder}/run`,
    read: () =>
      fs
        .readdirSync(folder)
        .flatMap((file) => JSON.parse(fs.readFileSync(`${folder}/${file}`, 'utf8')) as ProfileEvent[]),
    remove: () => fs.rmSync(folder, { recursive: true, force: true }),
  }
}
