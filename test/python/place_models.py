"""Whether every node of the models in a folder is placed on CUDA, in a folder that cuda_stubs.py prepared.

    LD_LIBRARY_PATH=FOLDER/stub PYTHONPATH=FOLDER/full:FOLDER/deps python place_models.py MODELS

Prints a JSON object of the models that are not, with the runtime's message.
"""

import json
import pathlib
import sys

import onnxruntime

failures = {}
for path in sorted(pathlib.Path(sys.argv[1]).glob("*.onnx")):
    options = onnxruntime.SessionOptions()
    options.add_session_config_entry("session.disable_cpu_ep_fallback", "1")
    options.log_severity_level = 4
    try:
        onnxruntime.InferenceSession(path.read_bytes(), options, providers=["CUDAExecutionProvider"])
    except Exception as error:
        failures[path.stem] = str(error)
json.dump(failures, sys.stdout)
