import { ValueError } from '../../array/errors.ts'
import { checkOptions } from '../../array/options.ts'
import { showGiven } from '../../array/show.ts'
import { checkFolder, makeFolder } from './cache-folder.ts'
import { digestOf } from './digest.ts'
import { builtin, nodeRequire, platform } from './machine.ts'
import type { Runtime, RuntimeSession } from './runtime.ts'

/** Where compiled programs are kept. */
export interface CacheOptions {
  /**
   * A folder for models that ONNX Runtime has optimized, so that the next process need not; made at once if it is not
   * there. `null` for none. @defaultValue null
   */
  readonly directory?: string | null
}

let directory: string | undefined

/**
 * Says where compiled programs are kept beyond the process. Files are named by the program, the device, its options and
 * the versions of all that takes part; one that is damaged, or not ours, is passed over. Delete the folder at will.
 *
 * @throws ValueError for what is no path, and for a folder that cannot be made or written to; then nothing changes.
 * @example
 * configureCache({ directory: 'node_modules/.cache/cotangent' })
 * configureCache({ directory: null })
 */
export function configureCache(options: CacheOptions): void {
  const { directory: given = null } = checkOptions('configureCache', options, ['directory'])
  if (given !== null && (typeof given !== 'string' || given === ''))
    throw new ValueError(`configureCache: directory is ${showGiven(given)}; it is a path, or null for none`)
  if (given !== null) checkFolder(given)
  directory = given ?? undefined
}

/** The folder for models, if one was given. */
export const cacheDirectory = (): string | undefined => directory

type Options = Readonly<Record<string, unknown>>

interface FileSystem {
  readFileSync(path: string): Uint8Array
  writeFileSync(path: string, data: Uint8Array): void
  renameSync(from: string, to: string): void
  rmSync(path: string, options: object): void
}

/**
 * Makes a session, from a model in the folder if it has one, and else puts one there. Nothing about the folder is an
 * error: without it, or with nonsense in it, the program is compiled.
 */
export async function createSession(
  runtime: Runtime,
  model: Uint8Array,
  options: Options,
  folder: string | undefined,
): Promise<RuntimeSession> {
  const plain = (): Promise<RuntimeSession> => runtime.InferenceSession.create(model, options)
  const files = folder === undefined || !isKept(options) ? undefined : filesOf(folder, model, options)
  if (files === undefined) return plain()
  const kept = files.read()
  if (kept !== undefined) {
    try {
      return await runtime.InferenceSession.create(kept, { ...options, graphOptimizationLevel: 'disabled' })
    } catch {
      files.forget()
    }
  }
  if (!files.prepare()) return plain()
  try {
    const session = await runtime.InferenceSession.create(model, { ...options, optimizedModelFilePath: files.fresh })
    files.keep()
    return session
  } catch (error) {
    files.forgetFresh()
    // The folder may be full, or the program be wrong: then it fails once more.
    return plain().catch(() => {
      throw error
    })
  }
}

/** What other providers make of a graph cannot be written down. */
const isKept = ({ executionProviders }: Options): boolean =>
  Array.isArray(executionProviders) && executionProviders.length === 1 && executionProviders[0] === 'cpu'

const MAGIC = 'cotangent model 1\n'

interface ModelFiles {
  /** Where the runtime writes. */
  readonly fresh: string
  /** The model that is kept, if it is whole. */
  read(): Uint8Array | undefined
  /** Whether there is a folder to write to. */
  prepare(): boolean
  /** Puts what the runtime wrote in its place, at one stroke. */
  keep(): void
  forget(): void
  forgetFresh(): void
}

let written = 0

function filesOf(folder: string, model: Uint8Array, options: Options): ModelFiles | undefined {
  const fs = builtin<FileSystem>('node:fs')
  const beside = surroundings()
  if (fs === undefined || beside === undefined) return undefined
  const path = `${folder}/${digestOf(model, `${beside} ${JSON.stringify(options)}`)}.model`
  const fresh = `${path}.${beside.replace(/\W+/g, '').slice(-8)}.${processId()}.${Date.now().toString(36)}.${written++}`
  const quietly = <T>(act: () => T): T | undefined => {
    try {
      return act()
    } catch {
      return undefined
    }
  }
  const remove = (file: string): void => quietly(() => fs.rmSync(file, { force: true }))
  return {
    fresh,
    read: () => quietly(() => unpack(fs.readFileSync(path))),
    prepare: () =>
      quietly(() => {
        makeFolder(folder)
        return true
      }) === true,
    keep() {
      const whole = `${fresh}.whole`
      quietly(() => {
        fs.writeFileSync(whole, pack(fs.readFileSync(fresh)))
        fs.renameSync(whole, path)
      })
      remove(fresh)
      remove(whole)
    },
    forget: () => remove(path),
    forgetFresh: () => remove(fresh),
  }
}

/** A model with what tells whether all of it is there. */
function pack(model: Uint8Array): Uint8Array {
  const head = `${MAGIC}${digestOf(model, '')}\n`
  const bytes = new Uint8Array(head.length + model.length)
  bytes.set(Uint8Array.from(head, (c) => c.charCodeAt(0)))
  bytes.set(model, head.length)
  return bytes
}

function unpack(bytes: Uint8Array): Uint8Array | undefined {
  const at = bytes.indexOf(10, MAGIC.length)
  if (at < 0) return undefined
  const head = String.fromCharCode(...bytes.subarray(0, at))
  const model = bytes.slice(at + 1)
  return head === `${MAGIC}${digestOf(model, '')}` ? model : undefined
}

declare const process: { readonly pid: number } | undefined
const processId = (): number => (typeof process === 'undefined' ? 0 : process.pid)

let known: string | undefined

/** What else the optimizer looks at: its own version, and the processor it is on. */
function surroundings(): string | undefined {
  if (known !== undefined) return known
  const require = nodeRequire()
  const os = builtin<{ cpus(): readonly { readonly model: string }[] }>('node:os')
  if (require === undefined || os === undefined) return undefined
  try {
    const { version } = require('onnxruntime-node/package.json') as { version: string }
    known = [version, platform(), os.cpus()[0]?.model ?? ''].join(' ')
    return known
  } catch {
    return undefined
  }
}
