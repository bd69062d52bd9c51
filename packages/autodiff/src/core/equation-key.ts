import { isComplex } from '../array/dtype.ts'
import type { NDArray } from '../array/ndarray.ts'
import { identities } from '../array/objects.ts'

/** What equations are told apart by, so that those that compute the same are shared. */

/** A text that is the same for equal params, when they are plain data; NaN, −0 and null differ. */
export function keyOfParams(value: unknown): string | undefined {
  if (typeof value === 'number') return Object.is(value, -0) ? '-0' : String(value)
  if (typeof value === 'string') return JSON.stringify(value)
  if (value === null || value === undefined || typeof value === 'boolean') return String(value)
  if (typeof value === 'bigint') return `${value}n`
  if (typeof value !== 'object') return undefined
  if (Array.isArray(value)) {
    let list = '['
    for (const inner of value as readonly unknown[]) {
      const said = keyOfParams(inner)
      if (said === undefined) return undefined
      list += `${said},`
    }
    return list
  }
  if (Object.getPrototypeOf(value) !== Object.prototype) return undefined
  let text = '{'
  for (const [key, inner] of Object.entries(value)) {
    const said = keyOfParams(inner)
    if (said === undefined) return undefined
    text += `${key}:${said},`
  }
  return text
}

const constantId = identities()

/** A text for a constant: of a scalar its value, of any other array its identity. */
export function keyOfConstant(x: NDArray): string {
  const value = x.shape.length === 0 && !isComplex(x.dtype) ? x.storage.host?.[0] : undefined
  if (value !== undefined) return `${x.dtype}:${Object.is(value, -0) ? '-0' : value}`
  return `c${constantId(x)}`
}
