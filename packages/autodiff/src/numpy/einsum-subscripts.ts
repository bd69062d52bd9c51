import { ShapeError, ValueError } from '../array/errors.ts'
import { range, type Shape, showShape } from '../array/shape.ts'
import { showGiven } from '../array/show.ts'

/** One letter, or an axis of the ellipsis: `…1` is the last of them, `…2` the one before. */
export type Label = string

/** Which labels the axes of the operands have, and those of the result. */
export interface Subscripts {
  readonly text: string
  readonly inputs: readonly (readonly Label[])[]
  readonly output: readonly Label[]
  /** How long the axes of a label are; where some are 1 long, as long as the others. */
  readonly sizes: ReadonlyMap<Label, number>
}

const ELLIPSIS = '...'

/** What went wrong, with the subscripts and the shapes. */
const message = (text: string, shapes: readonly Shape[], what: string): string =>
  `einsum: '${text}' of ${shapes.map(showShape).join(', ')}: ${what}`

/** Reads subscripts as `ij,jk->ik` for operands of these shapes. */
export function parseSubscripts(text: string, shapes: readonly Shape[]): Subscripts {
  if (typeof text !== 'string')
    throw new ValueError(`einsum: the subscripts are a text, as 'ij,jk->ik', not ${showGiven(text)}`)
  const fail = (what: string): ValueError => new ValueError(message(text, shapes, what))
  const [left, right, ...more] = text.replaceAll(/\s/g, '').split('->') as [string, string?, ...string[]]
  if (more.length > 0) throw fail("there is more than one '->'; write inputs->output")
  const terms = left.split(',')
  if (terms.length !== shapes.length) {
    throw fail(
      `the subscripts are of ${terms.length} operands, and ${shapes.length} are given; a comma stands between operands`,
    )
  }
  for (const term of [...terms, right ?? '']) checkTerm(term, fail)
  const ellipses = terms.map((term, i) => ellipsisRank(term, shapes[i] as Shape, i, fail))
  const inputs = terms.map((term, i) => labelsOf(term, ellipses[i] as number))
  const rank = Math.max(0, ...ellipses)
  const output = right === undefined ? implicitOutput(inputs, rank) : labelsOf(right, rank)
  const known = new Set(inputs.flat())
  const unknown = output.find((label) => !known.has(label))
  if (unknown !== undefined) {
    throw fail(`the output has ${name(unknown)}, no input does; drop it, or broadcast the result`)
  }
  const twice = output.find((label, i) => output.indexOf(label) !== i)
  if (twice !== undefined) throw fail(`the output has ${name(twice)} twice; np.diag makes a diagonal`)
  return { text, inputs, output, sizes: sizesOf(text, inputs, shapes) }
}

const name = (label: Label): string => (label.startsWith('…') ? 'an axis of the ellipsis' : `'${label}'`)

function checkTerm(term: string, fail: (what: string) => ValueError): void {
  const letters = term.replace(ELLIPSIS, '')
  const odd = /[^a-zA-Z]/.exec(letters)
  if (odd === null) return
  throw fail(
    odd[0] === '.'
      ? `'${term}' has a '.' that is not part of the one '...' it may have`
      : `'${odd[0]}' in '${term}' is no label; labels are the letters a-z and A-Z`,
  )
}

/** How many axes the ellipsis of a term stands for. */
function ellipsisRank(term: string, shape: Shape, i: number, fail: (what: string) => ValueError): number {
  const letters = term.replace(ELLIPSIS, '').length
  const rest = shape.length - letters
  const open = term.includes(ELLIPSIS)
  if (open ? rest >= 0 : rest === 0) return rest
  throw fail(
    `'${term}' labels ${letters} axes, operand ${i} has ${shape.length}; ${rest < 0 ? 'take labels away' : "add labels, or '...' for the others"}`,
  )
}

/** The ellipsis's axes are counted from the last, as in broadcasting. */
const ellipsisLabels = (rank: number): Label[] => range(rank).map((i) => `…${rank - i}`)

function labelsOf(term: string, ellipsis: number): Label[] {
  const [before, after] = term.split(ELLIPSIS) as [string, string?]
  return after === undefined ? before.split('') : [...before.split(''), ...ellipsisLabels(ellipsis), ...after.split('')]
}

/** The ellipsis, then the labels that appear once, in alphabetical order. */
function implicitOutput(inputs: readonly (readonly Label[])[], rank: number): Label[] {
  const all = inputs.flat()
  const once = all.filter((label) => !label.startsWith('…') && all.indexOf(label) === all.lastIndexOf(label))
  return [...ellipsisLabels(rank), ...once.sort()]
}

function sizesOf(
  text: string,
  inputs: readonly (readonly Label[])[],
  shapes: readonly Shape[],
): ReadonlyMap<Label, number> {
  const sizes = new Map<Label, number>()
  inputs.forEach((labels, i) => {
    const shape = shapes[i] as Shape
    labels.forEach((label, axis) => {
      const n = shape[axis] as number
      const size = sizes.get(label)
      const first = labels.indexOf(label)
      const mixed = first !== axis && shape[first] !== n
      if (mixed || (size !== undefined && size !== 1 && n !== 1 && n !== size)) {
        const other = mixed ? shape[first] : size
        throw new ShapeError(
          message(
            text,
            shapes,
            `the axes of ${name(label)} are ${other} and ${n} long; axes of one label must be equally long`,
          ),
        )
      }
      if (size === undefined || size === 1) sizes.set(label, n)
    })
  })
  return sizes
}
