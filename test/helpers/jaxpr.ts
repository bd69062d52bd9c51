import type { Jaxpr } from '@cotangent/autodiff'

/** The names of the primitives of a program, those within its equations in brackets after theirs. */
export const primitiveNames = (jaxpr: Jaxpr): string[] =>
  jaxpr.equations.map(({ primitive, params }) => {
    const inner = primitive.jaxprs?.(params).map((j) => primitiveNames(j).join(' ')) ?? []
    return inner.length === 0 ? primitive.name : `${primitive.name}(${inner.join(' | ')})`
  })
