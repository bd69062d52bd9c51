import { CotangentError, np, random } from '@cotangent/autodiff'
import { GradientIMNN, IMNN, plotHistory } from '@cotangent/imnn'
import { adam, Dense, serial } from '@cotangent/nn'
import { describe, expect, test } from 'vitest'

/** What a user without a type checker might write. */
const odd = (value: unknown): never => value as never

const options = {
  nS: 8,
  nD: 4,
  nParams: 2,
  nSummaries: 2,
  inputShape: [3],
  thetaFid: [0, 1],
  model: serial(Dense(2)),
  optimizer: adam({ stepSize: 1e-3 }),
  keyOrState: random.PRNGKey(0),
  fiducial: random.normal(random.PRNGKey(1), [8, 3]),
  derivative: random.normal(random.PRNGKey(2), [4, 3, 2]),
  device: 'js' as const,
}
const imnn = GradientIMNN(options)

describe('what is of another type is refused by name, with what to write instead', () => {
  test.each<[what: string, run: () => unknown, message: RegExp]>([
    [
      'options of a fit',
      () => imnn.fit(odd(undefined)),
      /fit: options: are undefined; give them by name, as \{ lambda/,
    ],
    ['options of a fit', () => imnn.fit(odd(null)), /fit: options: are null/],
    ['a set', () => imnn.withStatistics(odd(null)), /withStatistics: options are given by name/],
    [
      'a set',
      () => imnn.getSetSummaries(odd({ set: 1 })),
      /getSetSummaries has no option set; it has w, validate, rng/,
    ],
    ['which set', () => imnn.withStatistics({ validate: odd('no') }), /validate: must be true or false, not "no"/],
    [
      'weights',
      () => imnn.withStatistics({ w: odd([]) }),
      /IMNN: w: is not like the weights: w is the tree \[\] where/,
    ],
    [
      'weights',
      () => imnn.withStatistics({ w: [[np.ones([3, 5]), np.ones([5])]] as never }),
      /w: has an array of shape \[3, 5\] where the weights have \[3, 2\]/,
    ],
    ['a plot', () => plotHistory(odd({})), /there is no history; give the `history` of what `fit` returns/],
    [
      'a picture',
      async () => (await imnn.fit({ lambda: 10, epsilon: 0.1, maxIterations: 1 })).plot(odd({ color: 'red' })),
      /plotHistory has no option color; it has expectedDetF, label, colour/,
    ],
    [
      'a model',
      () => IMNN({ ...options, model: odd([() => 1, () => 1]) }),
      /model: its init failed: it gave 1, not \[outputShape, params\]/,
    ],
  ])('%s', async (_, run, message) => {
    const ran = async (): Promise<unknown> => run()
    await expect(ran()).rejects.toThrow(CotangentError)
    await expect(ran()).rejects.toThrow(message)
  })
})
