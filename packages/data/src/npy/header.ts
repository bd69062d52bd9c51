import { NpyError } from '../errors.ts'

/** What the header of a `.npy` file says. */
export interface NpyHeader {
  /** NumPy's name of the element type, as `<f4`. */
  readonly descr: string
  readonly fortranOrder: boolean
  readonly shape: readonly number[]
  /** Where the numbers begin, in bytes. */
  readonly dataOffset: number
}

const MAGIC = [0x93, 0x4e, 0x55, 0x4d, 0x50, 0x59] // \x93NUMPY
/** NumPy's own limit; longer headers belong to structured types, which are refused anyway. */
const LONGEST = 10_000

/** Reads the header at the start of a file. */
export function readHeader(bytes: Uint8Array, where: string): NpyHeader {
  if (bytes.length < 10 || MAGIC.some((byte, i) => bytes[i] !== byte)) {
    throw new NpyError(`${where}: not a .npy file: it does not begin with \\x93NUMPY and a version`)
  }
  const [major, minor] = [bytes[6] as number, bytes[7] as number]
  if (major < 1 || major > 3 || minor !== 0) {
    throw new NpyError(`${where}: .npy format version ${major}.${minor} is unknown; 1.0, 2.0 and 3.0 can be read`)
  }
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  const start = major === 1 ? 10 : 12
  if (bytes.length < start) throw truncated(where, start, bytes.length)
  const length = major === 1 ? view.getUint16(8, true) : view.getUint32(8, true)
  if (length > LONGEST)
    throw new NpyError(`${where}: the header claims ${length} bytes, more than any header of a plain array has`)
  const dataOffset = start + length
  if (bytes.length < dataOffset) throw truncated(where, dataOffset, bytes.length)
  const text = new TextDecoder(major === 3 ? 'utf-8' : 'latin1').decode(bytes.subarray(start, dataOffset))
  return { ...parse(text, where), dataOffset }
}

const truncated = (where: string, needed: number, is: number): NpyError =>
  new NpyError(`${where}: the file ends inside its header: ${is} bytes, the header needs ${needed}`)

/** The Python literal of the header: a dict of exactly `descr`, `fortran_order` and `shape`. */
function parse(text: string, where: string): Omit<NpyHeader, 'dataOffset'> {
  const fail = (what: string): never => {
    throw new NpyError(`${where}: the header ${what}: ${JSON.stringify(text.trim().slice(0, 200))}`)
  }
  const dict = /^\s*\{(.*)\}\s*$/s.exec(text)?.[1] ?? fail('is not a Python dict')
  const entries = new Map<string, string>()
  let rest = dict.trimStart()
  while (rest !== '') {
    const entry = /^u?(['"])(\w+)\1\s*:\s*u?('[^'\\]*'|"[^"\\]*"|True|False|\([^()[\]]*\)|\[.*\])\s*(?:,\s*|$)/s.exec(
      rest,
    )
    if (entry === null) return fail('cannot be parsed')
    const [whole, , key, value] = entry as unknown as [string, string, string, string]
    if (entries.has(key)) fail(`has the key ${key} twice`)
    entries.set(key, value)
    rest = rest.slice(whole.length)
  }
  const get = (key: string): string => entries.get(key) ?? fail(`lacks the key ${key}`)
  const [descr, order, shape] = [get('descr'), get('fortran_order'), get('shape')]
  if (entries.size !== 3) fail('has keys beside descr, fortran_order and shape')
  if (descr.startsWith('[')) {
    throw new NpyError(`${where}: the structured dtype ${descr} has no dtype here; save its fields one by one`)
  }
  if (!/^['"]/.test(descr)) fail('has a descr that is not a string')
  if (order !== 'True' && order !== 'False') fail('has a fortran_order that is neither True nor False')
  return {
    descr: descr.slice(1, -1),
    fortranOrder: order === 'True',
    shape: parseShape(shape) ?? fail('has no tuple of sizes as shape'),
  }
}

function parseShape(text: string): number[] | undefined {
  const inner = /^\(\s*((?:(?:0+|[1-9]\d*)L?\s*,\s*)*(?:(?:0+|[1-9]\d*)L?)?)\s*\)$/.exec(text)?.[1]
  if (inner === undefined || (inner !== '' && !inner.includes(','))) return undefined
  const sizes = inner
    .split(',')
    .map((size) => size.trim())
    .filter((size) => size !== '')
    .map((size) => Number.parseInt(size, 10))
  return sizes.every(Number.isSafeInteger) ? sizes : undefined
}

/** The bytes before the numbers, in format version 1.0, the same that NumPy writes. */
export function writeHeader(descr: string, shape: readonly number[]): Uint8Array {
  const tuple = shape.length === 1 ? `(${shape[0]},)` : `(${shape.join(', ')})`
  // NumPy leaves room to let the first size grow to 21 digits in place.
  const spare = shape.length === 0 ? 0 : 21 - String(shape[0]).length
  const dict = `{'descr': '${descr}', 'fortran_order': False, 'shape': ${tuple}, }${' '.repeat(spare)}`
  const length = Math.ceil((10 + dict.length + 1) / 64) * 64
  const bytes = new Uint8Array(length)
  bytes.set(MAGIC)
  bytes.set([1, 0], 6)
  new DataView(bytes.buffer).setUint16(8, length - 10, true)
  bytes.set(new TextEncoder().encode(`${dict.padEnd(length - 11)}\n`), 10)
  return bytes
}
