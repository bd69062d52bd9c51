import type { Problem } from '../errors.ts'
import { show } from './checks.ts'

/** What is wrong with the path of a file. */
export const checkPath = (path: unknown): readonly Problem[] =>
  typeof path === 'string' && path !== ''
    ? []
    : [{ where: 'path', message: `must be the path of a file, not ${show(path)}` }]
