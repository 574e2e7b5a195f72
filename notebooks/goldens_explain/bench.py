"""Times shap's TreeExplainer and the explain package on the same models, rows and background rows, in one run, one core each.

python -m goldens_explain.bench FOLDER (from notebooks/); the folder takes the models. shap runs twice: raw (log-odds) and
probability; ours gives both units at once. Times are the processor's, so that other programs do not lengthen them. The fixed
cost of a call from Python is that of one row against one background row. Last, what additive contributions cost on top of a
score: the served bundle's, against its heads alone and against a whole assessment without them.
"""

import json
import os
import resource
import subprocess
import sys
import time
import warnings
from pathlib import Path

os.environ["OMP_NUM_THREADS"] = "1"

import lightgbm  # noqa: E402
import numpy as np  # noqa: E402
import onnxmltools  # noqa: E402
import shap  # noqa: E402
import xgboost  # noqa: E402
from onnxmltools.convert.common.data_types import FloatTensorType  # noqa: E402

from .base import plain_attributes, table  # noqa: E402

ROWS, BACKGROUND, COLUMNS, TREES, DEPTH, AIM = 1000, 100, 20, 300, 4, 5.0
ROOT = Path(__file__).resolve().parents[2]
REPEATS, MOST = 5000, 0.20


def seconds(call):
    start = time.process_time()
    result = call()
    return time.process_time() - start, result


def time_shap(model, rows, background, output):
    def explain(x, z):
        return shap.TreeExplainer(model, z, feature_perturbation="interventional", model_output=output).shap_values(
            x, check_additivity=False)

    explain(rows[:1], background[:1])
    fixed, _ = seconds(lambda: explain(rows[:1], background[:1]))
    whole, values = seconds(lambda: explain(rows, background))
    return fixed, whole, values


def main():
    warnings.simplefilter("ignore")
    plain_attributes()
    folder = Path(sys.argv[1])
    folder.mkdir(parents=True, exist_ok=True)
    x, y, _ = table(4000, COLUMNS)
    rows, background = x[:ROWS], x[ROWS:ROWS + BACKGROUND]
    (folder / "rows.bin").write_bytes(rows.tobytes())
    (folder / "background.bin").write_bytes(background.tobytes())
    boosted = dict(n_estimators=TREES, learning_rate=0.05, random_state=0, n_jobs=1)
    types = [("X", FloatTensorType([None, COLUMNS]))]
    models, described = {}, []
    models["xgboost"] = xgboost.XGBClassifier(max_depth=DEPTH, **boosted).fit(x, y)
    models["lightgbm"] = lightgbm.LGBMClassifier(num_leaves=2**DEPTH, max_depth=DEPTH, verbose=-1, **boosted).fit(x, y)
    exported = {
        "xgboost": onnxmltools.convert_xgboost(models["xgboost"], initial_types=types, target_opset=15),
        "lightgbm": onnxmltools.convert_lightgbm(models["lightgbm"], initial_types=types, zipmap=False, target_opset=15),
    }
    for name, model in exported.items():
        (folder / f"{name}.onnx").write_bytes(model.SerializeToString())
        described.append({"name": name, "output": model.graph.output[-1].name, "column": 1, "probability": True, "columns": COLUMNS})
    (folder / "models.json").write_text(json.dumps(described))
    measured = {name: {output: time_shap(model, rows.astype(np.float64), background.astype(np.float64), output)
                       for output in ("raw", "probability")} for name, model in models.items()}
    binary = folder / "bench"
    subprocess.run(["go", "build", "-o", binary, "./explain/bench"], cwd=ROOT, check=True)
    lines = subprocess.run([binary, folder], cwd=ROOT, check=True, capture_output=True, text=True).stdout.splitlines()
    print(f"{ROWS} rows x {BACKGROUND} background rows, {TREES} trees of depth {DEPTH}, {COLUMNS} columns, one core; seconds of the processor")
    print(f"{'model':<10}{'shap unit':<14}{'shap':>8}{'fixed':>8}{'net':>8}{'ours, both units':>18}{'ratio':>8}")
    for line in map(json.loads, lines):
        for output, (fixed, whole, values) in measured[line["name"]].items():
            ratio = (whole - fixed) / line["explain"]
            verdict = "" if ratio >= AIM else f"  MISS: the aim is {AIM:g}"
            print(f"{line['name']:<10}{output:<14}{whole:>8.2f}{fixed:>8.3f}{whole - fixed:>8.2f}{line['explain']:>18.3f}{ratio:>8.1f}{verdict}")
            if output == "raw":
                off = np.abs(np.asarray(values)[0] - line["first"]).max()
                if off > 1e-5:
                    sys.exit(f"{line['name']}: the first row's parts differ by {off}: two different things were timed")
    additive(folder)


def additive(folder):
    """Microseconds of the processor for one person's scores, from scoring's benchmarks."""
    binary = folder / "scoring.test"
    subprocess.run(["go", "test", "-c", "-o", binary, "./scoring"], cwd=ROOT, check=True)

    def used(benchmark, repeats):
        before = resource.getrusage(resource.RUSAGE_CHILDREN)
        subprocess.run([binary, "-test.run", "^$", "-test.bench", benchmark, "-test.benchtime", f"{repeats}x", "-test.cpu", "1"],
                       cwd=ROOT / "scoring", check=True, capture_output=True)
        after = resource.getrusage(resource.RUSAGE_CHILDREN)
        return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime

    def microseconds(benchmark):
        return min(used(benchmark, REPEATS + 1) - used(benchmark, 1) for _ in range(3)) / REPEATS * 1e6

    heads, numbers, answer = (microseconds(f"Contributions/{part}$") for part in
                              ("score", "score_and_contributions", "score_and_answer"))
    whole = microseconds("Assess$")
    print(f"\nadditive contributions of one person's scores, microseconds of the processor; at most {MOST:.0%} is aimed at")
    for name, more, base in (("numbers, over the heads alone", numbers - heads, heads),
                             ("rows of the answer, over the heads alone", answer - heads, heads),
                             ("rows of the answer, over request to answer", answer - heads, whole - (answer - heads))):
        verdict = "" if more / base <= MOST else "  MISS"
        print(f"{name:<44}{more:>8.1f} over {base:>8.1f}: {more / base:>7.1%}{verdict}")


main()
