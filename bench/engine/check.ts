/** Throws unless two programs give the same numbers: what disagrees is not compared. */
export function expectClose(ours: ArrayLike<number>, theirs: ArrayLike<number>, tolerance: number): void {
  if (ours.length !== theirs.length) throw new RangeError(`${ours.length} numbers and ${theirs.length}`)
  for (let i = 0; i < ours.length; i++) {
    const [a, b] = [ours[i] as number, theirs[i] as number]
    if (!(Math.abs(a - b) <= tolerance * (1 + Math.abs(b)))) throw new RangeError(`number ${i} is ${a} and ${b}`)
  }
}
