"""Reads what an IMNN has written, with the packages that anybody would read it with, and prints it as JSON.

    python check_imnn.py checkpoint run.safetensors     numpy, safetensors
    python check_imnn.py model estimator.onnx data.json onnx, onnxruntime
"""

import json
import sys

import numpy as np

what, path = sys.argv[1:3]
if what == "checkpoint":
    from safetensors import safe_open

    with safe_open(path, framework="numpy") as file:
        tensors = {name: file.get_tensor(name) for name in file.keys()}
        words = json.loads(file.metadata()["cotangent"])
    found = {name: {"dtype": str(x.dtype), "shape": x.shape, "values": x.ravel().tolist()} for name, x in tensors.items()}
    print(json.dumps({"tensors": found, "words": words}))
else:
    import onnx
    import onnxruntime

    model = onnx.load(path)
    onnx.checker.check_model(model, full_check=True)
    metadata = {entry.key: json.loads(entry.value) for entry in model.metadata_props if entry.key in ("theta_fid", "F", "C", "mu", "dmu")}
    with open(sys.argv[3]) as file:
        data = np.array(json.load(file), dtype=np.float32)
    session = onnxruntime.InferenceSession(path, providers=["CPUExecutionProvider"])
    summaries, estimates = session.run(["summaries", "estimates"], {"data": data})
    # What the metadata say the estimates are.
    theta_fid, F, C, mu, dmu = (np.array(metadata[name]) for name in ("theta_fid", "F", "C", "mu", "dmu"))
    score = np.linalg.solve(C, (summaries - mu).T).T @ dmu
    again = theta_fid + np.linalg.solve(F, score.T).T
    print(json.dumps({"metadata": metadata, "summaries": summaries.tolist(), "estimates": estimates.tolist(), "again": again.tolist()}))
