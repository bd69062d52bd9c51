// A network trained, told and saved with nn and the engine alone: nothing else is installed here.
import { np, random, valueAndGrad } from '@cotangent/autodiff'
import { adamw, Conv, Dense, Flatten, loadParams, Relu, saveParams, serial, summary } from '@cotangent/nn'

const model = serial(Conv(2, [3, 3]), Relu, Flatten, Dense(1))
const [, apply] = model
const [, params] = model[0](random.PRNGKey(0), [-1, 4, 4, 1])
const x = random.normal(random.PRNGKey(1), [8, 4, 4, 1])
const loss = (p: typeof params) => apply(p, x).sub(1).square().mean()

const [init, update, getParams] = adamw({ stepSize: 0.05 })
let state = init(params)
const losses: number[] = []
for (let i = 0; i < 30; i++) {
  const [value, gradient] = valueAndGrad(loss)(getParams(state))
  losses.push(value.item() as number)
  state = update(i, gradient, state)
}
const trained = getParams(state)
const loaded = loadParams(saveParams(trained), params)
const same = np.arrayEqual(apply(loaded, x), apply(trained, x)).item()
if (!(losses[29]! < losses[0]! / 10) || !same || summary(model, [-1, 4, 4, 1]).parameters !== 29) {
  throw new Error(`nn alone: losses ${losses[0]} to ${losses[29]}, the same after loading: ${same}`)
}
