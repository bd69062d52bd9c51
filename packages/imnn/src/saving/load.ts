import type { Tree } from '@cotangent/autodiff'
import { show } from '../checks/checks.ts'
import { checkPath } from '../checks/paths.ts'
import { type Problem, ValidationError } from '../errors.ts'
import { IMNNValue } from '../imnn.ts'

/**
 * The IMNN that `save`, or a fit with `checkpoint`, has written. The same fit goes on from it as if it had never been
 * interrupted: to the last bit, on the same kind of device with the same simulations.
 *
 * @param path the file
 * @param imnn one made as the one that was written: the same kind, sizes, θ_fid, network and optimizer. Its simulations
 * and device are used from now on; its weights are not (they may be from any key).
 * @throws CheckpointError when there is no such file, it is damaged or of something else, or its IMNN is another: the
 * error names all that differs; ValidationError for what is no path or no IMNN.
 * @example
 * await imnn.fit({ lambda: 10, epsilon: 0.1, maxIterations: 2, checkpoint: 'run.safetensors' })
 * const loaded = await load('run.safetensors', imnn)
 * loaded.iterations // 2
 */
export async function load<P extends Tree>(path: string, imnn: IMNNValue<P>): Promise<IMNNValue<P>> {
  const problems: Problem[] = [...checkPath(path)]
  if (!(imnn instanceof IMNNValue))
    problems.push({ where: 'imnn', message: `must be an IMNN made like the one in the file, not ${show(imnn)}` })
  if (problems.length > 0) throw new ValidationError('load', problems)
  return imnn.loaded(path)
}
