"""Checks a fitted estimator with Python's onnx and onnxruntime.

    python check_compressor.py compressor.onnx expected.json

expected.json has `data` [N, ...inputShape], and the `summaries` and `estimates` that belong to it.
Exit status 0: all is well; 77: a package is missing; anything else: something is wrong.
"""

import json
import sys

try:
    import numpy as np
    import onnx
    import onnxruntime
except ImportError as error:
    print(f"skipped: {error}")
    sys.exit(77)

path, expected_path = sys.argv[1:]
onnx.checker.check_model(path, full_check=True)
model = onnx.load(path)
opsets = {entry.domain: entry.version for entry in model.opset_import}
assert opsets.get("") == 21 and set(opsets) <= {"", "ai.onnx"}, opsets
assert model.ir_version == 10, model.ir_version

with open(expected_path) as file:
    expected = json.load(file)
data = np.array(expected["data"], dtype=np.float32)
session = onnxruntime.InferenceSession(path, providers=["CPUExecutionProvider"])
assert [(x.name, x.type) for x in session.get_inputs()] == [("data", "tensor(float)")]
assert [x.name for x in session.get_outputs()] == ["summaries", "estimates"]
assert isinstance(session.get_inputs()[0].shape[0], str), "the batch axis has no name"

# A batch of any size gives the same for each of its simulations.
for batch in (data, data[:1]):
    for name, value in zip(("summaries", "estimates"), session.run(None, {"data": batch})):
        wanted = np.array(expected[name], dtype=np.float32)[: len(batch)]
        assert value.dtype == np.float32 and value.shape == wanted.shape, (name, value.shape)
        np.testing.assert_allclose(value, wanted, rtol=1e-4, atol=1e-5, err_msg=name)
print(f"onnx {onnx.__version__}, onnxruntime {onnxruntime.__version__}: {len(data)} simulations agree")
