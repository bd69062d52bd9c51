import { type DType, DTypeError, type NDArray, type Shape, ValueError } from '@cotangent/autodiff'
import { allocate, bytesPerElement, fromHost, showShape } from '@cotangent/autodiff/array'
import { codes, isRecord, METADATA, PREFIX } from './format.ts'

// Every platform has it; the language's own types do not name it.
declare const TextDecoder: new (label: string, options: object) => { decode(bytes: Uint8Array): string }

/** Arrays by name, with what else the file says in words. */
export interface Safetensors {
  readonly tensors: Readonly<Record<string, NDArray>>
  readonly metadata: Readonly<Record<string, string>>
}

const dtypeOf = new Map(Object.entries(codes).map(([dtype, code]) => [code, dtype as DType]))

interface Entry {
  readonly name: string
  readonly dtype: DType
  readonly shape: Shape
  readonly begin: number
  readonly end: number
}

/**
 * The arrays of a file in the safetensors format.
 *
 * @throws ValueError when the file is cut off, or its header claims what the file does not have: nothing is allocated for
 * it. DTypeError for a dtype that there is none of here (floats of 8 bits and less).
 * @see https://huggingface.co/docs/safetensors
 * @example readSafetensors(writeSafetensors({ w: np.array([1, 2]) })).tensors.w // [1, 2]
 */
export function readSafetensors(bytes: Uint8Array): Safetensors {
  const { header, start } = headerOf(bytes)
  const { [METADATA]: given, ...fields } = header
  const metadata = given ?? {}
  if (!isRecord(metadata) || Object.values(metadata).some((value) => typeof value !== 'string')) {
    throw malformed(`its ${METADATA} is not a list of texts by name`)
  }
  const size = bytes.length - start
  const entries = Object.entries(fields).map(([name, field]) => entryOf(name, field, size))
  checkCovering(entries, size)
  const tensors = entries.map((entry): [string, NDArray] => [entry.name, arrayOf(bytes, start, entry)])
  return { tensors: Object.fromEntries(tensors), metadata: metadata as Record<string, string> }
}

const malformed = (what: string): ValueError => new ValueError(`readSafetensors: the file is malformed: ${what}`)

function headerOf(bytes: Uint8Array): { header: Record<string, unknown>; start: number } {
  if (!(bytes instanceof Uint8Array)) {
    throw new ValueError('readSafetensors: it takes the bytes of a file, a Uint8Array, as readFile gives them')
  }
  if (bytes.length < PREFIX) throw malformed(`it has ${bytes.length} bytes, and its header alone needs more`)
  const length = new DataView(bytes.buffer, bytes.byteOffset).getBigUint64(0, true)
  if (length > BigInt(bytes.length - PREFIX)) {
    throw malformed(
      `its header claims ${length} bytes, ${bytes.length - PREFIX} follow; it is cut off, or no safetensors file`,
    )
  }
  const start = PREFIX + Number(length)
  try {
    const text = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes.subarray(PREFIX, start))
    const header: unknown = text.startsWith('{') ? JSON.parse(text) : undefined
    if (isRecord(header)) {
      checkNamedOnce(text)
      return { header, start }
    }
  } catch (error) {
    if (error instanceof ValueError) throw error
  }
  throw malformed('its header is no JSON object')
}

/** That no name stands twice in an object of the header: `JSON.parse` keeps the last, another reader the first. */
function checkNamedOnce(json: string): void {
  const open: Set<string>[] = []
  let text = ''
  for (const [token] of json.matchAll(/"[^"\\]*(?:\\.[^"\\]*)*"|[{}:]/g)) {
    if (token === '{') open.push(new Set())
    else if (token === '}') open.pop()
    else if (token !== ':') text = token
    else {
      const name = JSON.parse(text) as string
      if (open.at(-1)!.has(name)) throw malformed(`its header has the name '${name}' twice`)
      open.at(-1)!.add(name)
    }
  }
}

const isSize = (n: unknown): n is number => Number.isSafeInteger(n) && (n as number) >= 0

/** What the header says of one array, checked against the size of the data. */
function entryOf(name: string, field: unknown, size: number): Entry {
  const { dtype: code, shape, data_offsets: offsets } = (isRecord(field) ? field : {}) as Record<string, unknown>
  if (!Array.isArray(shape) || !shape.every(isSize) || !Array.isArray(offsets) || !offsets.every(isSize)) {
    throw malformed(`'${name}' has no dtype, shape and data_offsets of whole numbers`)
  }
  const dtype = typeof code === 'string' ? dtypeOf.get(code) : undefined
  if (dtype === undefined) {
    throw new DTypeError(
      `readSafetensors: '${name}' has the dtype ${JSON.stringify(code)}; there are ${[...dtypeOf.keys()].join(', ')}`,
    )
  }
  const [begin, end] = offsets as [number, number]
  if (offsets.length !== 2 || begin > end || end > size) {
    throw malformed(`the bytes ${offsets.join(' to ')} of '${name}' are not all there; ${size} follow the header`)
  }
  const length = shape.reduce((product, n) => product * n, bytesPerElement(dtype))
  if (length !== end - begin) {
    throw malformed(`'${name}' is ${dtype}${showShape(shape)}, ${length} bytes, but has ${end - begin}`)
  }
  return { name, dtype, shape, begin, end }
}

/** That the arrays fill the data, without holes and without sharing bytes. */
function checkCovering(entries: readonly Entry[], size: number): void {
  let at = 0
  for (const { name, begin, end } of [...entries].sort((a, b) => a.begin - b.begin || a.end - b.end)) {
    if (begin !== at) {
      const what =
        begin < at ? `'${name}' shares bytes with another array` : `the bytes ${at} to ${begin} belong to no array`
      throw malformed(what)
    }
    at = end
  }
  if (at !== size) throw malformed(`the last ${size - at} bytes belong to no array`)
}

function arrayOf(bytes: Uint8Array, start: number, { dtype, shape, begin, end }: Entry): NDArray {
  const data = allocate(dtype, (end - begin) / bytesPerElement(dtype))
  new Uint8Array(data.buffer).set(bytes.subarray(start + begin, start + end))
  if (dtype === 'bool') for (let i = 0; i < data.length; i++) data[i] = data[i] === 0 ? 0 : 1
  return fromHost(data, shape, dtype)
}
