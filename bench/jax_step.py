"""The fit step in JAX, driven line by line: the inputs come as a line of JSON, then every line asks for a measurement.

    python jax_step.py THREADS

Prints a line of JSON with the versions, the seconds of compiling and the step's results; then, for every line it reads,
milliseconds: a run's for a number of runs, and those of a whole fit, compilation included, for "fit ITERATIONS".
"""

import json
import os
import sys
import time

# XLA makes as many threads as there are processors to run on, and has no other setting that holds for all of them.
if hasattr(os, "sched_setaffinity"):
    os.sched_setaffinity(0, sorted(os.sched_getaffinity(0))[: int(sys.argv[1])])

import jax
import jax.numpy as jnp
from jax.example_libraries import optimizers, stax

given = json.loads(sys.stdin.readline())
n, d, p = given["n"], given["d"], given["p"]
lam, alpha = given["lambda"], given["alpha"]

layers = [stax.Dense(128), stax.LeakyRelu] * 3 + [stax.Dense(2)]
_, apply = stax.serial(*layers)
start, update, weights_of = optimizers.adam(1e-3)


def measure(weights, data):
    x, push = jax.linearize(lambda inputs: apply(weights, inputs), data[0])
    mean = jax.vmap(push)(data[1]).mean(1)
    covariance = jnp.cov(x, rowvar=False)
    inverse = jnp.linalg.inv(covariance)
    fisher = mean @ inverse @ mean.T
    one = jnp.eye(2)
    distance = jnp.linalg.norm(covariance - one) + jnp.linalg.norm(inverse - one)
    strength = lam * distance / (distance + jnp.exp(-alpha * distance))
    determinants = [jnp.linalg.det(m) for m in (fisher, covariance, inverse)]
    return fisher, distance, strength, jnp.stack([*determinants, distance, strength])


def loss(weights, data):
    fisher, distance, strength, row = measure(weights, data)
    sign, log_det = jnp.linalg.slogdet(fisher)
    return strength * distance - sign * log_det, row


def step(i, state, training, validation):
    (_, row), gradient = jax.value_and_grad(loss, has_aux=True)(weights_of(state), training)
    state = update(i, gradient, state)
    return state, gradient, row, measure(weights_of(state), validation)[3]


def simulations(name):
    return tuple(jnp.array(x, jnp.float32).reshape(shape) for x, shape in zip(given[name], [(n, d), (p, n, d)]))


flat = [jnp.array(w, jnp.float32).reshape(s) for w, s in zip(given["weights"], given["shapes"])]
dense = [(flat[2 * k], flat[2 * k + 1]) for k in range(4)]
state = start([dense[0], (), dense[1], (), dense[2], (), dense[3]])
arguments = (0, state, simulations("training"), simulations("validation"))

before = time.perf_counter()
compiled = jax.jit(step).lower(*arguments).compile()
seconds = time.perf_counter() - before
_, gradient, row, validation = compiled(*arguments)
result = {
    "version": jax.__version__,
    "compile": seconds * 1e3,
    "training": row.tolist(),
    "validation": validation.tolist(),
    # Adam's means after the first step.
    "moments": [(0.1 * g).ravel().tolist() for g in jax.tree_util.tree_leaves(gradient)],
}
print(json.dumps(result), flush=True)



def fit(iterations):
    """A fit as one would write it: compiled anew, stopped by |F| of the validation set, the best weights kept."""
    jax.clear_caches()
    fresh = jax.jit(lambda *args: step(*args))
    current, best, largest, history = state, weights_of(state), 0.0, []
    for i in range(iterations):
        current, _, row, validation = fresh(i, current, *arguments[2:])
        history.append((row, validation))
        if (det := float(validation[0])) > largest:
            largest, best = det, weights_of(current)
    jax.block_until_ready(best)
    return [jax.device_get(h) for h in history]


for line in sys.stdin:
    if line.startswith("fit"):
        before = time.perf_counter()
        fit(int(line.split()[1]))
        print((time.perf_counter() - before) * 1e3, flush=True)
        continue
    runs = int(line)
    before = time.perf_counter()
    for _ in range(runs):
        jax.block_until_ready(compiled(*arguments))
    print((time.perf_counter() - before) / runs * 1e3, flush=True)
