/** Whether a value is an object without a class: one of `{ … }` (of any realm), without a prototype, or a module. */
export function isPlainObject(value: unknown): value is Record<string, unknown> {
  if (typeof value !== 'object' || value === null) return false
  const prototype: object | null = Object.getPrototypeOf(value)
  return prototype === Object.prototype || prototype === null || Object.getPrototypeOf(prototype) === null
}

/** Numbers for objects, from 0 on: always the same for the same object. */
export function identities(): (value: object) => number {
  const known = new WeakMap<object, number>()
  let next = 0
  return (value) => {
    let id = known.get(value)
    if (id === undefined) known.set(value, (id = next++))
    return id
  }
}
