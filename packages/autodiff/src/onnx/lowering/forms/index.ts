import { cudaForms } from './cuda.ts'
import type { Forms } from './form.ts'
import { webgpuForms } from './webgpu.ts'

const tables: Readonly<Record<string, Forms>> = { cuda: cudaForms, webgpu: webgpuForms }

/** What stands for operators on an execution provider. */
export const formsOf = (target: string): Forms => tables[target] ?? {}
