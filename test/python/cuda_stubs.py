"""Prepares a folder in which ONNX Runtime makes sessions for CUDA without a GPU, to see which nodes it would place there.

    python cuda_stubs.py FOLDER

Needs pip, gcc and binutils. FOLDER gets the onnxruntime-gpu package from the registry, and libraries by the names of CUDA's
whose functions do nothing and report success: a session can be created and its nodes are placed, but nothing can run.
place_models.py then says of each model whether all of it is placed on CUDA.
"""

import pathlib
import re
import subprocess
import sys
import zipfile

VERSION = "1.30.0"

#: What the provider reads back from a call, by the name of the function.
ANSWERS = {
    "cudaGetDeviceCount": "(int *n) { *n = 1; return 0; }",
    "cudaGetDevice": "(int *n) { *n = 0; return 0; }",
    "cudaMemGetInfo": "(size_t *free, size_t *total) { *free = *total = (size_t)1 << 34; return 0; }",
    "cudaRuntimeGetVersion": "(int *version) { *version = 13000; return 0; }",
    "cudaDriverGetVersion": "(int *version) { *version = 13000; return 0; }",
    "cudaHostAlloc": "(void **p, size_t n) { *p = malloc(n); return 0; }",
}
#: The same for all functions whose names begin so.
FAMILIES = {
    "cudaMalloc": "(void **p, size_t n) { *p = malloc(n); return 0; }",
    # The major version of the device, 9, lies at this place of its properties.
    "cudaGetDeviceProperties": "(char *p, int device) { memset(p, 0, 700); *(int *)(p + 360) = 9; return 0; }",
    "cudaStreamCreate": "(void **p) { *p = (void *)16; return 0; }",
    "cudaEventCreate": "(void **p) { *p = (void *)16; return 0; }",
    "cublasCreate": "(void **p) { *p = (void *)16; return 0; }",
    "cublasLtCreate": "(void **p) { *p = (void *)16; return 0; }",
}
TEXT = {"cudaGetErrorString", "cudaGetErrorName"}


def stub(name):
    if name == "__cudaRegisterFatBinary":
        return "static void *handle[16]; void **__cudaRegisterFatBinary(void *p) { return handle; }"
    if name in TEXT:
        return f'const char *{name}(int e) {{ return "stub"; }}'
    answer = ANSWERS.get(name) or next((a for start, a in FAMILIES.items() if name.startswith(start)), "() { return 0; }")
    return f"int {name}{answer}"


def undefined(library):
    """The functions that a library takes from others, by the library it takes them from."""
    table = subprocess.run(["objdump", "-T", library], check=True, capture_output=True, text=True).stdout
    found = {}
    for line in table.splitlines():
        match = re.search(r"\*UND\*.*\((lib[^)]+)\)\s+(\S+)$", line)
        if match and re.match(r"libcu|libnv", match[1]):
            found.setdefault(match[1], []).append(match[2])
    # Of some libraries it takes nothing but wants them to be there.
    needed = subprocess.run(["objdump", "-p", library], check=True, capture_output=True, text=True).stdout
    for name in re.findall(r"NEEDED\s+(libcu\S+)", needed):
        found.setdefault(name, [])
    # The driver's functions carry no version.
    found.setdefault("libcuda.so.1", []).append("cuTensorMapEncodeTiled")
    return found


def main(folder):
    whl, full, deps, stubs = (folder / name for name in ("whl", "full", "deps", "stub"))
    pip = [sys.executable, "-m", "pip"]
    if not list(whl.glob("*.whl")):
        subprocess.run([*pip, "download", f"onnxruntime-gpu=={VERSION}", "--no-deps", "-d", str(whl)], check=True)
    if not full.exists():
        zipfile.ZipFile(next(whl.glob("*.whl"))).extractall(full)
    if not deps.exists():
        subprocess.run([*pip, "install", "-q", "numpy", "flatbuffers", "protobuf", "packaging", "-t", str(deps)], check=True)
    stubs.mkdir(exist_ok=True)
    provider = full / "onnxruntime/capi/libonnxruntime_providers_cuda.so"
    for library, names in undefined(str(provider)).items():
        source = stubs / f"{library}.c"
        source.write_text("\n".join(["#include <stdlib.h>", "#include <string.h>", *map(stub, names), ""]))
        versioned = []
        if library != "libcuda.so.1":
            script = stubs / f"{library}.map"
            script.write_text(f"{library} {{ global: *; }};\n")
            versioned = [f"-Wl,--version-script={script}"]
        compile_ = ["gcc", "-shared", "-fPIC", "-w", f"-Wl,-soname,{library}", *versioned]
        subprocess.run([*compile_, "-o", str(stubs / library), str(source)], check=True)
    print(f"{folder}: ready")


if __name__ == "__main__":
    main(pathlib.Path(sys.argv[1]).resolve())
