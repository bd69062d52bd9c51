"""Programs in JAX, timed when asked: every line that is read names a program and a number of runs.

    python jax_programs.py THREADS

Prints the version first, then for every line a line of JSON: the milliseconds of compiling (0 but for the first time),
the milliseconds a run, and the sum and the sum of squares of all results. The inputs are those of beside-jax/inputs.ts.
"""

import json
import os
import sys
import time

if hasattr(os, "sched_setaffinity"):
    os.sched_setaffinity(0, sorted(os.sched_getaffinity(0))[: int(sys.argv[1])])

import jax
import jax.numpy as jnp
import numpy as np
from jax import lax


def numbers(seed, *shape):
    """Waves: the same numbers in any language, to rounding."""
    i = np.arange(int(np.prod(shape)), dtype=np.float64)
    return jnp.array(np.sin(i * 0.7 + (i % 97) * 1.3 + seed).reshape(shape), jnp.float32)


WIDTHS = (784, 256, 256, 10)


def mlp_weights():
    return [(numbers(k, m, n) * m**-0.5, numbers(k + 10, n)) for k, (m, n) in enumerate(zip(WIDTHS, WIDTHS[1:]))]


def mlp(weights, x):
    for w, b in weights[:-1]:
        x = jnp.maximum(x @ w + b, 0)
    w, b = weights[-1]
    return jax.nn.log_softmax(x @ w + b)


def mlp_loss(weights, x, targets):
    return -jnp.mean(jnp.sum(mlp(weights, x) * targets, axis=1))


def convolve(x, w):
    return lax.conv_general_dilated(x, w, (1, 1), "SAME", dimension_numbers=("NCHW", "OIHW", "NCHW"))


def block(weights, x):
    first, second = weights
    return jnp.maximum(x + convolve(jnp.maximum(convolve(x, first), 0), second), 0)


def block_loss(weights, x):
    return jnp.mean(jnp.square(block(weights, x)))


def chain(x):
    y = jnp.tanh(x) * 2 + jnp.exp(-x * x)
    return jnp.sin(y) * jnp.sqrt(jnp.abs(x) + 1) - y / (1 + x * x)


def recur(w, h, xs):
    def step(h, x):
        h = jnp.tanh(w @ h + x)
        return h, h[0]

    return lax.scan(step, h, xs)


def small_matrices(a, b):
    def one(a, b):
        s = a @ a.T + 4 * jnp.eye(4)
        return jnp.linalg.solve(s, b), jnp.linalg.cholesky(s), jnp.linalg.det(s)

    return jax.vmap(one)(a, b)


def targets(batch):
    return jnp.eye(10, dtype=jnp.float32)[np.arange(batch) % 10]


PROGRAMS = {
    **{f"mlp {n}": (mlp, lambda n=n: (mlp_weights(), numbers(5, n, WIDTHS[0]))) for n in (1, 100, 10000)},
    **{
        f"mlp gradient {n}": (
            jax.value_and_grad(mlp_loss),
            lambda n=n: (mlp_weights(), numbers(5, n, WIDTHS[0]), targets(n)),
        )
        for n in (1, 100, 10000)
    },
    "convolutions": (block, lambda: ([numbers(k, 64, 64, 3, 3) / 24 for k in (1, 2)], numbers(3, 8, 64, 32, 32))),
    "convolutions gradient": (
        jax.value_and_grad(block_loss, argnums=(0, 1)),
        lambda: ([numbers(k, 64, 64, 3, 3) / 24 for k in (1, 2)], numbers(3, 8, 64, 32, 32)),
    ),
    "chain": (chain, lambda: (numbers(1, 1000000),)),
    "scan": (recur, lambda: (numbers(1, 32, 32) / 6, numbers(2, 32), numbers(3, 1000, 32))),
    "scan gradient": (
        jax.grad(lambda w, h, xs: jnp.sum(recur(w, h, xs)[1])),
        lambda: (numbers(1, 32, 32) / 6, numbers(2, 32), numbers(3, 1000, 32)),
    ),
    "small matrices": (small_matrices, lambda: (numbers(1, 1000, 4, 4), numbers(2, 1000, 4))),
    "normals": (lambda key: jax.random.normal(key, (1000000,)), lambda: (jax.random.PRNGKey(7),)),
}

ready = {}
print(jax.__version__, flush=True)
for line in sys.stdin:
    name, runs = json.loads(line)
    compiling = 0
    if name not in ready:
        function, inputs = PROGRAMS[name]
        arguments = inputs()
        before = time.perf_counter()
        ready[name] = jax.jit(function).lower(*arguments).compile(), arguments
        compiling = time.perf_counter() - before
    compiled, arguments = ready[name]
    before = time.perf_counter()
    for _ in range(runs):
        result = jax.block_until_ready(compiled(*arguments))
    seconds = (time.perf_counter() - before) / runs
    leaves = [np.asarray(x, np.float64) for x in jax.tree_util.tree_leaves(result)]
    sums = [float(sum(x.sum() for x in leaves)), float(sum((x * x).sum() for x in leaves))]
    print(json.dumps({"compile": compiling * 1e3, "run": seconds * 1e3, "sums": sums}), flush=True)
