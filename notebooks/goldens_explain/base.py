"""Writing of golden explanations: a graph, rows, background rows, and what shap or interpret makes of them.

A golden is one zip file: model.onnx and golden.json (what is explained, rows, background, expected parts, versions).
"""

import json
import zipfile
from importlib.metadata import version
from pathlib import Path

import numpy as np
from onnx import helper

TARGET = Path(__file__).resolve().parents[2] / "explain" / "testdata" / "goldens"
SOFTWARE = ["shap", "interpret-core", "scikit-learn", "lightgbm", "xgboost", "onnx", "skl2onnx", "onnxmltools", "numpy"]
VERSIONS = {name: version(name) for name in SOFTWARE}
EPOCH = (2026, 1, 1, 0, 0, 0)
ROWS, BACKGROUND, COLUMNS = 6, 24, 8

written = {}


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


def table(rows=500, columns=COLUMNS, seed=1, missing=0.0):
    """Generated rows (counts, reals, flags, shares), classes and a number that depend on them."""
    rng = np.random.default_rng(seed)
    kinds = [lambda: rng.poisson(2, rows), lambda: rng.normal(0, 1, rows), lambda: rng.integers(0, 2, rows),
             lambda: rng.uniform(0, 1, rows)]
    x = np.column_stack([kinds[j % 4]() for j in range(columns)]).astype(np.float32)
    z = 0.5 * x[:, 0] - x[:, 1] + 0.9 * x[:, 2] * x[:, 3] + 0.4 * x[:, 5] * x[:, 1] - 1 + rng.normal(0, 0.6, rows)
    x[rng.random(x.shape) < missing] = np.nan
    return x, (z > 0).astype(np.int64), z


def samples(x):
    """The rows that are explained and the background rows, none in both."""
    return x[:ROWS], x[ROWS:ROWS + BACKGROUND]


def golden(name, kind, model, *, method, output, x, parts, baseline, margins, column=0, probability=False, factors=None,
           points=None, against=None, software="shap", tolerance=1e-6, background=None, rows=None):
    """Stores one golden. parts [rows, factors], baseline and margins are in the unit of the explained sum: log-odds, or a
    probability where ``probability_parts`` is set by the method. against [background, factors] are the parts of the first
    row against each background row alone."""
    if name in written:
        raise ValueError(f"two goldens are named {name}")
    model.graph.name = name  # exporters invent one anew each time, and list the operator sets in no order
    imports = sorted(model.opset_import, key=lambda o: o.domain)
    del model.opset_import[:]
    model.opset_import.extend(imports)
    own_rows, own_background = samples(x)
    rows = own_rows if rows is None else rows
    background = own_background if background is None else background
    about = {
        "kind": kind, "generator": "notebooks/goldens_explain", "software": software, "versions": VERSIONS,
        "method": method, "output": output, "column": column, "probability": probability, "factors": factors,
        "rows": matrix(rows), "background": matrix(background), "tolerance": tolerance,
        "expected": {
            "baseline": float(baseline), "margins": matrix([margins])[0], "parts": matrix(parts),
            "points": None if points is None else {"baseline": float(points[0]), "parts": matrix(points[1])},
            "against": None if against is None else matrix(against),
        },
    }
    with zipfile.ZipFile(TARGET / f"{name}.zip", "w", zipfile.ZIP_DEFLATED, compresslevel=9) as z:
        for entry, content in (("golden.json", json.dumps(about, sort_keys=True)), ("model.onnx", model.SerializeToString())):
            z.writestr(zipfile.ZipInfo(entry, EPOCH), content, zipfile.ZIP_DEFLATED)
    written[name] = kind


def matrix(values):
    """Numbers as JSON has them: null for a missing one."""
    return [[None if np.isnan(v) else float(v) for v in row] for row in np.asarray(values, dtype=np.float64)]


def joined(parts, factors):
    """Parts of columns added up by factor."""
    out = np.zeros((len(parts), max(factors) + 1))
    for column, factor in enumerate(factors):
        out[:, factor] += np.asarray(parts)[:, column]
    return out


def finish():
    size = sum(p.stat().st_size for p in TARGET.glob("*.zip"))
    print(f"{len(written)} goldens of {len(set(written.values()))} kinds, {size / 1e6:.2f} MB")
