"""Pipelines of tf.data over files that are there, driven line by line.

    python tf_data.py FOLDER

Prints a line of JSON with the version and the sum that each pipeline reads; then, for every line it reads (a name and a
number of runs), the milliseconds a run by the clock and by the process's work.
"""

import glob
import json
import os
import sys
import time

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
os.environ.setdefault("CUDA_VISIBLE_DEVICES", "-1")
import numpy as np
import tensorflow as tf

folder = sys.argv[1]
feature = {"data": tf.io.FixedLenFeature([], tf.string)}
natural = lambda files: sorted(files, key=lambda name: (len(name), name))
records = lambda name: tf.data.TFRecordDataset(natural(glob.glob(f"{folder}/{name}_*.tfrecords")))
files = natural(glob.glob(f"{folder}/npy/*.npy"))
matrix = np.arange(200_000 * 10, dtype=np.float32).reshape(200_000, 10)


def parser(shape):
    return lambda e: tf.reshape(tf.io.decode_raw(tf.io.parse_single_example(e, feature)["data"], tf.float32), shape)


def vectorised(shape):
    return lambda e: tf.reshape(tf.io.decode_raw(tf.io.parse_example(e, feature)["data"], tf.float32), [-1, *shape])


def load():
    for file in files:
        yield np.load(file)


pipelines = {
    "records": records("small").map(parser([10])).batch(100),
    "records, best": records("small").batch(100).map(vectorised([10]), num_parallel_calls=tf.data.AUTOTUNE).prefetch(tf.data.AUTOTUNE),
    "images": records("image").map(parser([64, 64])).batch(100),
    "images, best": records("image").batch(100).map(vectorised([64, 64]), num_parallel_calls=tf.data.AUTOTUNE).prefetch(tf.data.AUTOTUNE),
    "npy": tf.data.Dataset.from_generator(load, output_signature=tf.TensorSpec([10], tf.float32)).batch(100),
    "slices": tf.data.Dataset.from_tensor_slices(matrix).batch(100),
}


def run(name):
    return sum(float(batch[0].flat[0]) for batch in pipelines[name].as_numpy_iterator())


print(json.dumps({"version": tf.__version__, "sums": {name: run(name) for name in pipelines}}), flush=True)
for line in sys.stdin:
    name, runs = json.loads(line)
    clock, work = time.perf_counter(), time.process_time()
    for _ in range(runs):
        run(name)
    print(json.dumps([(time.perf_counter() - clock) * 1e3 / runs, (time.process_time() - work) * 1e3 / runs]), flush=True)
