"""Reads the safetensors files of a folder, prints what is in them, and writes each again under another name."""
import json, pathlib, sys

import ml_dtypes  # noqa: F401, makes bfloat16 known to NumPy
import numpy as np
from safetensors import safe_open
from safetensors.numpy import save_file

folder = pathlib.Path(sys.argv[1])
for path in sorted(folder.glob("ours_*.safetensors")):
    tensors = {}
    with safe_open(path, framework="numpy") as file:
        metadata = file.metadata()
        for name in file.keys():
            tensors[name] = file.get_tensor(name)
            x = tensors[name]
            values = [str(v) for v in (x.view(np.uint16) if x.dtype.itemsize == 2 and x.dtype.kind not in "iu" else x).reshape(-1)]
            print(json.dumps({"file": path.name, "name": name, "dtype": str(x.dtype), "shape": list(x.shape), "values": values, "metadata": metadata}))
    save_file(tensors, folder / path.name.replace("ours", "theirs"), metadata={"by": "python"})
