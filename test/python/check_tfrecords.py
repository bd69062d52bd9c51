"""Reads TFRecord files with TensorFlow and says what is in them; writes some for us to read.

usage: python check_tfrecords.py FOLDER

FOLDER/fiducial_*.tfrecords and FOLDER/derivative_*.tfrecords hold records as TFRecords.writeRecord writes them: one
JSON line each with the file's name, the features and the numbers in `data`. FOLDER/theirs*.tfrecord are then written.
"""
import glob, json, os, sys

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
import numpy as np
import tensorflow as tf

folder = sys.argv[1]
for path in sorted(glob.glob(os.path.join(folder, "*.tfrecords"))):
    for record in tf.data.TFRecordDataset([path]).as_numpy_iterator():
        features = tf.train.Example.FromString(record).features.feature
        row = {key: int(features[key].int64_list.value[0]) for key in sorted(features) if key != "data"}
        row["data"] = [float(v) for v in np.frombuffer(features["data"].bytes_list.value[0], "<f4")]
        print(json.dumps({"file": os.path.basename(path), **row}))

# A file of ours also goes through TensorFlow's own parser, as the original package's users read it.
description = {"data": tf.io.FixedLenFeature([], tf.string), "seed": tf.io.FixedLenFeature([], tf.int64)}
paths = sorted(glob.glob(os.path.join(folder, "fiducial_*.tfrecords")))
parsed = tf.data.TFRecordDataset(paths).map(
    lambda e: tf.reshape(tf.io.decode_raw(tf.io.parse_single_example(e, description)["data"], tf.float32), (3,)))
print(json.dumps({"parsed": np.stack(list(parsed.as_numpy_iterator())).tolist()}))

for name, options in (("theirs.tfrecord", None), ("theirs_gzip.tfrecord", "GZIP"), ("theirs_zlib.tfrecord", "ZLIB")):
    with tf.io.TFRecordWriter(os.path.join(folder, name), options=options) as writer:
        for i in range(100):
            data = (np.arange(3) + i / 8).astype("<f4").tobytes()
            example = tf.train.Example(features=tf.train.Features(feature={
                "seed": tf.train.Feature(int64_list=tf.train.Int64List(value=[i])),
                "data": tf.train.Feature(bytes_list=tf.train.BytesList(value=[data])),
            }))
            writer.write(example.SerializeToString())
