"""Writing of golden models: a model, 64 rows, and what ONNX Runtime makes of them.

A golden is one zip file: model.onnx, input_N.pb and output_N.pb (TensorProto, in
the order of the graph) and golden.json (kind, generator, versions).
"""

import io
import json
import warnings
import zipfile
from importlib.metadata import version
from pathlib import Path

import numpy as np
import onnx
import onnxruntime
from onnx import TensorProto, helper, numpy_helper

ROWS = 64
TARGET = Path(__file__).resolve().parents[2] / "model" / "onnx" / "testdata" / "goldens"
SOFTWARE = ["onnx", "onnxruntime", "scikit-learn", "skl2onnx", "onnxmltools", "lightgbm", "xgboost", "interpret-core",
            "ebm2onnx", "numpy"]
VERSIONS = {name: version(name) for name in SOFTWARE}
EPOCH = (2026, 1, 1, 0, 0, 0)

written = {}
absent = {}


def plain_attributes():
    """Lets exporters pass numpy scalars and arrays as attributes, which newer onnx refuses."""
    make = helper.make_attribute

    def simple(v):
        if isinstance(v, np.ndarray):
            return [simple(x) for x in v.tolist()]
        if isinstance(v, (list, tuple)):
            return [simple(x) for x in v]
        v = v.item() if isinstance(v, np.generic) else v
        return int(v) if isinstance(v, bool) else v

    helper.make_attribute = lambda key, value, *a, **k: make(key, simple(value), *a, **k)


def data(rows=400, columns=8, seed=1):
    """Generated training rows: counts, shares, a flag, two classes that depend on them."""
    rng = np.random.default_rng(seed)
    x = np.empty((rows, columns))
    for j in range(columns):
        x[:, j] = [rng.poisson(2, rows), rng.normal(0, 1, rows), rng.integers(0, 2, rows),
                   rng.uniform(0, 1, rows).round(2)][j % 4]
    z = 0.5 * x[:, 0] - x[:, 1] + 0.8 * x[:, 2] * x[:, min(3, columns - 1)] - 1 + rng.normal(0, 0.7, rows)
    return x.astype(np.float32), (z > 0).astype(np.int64), z


def classes3(z):
    return np.digitize(z, np.quantile(z, [0.33, 0.66])).astype(np.int64)


def thresholds(model):
    """Split points and feature numbers of all tree ensembles in a model."""
    found = []
    for node in model.graph.node:
        attributes = {a.name: a for a in node.attribute}
        if node.op_type not in ("TreeEnsembleRegressor", "TreeEnsembleClassifier"):
            continue
        values = (list(attributes["nodes_values"].floats) if "nodes_values" in attributes
                  else list(numpy_helper.to_array(attributes["nodes_values_as_tensor"].t)))
        modes = attributes["nodes_modes"].strings
        for f, v, m in zip(attributes["nodes_featureids"].ints, values, modes):
            if m != b"LEAF":
                found.append((f, v))
    return found


def rows(x, model=None, missing=True, infinite=True, dtype=np.float32, seed=7):
    """64 rows: real ones, then zeros, exact thresholds, their neighbours, NaN and infinities."""
    rng = np.random.default_rng(seed)
    out = x[rng.integers(0, len(x), ROWS)].astype(dtype)
    columns = out.shape[1]
    out[20] = 0
    out[21] = -out[21]
    out[22] = out[22] * 20
    points = thresholds(model) if model is not None else []
    if points:
        for i in range(23, 47):
            for _ in range(columns):
                f, v = points[rng.integers(0, len(points))]
                v = dtype(v)
                out[i, f] = [v, np.nextafter(v, dtype(np.inf)), np.nextafter(v, dtype(-np.inf))][rng.integers(0, 3)]
    if missing:
        for i in range(47, 58):
            out[i, rng.random(columns) < 0.3] = np.nan
        out[58] = np.nan
    if infinite:
        out[59, ::2] = np.inf
        out[60, 1::2] = -np.inf
        out[61, rng.integers(0, columns)] = np.inf
        out[62, rng.integers(0, columns)] = -np.inf
    return out


def reference(model, inputs):
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = 1
    options.inter_op_num_threads = 1
    options.log_severity_level = 4
    session = onnxruntime.InferenceSession(model.SerializeToString(), options, providers=["CPUExecutionProvider"])
    names = [i.name for i in session.get_inputs()]
    outputs = session.run(None, dict(zip(names, inputs)))
    return [plain(o) for o in outputs], [o.name for o in session.get_outputs()]


def plain(output):
    """The tensor under a ZipMap: probabilities in the order of the classes."""
    if isinstance(output, list):
        keys = sorted(output[0])
        return np.array([[row[k] for k in keys] for row in output], dtype=np.float32)
    return output


def proto(array):
    array = np.asarray(array)
    if array.dtype.kind in "UO":
        return helper.make_tensor("", TensorProto.STRING, array.shape, [str(s).encode() for s in array.ravel()])
    return numpy_helper.from_array(np.ascontiguousarray(array))


def expose(model):
    """Makes every intermediate tensor an output."""
    inferred = onnx.shape_inference.infer_shapes(model)
    known = {v.name: v for v in inferred.graph.value_info}
    have = {o.name for o in model.graph.output}
    out = onnx.ModelProto()
    out.CopyFrom(model)
    for node in model.graph.node:
        for name in node.output:
            if name in known and name not in have and known[name].type.tensor_type.elem_type:
                out.graph.output.append(known[name])
    return out


def attempt(name, make):
    """Runs make; an export that the exporter or ONNX Runtime cannot do is told and left out."""
    try:
        make()
    except Exception as e:  # the libraries raise everything from KeyError to their own types
        absent[name] = f"{type(e).__name__}: {e}"[:150].replace("\n", " ")


def golden(name, kind, model, inputs):
    if name in written:
        raise ValueError(f"two goldens are named {name}")
    inputs = [np.asarray(i) for i in inputs]
    # Exporters put a random id there, and take the imports from a set.
    model.graph.name = name
    imports = sorted(model.opset_import, key=lambda o: (o.domain, o.version))
    del model.opset_import[:]
    model.opset_import.extend(imports)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        outputs, _ = reference(model, inputs)
    about = {"kind": kind, "generator": "notebooks/goldens_onnx", "versions": VERSIONS}
    target = TARGET / f"{name}.zip"
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED, compresslevel=9) as z:
        def put(entry, content):
            z.writestr(zipfile.ZipInfo(entry, EPOCH), content, zipfile.ZIP_DEFLATED)
        put("golden.json", json.dumps(about, sort_keys=True))
        put("model.onnx", model.SerializeToString())
        for i, a in enumerate(inputs):
            put(f"input_{i}.pb", proto(a).SerializeToString())
        for i, a in enumerate(outputs):
            put(f"output_{i}.pb", proto(a).SerializeToString())
    written[name] = kind


def finish():
    size = sum(p.stat().st_size for p in TARGET.glob("*.zip"))
    for name, reason in sorted(absent.items()):
        print(f"left out: {name}: {reason}")
    print(f"{len(written)} goldens of {len(set(written.values()))} kinds, {size / 1e6:.2f} MB")
