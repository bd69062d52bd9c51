"""Reads .npy files with NumPy and says what is in them; writes some for us to read.

usage: python check_npy.py FOLDER

FOLDER/ours_*.npy are read: one JSON line each with name, dtype, shape and the values in C order (as text that keeps
every bit). So are the arrays of FOLDER/ours_*.npz. Then FOLDER/theirs*.npy and .npz are written.
"""
import glob, json, os, sys

import numpy as np

folder = sys.argv[1]
for path in sorted(glob.glob(os.path.join(folder, "ours_*.npy"))):
    x = np.load(path, allow_pickle=False)
    values = [repr(float(v)) for v in x.ravel(order="C")]
    print(json.dumps({"name": os.path.basename(path), "dtype": x.dtype.name, "shape": list(x.shape), "values": values}))
for path in sorted(glob.glob(os.path.join(folder, "ours_*.npz"))):
    with np.load(path, allow_pickle=False) as arrays:
        for name in sorted(arrays.files):
            x = arrays[name]
            values = [repr(float(v)) for v in x.ravel(order="C")]
            print(json.dumps({"name": f"{os.path.basename(path)}/{name}", "dtype": x.dtype.name, "shape": list(x.shape), "values": values}))

a = np.arange(24)
for name, x in {
    "float32": (a / 8 - 1).astype("<f4").reshape(2, 3, 4),
    "big": (a / 8 - 1).astype(">f8").reshape(2, 3, 4),
    "fortran": np.asfortranarray((a / 8 - 1).astype("<f4").reshape(2, 3, 4)),
    "int16": (a - 8).astype("<i2").reshape(2, 3, 4),
    "int64": (a - 8).astype(">i8").reshape(2, 3, 4),
}.items():
    np.save(os.path.join(folder, f"theirs_{name}.npy"), x)
np.savez(os.path.join(folder, "theirs.npz"), x=a.astype("<f4"), y=np.float64(2.5))
np.savez_compressed(os.path.join(folder, "theirs_packed.npz"), x=a.astype("<f4"), y=np.float64(2.5))
