"""Checks exported models with Python's onnx and onnxruntime.  usage: python check_model.py FOLDER

Beside each NAME.onnx in the folder lies NAME.json:
{"inputs": {name: array}, "outputs": {name: array}, "metadata": {key: value}}, an array being {"dtype", "shape", "data"}
with "nan", "inf", "-inf", "-0" and numbers of 64 bits as strings. Every model must pass the full checker and strict shape
inference, be of operator set 21, and give the outputs: integers and booleans exactly, float16 to 1e-3, float32 to 1e-4, float64 to 1e-6
(onnxruntime's own rewrites keep some factors as float32). Prints one line, and ends with status 1 when something is wrong; with status 77 without the packages."""

import json
import pathlib
import sys

try:
    import numpy as np
    import onnx
    import onnxruntime as ort
except ImportError as missing:
    print(missing)
    sys.exit(77)

TOLERANCE = {"float16": 1e-3, "float32": 1e-4, "float64": 1e-6}


def decode(array):
    number = int if array["dtype"] in ("int64", "uint64") else float
    data = [number(v) if isinstance(v, str) else v for v in array["data"]]
    return np.array(data, dtype=array["dtype"]).reshape(array["shape"])


def problems_of(path):
    model = onnx.load(path)
    onnx.checker.check_model(model, full_check=True)
    onnx.shape_inference.infer_shapes(model, check_type=True, strict_mode=True, data_prop=True)
    case = json.loads(path.with_suffix(".json").read_text())
    if [(o.domain, o.version) for o in model.opset_import] != [("", 21)]:
        yield f"operator sets {model.opset_import}"
    metadata = {p.key: p.value for p in model.metadata_props}
    if metadata != case.get("metadata", {}):
        yield f"metadata {metadata}"
    session = ort.InferenceSession(path, providers=["CPUExecutionProvider"])
    inputs = {name: decode(array) for name, array in case["inputs"].items()}
    names = [v.name for v in session.get_outputs()]
    if sorted(names) != sorted(case["outputs"]):
        yield f"outputs {names}"
    for name, got in zip(names, session.run(names, inputs)):
        expected = decode(case["outputs"][name])
        if got.dtype != expected.dtype or got.shape != expected.shape:
            yield f"{name} is {got.dtype}{got.shape}, expected {expected.dtype}{expected.shape}"
            continue
        tolerance = TOLERANCE.get(str(got.dtype), 0)
        if not np.allclose(got, expected, rtol=tolerance, atol=tolerance, equal_nan=True):
            yield f"{name} is {got.ravel()[:8]}, expected {expected.ravel()[:8]}"


def main(folder):
    paths = sorted(pathlib.Path(folder).glob("*.onnx"))
    found = [f"{path.name}: {problem}" for path in paths for problem in problems_of(path)]
    print("\n".join([*found, f"{len(paths)} models, {len(found)} problems"]))
    return 1 if found or not paths else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
