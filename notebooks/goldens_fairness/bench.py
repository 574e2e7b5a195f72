"""Times the Go frame and fairlearn's MetricFrame on a million people with four attributes, and prints the ratio.

    python bench.py            run from the repository's root

Ours: every metric of 4 attributes and their 6 intersections, 1,000 bootstrap replicates. fairlearn: one MetricFrame of
five rates over one cut of the people (all four attributes together), 20 replicates, scaled to 1,000. That is less work
than ours (no AUC, no calibration, one frame instead of eleven), so the ratio is a lower bound.
"""

import re
import subprocess
import time

import fairlearn.metrics as fl
import numpy as np
import pandas as pd
import sklearn.metrics as sk

ROWS, REPLICATES, OURS = 1_000_000, 20, 1000


def ours():
    out = subprocess.run(
        ["go", "test", "-run", "^$", "-bench", "^BenchmarkFrame$", "-benchtime", "1x", "./fairness"],
        check=True,
        capture_output=True,
        text=True,
    ).stdout
    return float(re.search(r"(\d+) ns/op", out)[1]) / 1e9


def fairlearn():
    rng = np.random.default_rng(1)
    groups = pd.DataFrame({
        "sex": rng.choice(["f", "m"], ROWS),
        "ethnicity": rng.choice(list("abcde"), ROWS),
        "age": rng.choice(["18-24", "25-39", "40-59", "60+"], ROWS),
        "region": rng.choice(["north", "south", "east"], ROWS),
    })  # fmt: skip
    score = 1 / (1 + np.exp(-rng.normal(-0.6, 1, ROWS)))
    y = (rng.random(ROWS) < score).astype(int)
    metrics = {
        "selection_rate": fl.selection_rate,
        "tpr": fl.true_positive_rate,
        "fpr": fl.false_positive_rate,
        "fnr": fl.false_negative_rate,
        "ppv": sk.precision_score,
    }
    start = time.perf_counter()
    fl.MetricFrame(
        metrics=metrics,
        y_true=y,
        y_pred=(score >= 0.5).astype(int),
        sensitive_features=groups,
        n_boot=REPLICATES,
        ci_quantiles=[0.025, 0.975],
        random_state=1,
    )
    return time.perf_counter() - start


def main():
    a = ours()
    print(f"tarozi: {a:.1f} s for {OURS} replicates of every metric, 4 attributes and 6 intersections", flush=True)
    b = fairlearn()
    scaled = b * OURS / REPLICATES
    print(f"fairlearn: {b:.1f} s for {REPLICATES} replicates of 5 rates over one frame, {scaled:.0f} s for {OURS}")
    print(f"ratio: {scaled / a:.1f}")


if __name__ == "__main__":
    main()
