import { complexCases } from './cases/complex.ts'
import { complexStructureCases } from './cases/complex-structure.ts'
import { controlCases } from './cases/control.ts'
import { elementwiseCases } from './cases/elementwise.ts'
import { indexingCases } from './cases/indexing.ts'
import { linalgCases } from './cases/linalg.ts'
import type { PrimitiveCase } from './cases/operands.ts'
import { randomCases } from './cases/random.ts'
import { specialCases } from './cases/special.ts'
import { structuralCases } from './cases/structural.ts'
import { windowCases } from './cases/windows.ts'
import { transformCases } from './cases/transforms.ts'

export { arrayOf, plain, type PrimitiveCase } from './cases/operands.ts'

/** Every primitive that takes arrays, on every dtype. */
export const primitiveCases: readonly PrimitiveCase[] = [
  ...elementwiseCases,
  ...structuralCases,
  ...complexCases,
  ...complexStructureCases,
  ...controlCases,
  ...indexingCases,
  ...linalgCases,
  ...randomCases,
  ...specialCases,
  ...transformCases,
  ...windowCases,
]
