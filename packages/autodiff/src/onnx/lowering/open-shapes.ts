import { CotangentError } from '../../array/errors.ts'
import type { Shape } from '../../array/shape.ts'
import type { Aval } from '../../core/jaxpr.ts'
import type { GraphBuilder, GraphValue } from '../../core/lowering.ts'
import type { OpenSizes } from './open-sizes.ts'

interface Graph extends GraphBuilder {
  once(key: string, make: () => GraphValue): GraphValue
}

/** Shapes with open sizes, which a graph takes from its inputs when it runs. */
export class OpenShapes {
  readonly #graph: Graph
  readonly #open: OpenSizes
  /** For each open size an input and its axis that has it. */
  readonly #axes = new Map<string, readonly [input: string, axis: number]>()

  constructor(graph: Graph, open: OpenSizes) {
    this.#graph = graph
    this.#open = open
  }

  /** Remembers which open sizes an input has. */
  note(input: string, shape: Shape): void {
    shape.forEach((n, axis) => {
      const open = this.#open.nameOf(n)
      if (open !== undefined && !this.#axes.has(open)) this.#axes.set(open, [input, axis])
    })
  }

  /** The name of an int64 vector with the sizes of `shape`. */
  vector(shape: Shape): string {
    const graph = this.#graph
    return graph.once(`open:${shape.join(',')}`, () => {
      const parts = shape.map((n) => {
        const found = this.#open.factors(n)
        if (found === undefined) return graph.indices([n])
        const sizes = found.powers.flatMap((power, i) =>
          new Array<GraphValue>(power).fill(this.#size(this.#open.axes[i]![0])),
        )
        const factors = found.number === 1 ? sizes : [...sizes, graph.indices([found.number])]
        return factors.reduce((x, y) => graph.node('Mul', [x, y], oneSize))
      })
      return graph.node('Concat', parts, { shape: [shape.length], dtype: 'int32' }, { axis: 0 })
    }).name
  }

  /** An open size, as a vector of one. */
  #size(open: string): GraphValue {
    const place = this.#axes.get(open)
    if (place === undefined) throw new CotangentError(`exportOnnx: no input has the open size ${open}`)
    const [input, axis] = place
    return this.#graph.once(`size:${open}`, () =>
      this.#graph.node('Shape', [input], oneSize, { start: axis, end: axis + 1 }),
    )
  }
}

const oneSize: Aval = { shape: [1], dtype: 'int32' }
