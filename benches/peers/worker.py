"""One row of a Python peer in a process of its own, driven like benches/worker.ts.

    worker.py TOOL list                     prints {"version", "threads", "ops"} or {"absent"}
    worker.py TOOL OP FOLDER THREADS        answers commands; inputs are in FOLDER (see benches/inputs.ts)

TOOL is torch, scipy or pywt: the file TOOL_ops.py beside this one has a function `load(threads)` that gives
(version, threads used, {op: function of the inputs}), its functions taking and returning NumPy arrays or tensors.
"""
import importlib
import json
import os
import sys
import time


def say(**message):
    print(json.dumps(message), flush=True)


def peak_rss_mb():
    with open("/proc/self/status") as status:
        for line in status:
            if line.startswith("VmHWM:"):
                return round(int(line.split()[1]) / 1024)


def reset_peak():
    """Starts the peak again at what is held now: making the inputs does not count."""
    try:
        with open("/proc/self/clear_refs", "w") as refs:
            refs.write("5")
    except OSError:
        pass


def read_inputs(folder):
    import numpy as np

    with open(os.path.join(folder, "inputs.json")) as file:
        specs = json.load(file)
    dtypes = {"f32": np.float32, "c64": np.complex64, "i32": np.int32}
    return [
        np.fromfile(os.path.join(folder, f"{i}.bin"), dtypes[spec["dtype"]]).reshape(spec["shape"])
        for i, spec in enumerate(specs)
    ]


def write_output(results, path):
    """All results behind one another as float32, complex ones interleaved; returns their lengths."""
    import numpy as np

    sizes = []
    with open(path, "wb") as file:
        for result in results if isinstance(results, (list, tuple)) else [results]:
            array = np.ascontiguousarray(result)
            flat = array.view(np.float32) if np.iscomplexobj(array) else array.astype(np.float32)
            flat.tofile(file)
            sizes.append(flat.size)
    return sizes


def serve(run):
    for line in sys.stdin:
        command, *arguments = line.strip().split(" ")
        if command == "sample":
            start = time.perf_counter()
            result = run()
            seconds = time.perf_counter() - start
            del result
            say(seconds=seconds)
        elif command == "output":
            start = time.perf_counter()
            result = run()
            seconds = time.perf_counter() - start
            sizes = write_output(result, " ".join(arguments))
            del result
            reset_peak()
            say(sizes=sizes, seconds=seconds)
        elif command == "peak":
            say(peak_rss_mb=peak_rss_mb())


def main(tool, op, folder=None, threads="1"):
    for name in ("OMP_NUM_THREADS", "MKL_NUM_THREADS", "OPENBLAS_NUM_THREADS"):
        os.environ[name] = threads  # before the libraries are loaded: they read them once
    try:
        version, used, ops = importlib.import_module(f"{tool}_ops").load(int(threads))
    except ImportError as error:
        say(absent=str(error))
        return
    if op == "list":
        say(version=version, threads=used, ops=sorted(ops))
        return
    inputs = read_inputs(folder)
    reset_peak()
    say(ready=True, version=version, threads=used)
    serve(lambda: ops[op](*inputs))


main(*sys.argv[1:])
