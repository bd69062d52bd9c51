"""ONNX's own tests of single operators.  usage: python onnx_node_cases.py FILE

Writes FILE, a list of {"name", "operators", "opset", "model": base64, "inputs": [array], "outputs": [array], "rtol",
"atol"} for every test whose values are tensors of numbers; an array is {"dtype", "shape", "data"} with "nan", "inf",
"-inf", "-0" and numbers of 64 bits as strings. Needs onnx and numpy."""

import base64
import json
import sys
import warnings

import numpy as np

warnings.filterwarnings("ignore")
from onnx.backend.test.case.node import collect_testcases  # noqa: E402

KNOWN = "bool int8 int16 int32 int64 uint8 uint16 uint32 uint64 float16 float32 float64".split()


def encode(x):
    x = np.asarray(x)
    if x.dtype.name not in KNOWN:
        raise TypeError(x.dtype)

    def element(v):
        if isinstance(v, int) and not isinstance(v, bool) and x.dtype.itemsize == 8:
            return str(v)
        if isinstance(v, float) and (v != v or v in (float("inf"), float("-inf"))):
            return str(v)
        return "-0" if isinstance(v, float) and str(v) == "-0.0" else v

    return {"dtype": x.dtype.name, "shape": list(x.shape), "data": [element(v) for v in x.ravel().tolist()]}


def main(path):
    cases = []
    for case in collect_testcases(None):
        if case.model is None or not case.data_sets:
            continue
        inputs, outputs = case.data_sets[0]
        size = sum(np.asarray(x).size for x in [*inputs, *outputs] if isinstance(x, np.ndarray))
        if size > 20000:
            continue
        try:
            encoded = {"inputs": [encode(x) for x in inputs], "outputs": [encode(x) for x in outputs]}
        except (TypeError, ValueError):
            continue
        cases.append(
            {
                "name": case.name,
                "operators": sorted({n.op_type for n in case.model.graph.node}),
                "model": base64.b64encode(case.model.SerializeToString()).decode(),
                **encoded,
                "rtol": case.rtol,
                "atol": case.atol,
            }
        )
    with open(path, "w") as file:
        json.dump(cases, file)
    print(len(cases), "cases")


if __name__ == "__main__":
    main(sys.argv[1])
