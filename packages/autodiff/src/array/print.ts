import { convertNumber, type DType, elementAt, isHalf, type TypedArray } from './dtype.ts'
import { range, type Shape, showShape, sizeOf, stridesOf } from './shape.ts'

const EDGE = 3
const THRESHOLD = 1000

/** An array as NumPy prints it: aligned columns, `…` in the middle of long axes. */
export function printArray(data: TypedArray | undefined, shape: Shape, dtype: DType): string {
  const kind = `${dtype}${showShape(shape)}`
  if (data === undefined) return `NDArray(${kind}, on its way)`
  const shorten = sizeOf(shape) > THRESHOLD
  const strides = stridesOf(shape)
  const picks = shape.map((n) =>
    shorten && n > 2 * EDGE ? [...range(EDGE), -1, ...range(EDGE).map((i) => n - EDGE + i)] : range(n),
  )
  const texts: string[] = []
  collect(0, 0)
  const width = Math.max(0, ...texts.map((t) => t.length))
  let next = 0
  return `NDArray(${render(0, ' '.repeat(8))}, ${kind})`

  function collect(axis: number, offset: number): void {
    if (axis === shape.length) texts.push(showElement(data as TypedArray, offset, dtype))
    else for (const i of picks[axis] ?? []) if (i >= 0) collect(axis + 1, offset + i * (strides[axis] as number))
  }
  function render(axis: number, indent: string): string {
    if (axis === shape.length) return (texts[next++] as string).padStart(axis === 0 ? 0 : width)
    const parts = (picks[axis] ?? []).map((i) => (i < 0 ? '…' : render(axis + 1, `${indent} `)))
    const separator = axis === shape.length - 1 ? ', ' : `,\n${indent} `
    return `[${parts.join(separator)}]`
  }
}

/** One element: shortest text that rounds back to the same float32 for floats up to 32 bits, JavaScript's own for the others. */
export function showElement(data: TypedArray, i: number, dtype: DType): string {
  const value = elementAt(data, i, dtype)
  if (typeof value !== 'object') return showNumber(Number(value), dtype, String(value))
  const { re, im } = value
  const sign = im < 0 || Object.is(im, -0) ? '-' : '+'
  return `${showNumber(re, 'float32')}${sign}${showNumber(Math.abs(im), 'float32')}i`
}

/** A number of an array of this dtype. */
function showNumber(value: number, dtype: DType, text: string = String(value)): string {
  if (dtype === 'bool') return value === 0 ? 'false' : 'true'
  if (Object.is(value, -0)) return '-0'
  if (!(dtype === 'float32' || isHalf(dtype)) || !Number.isFinite(value)) return text
  for (let digits = isHalf(dtype) ? 3 : 6; digits <= 9; digits++) {
    const rounded = Number(value.toPrecision(digits))
    if (convertNumber(rounded, dtype) === value) return String(rounded)
  }
  return text
}
