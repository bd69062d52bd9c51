import { elementwiseCases } from './cases/elementwise.ts'
import type { PrimitiveCase } from './cases/operands.ts'
import { structuralCases } from './cases/structural.ts'
import { transformCases } from './cases/transforms.ts'

export { arrayOf, plain, type PrimitiveCase } from './cases/operands.ts'

/** Every primitive that takes arrays, on every dtype. */
export const primitiveCases: readonly PrimitiveCase[] = [...elementwiseCases, ...structuralCases, ...transformCases]
