import { type DType, type NDArray, np, type Operand, PendingError, ValueError } from '@cotangent/autodiff'
import {
  allocate,
  bytesPerElement,
  elementWidth,
  hostData,
  isLeaf,
  showGiven,
  showShape,
} from '@cotangent/autodiff/array'
import { codes, isRecord, METADATA, PREFIX } from './format.ts'

// Every platform has it; the language's own types do not name it.
declare const TextEncoder: new () => { encode(text: string): Uint8Array }

/**
 * Arrays in the safetensors format, which Python's `safetensors` reads: a header in JSON, then the numbers as they lie in
 * memory.
 *
 * @param tensors The arrays by name.
 * @param metadata What else the file shall say, in words.
 * @throws PendingError for numbers that are still on their way; ValueError for a name that means something else, and for
 * metadata that is no text.
 * @see https://huggingface.co/docs/safetensors
 * @example
 * const bytes = writeSafetensors({ w: np.ones([2, 3]) }, { epoch: '7' })
 * readSafetensors(bytes).metadata.epoch // '7'
 */
export function writeSafetensors(
  tensors: Readonly<Record<string, NDArray>>,
  metadata: Readonly<Record<string, string>> = {},
): Uint8Array<ArrayBuffer> {
  if (!isRecord(tensors)) throw new ValueError('writeSafetensors: it takes arrays by name, as { w: np.ones([2]) }')
  checkMetadata(metadata)
  const entries = Object.entries(tensors)
    .map(([name, x]) => ({ name, x: arrayNamed(name, x) }))
    // Widest elements first, so that every array begins at a multiple of its elements' size.
    .sort((a, b) => alignment(b.x.dtype) - alignment(a.x.dtype) || (a.name < b.name ? -1 : 1))
  let end = 0
  const fields = entries.map(({ name, x }): [string, unknown] => {
    if (name === METADATA) {
      throw new ValueError(
        `writeSafetensors: no array can have the name ${METADATA}; the format keeps it for the metadata`,
      )
    }
    checkText('the name of an array', name)
    const begin = end
    end += x.nbytes
    return [name, { dtype: codes[x.dtype], shape: x.shape, data_offsets: [begin, end] }]
  })
  const described = Object.keys(metadata).length === 0 ? fields : [[METADATA, metadata] as [string, unknown], ...fields]
  const json = new TextEncoder().encode(JSON.stringify(Object.fromEntries(described)))
  const length = Math.ceil(json.length / PREFIX) * PREFIX
  const bytes = allocate('uint8', PREFIX + length + end) as Uint8Array<ArrayBuffer>
  new DataView(bytes.buffer).setBigUint64(0, BigInt(length), true)
  bytes.set(json, PREFIX)
  bytes.fill(0x20, PREFIX + json.length, PREFIX + length)
  let at = PREFIX + length
  for (const { name, x } of entries) {
    const data = numbersOf(name, x)
    bytes.set(new Uint8Array(data.buffer, data.byteOffset, data.byteLength), at)
    at += x.nbytes
  }
  return bytes
}

function arrayNamed(name: string, x: unknown): NDArray {
  if (isLeaf(x) || Array.isArray(x)) return np.asarray(x as Operand)
  throw new ValueError(`writeSafetensors: '${name}' is ${showGiven(x)}; it must be an array`)
}

const alignment = (dtype: DType): number => bytesPerElement(dtype) / elementWidth(dtype)

function numbersOf(name: string, x: NDArray): ArrayBufferView {
  try {
    return hostData(x)
  } catch (error) {
    if (!(error instanceof PendingError)) throw error
    throw new PendingError(
      `writeSafetensors: the numbers of '${name}' (${x.dtype}${showShape(x.shape)}) are still on their way; await x.ready() for each array first`,
    )
  }
}

function checkMetadata(metadata: Readonly<Record<string, unknown>>): void {
  if (!isRecord(metadata)) throw new ValueError("writeSafetensors: metadata must be texts by name, as { epoch: '7' }")
  for (const [name, value] of Object.entries(metadata)) {
    if (typeof value !== 'string') {
      throw new ValueError(`writeSafetensors: metadata.${name} is a ${typeof value}; the format takes text only`)
    }
    checkText('a name of the metadata', name)
    checkText(`metadata.${name}`, value)
  }
}

/** Half a surrogate pair has no UTF-8, and readers refuse the file. */
function checkText(what: string, text: string): void {
  if (!LONE_SURROGATE.test(text)) return
  throw new ValueError(`writeSafetensors: ${what}, ${JSON.stringify(text)}, holds half a character, which no file can`)
}

const LONE_SURROGATE = /\p{Surrogate}/u
