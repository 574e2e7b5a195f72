"""Times the Go frame and fairlearn's MetricFrame on a million people with four attributes, and prints the ratio.

    python bench.py            run from the repository's root

Ours: every metric of 4 attributes and their 6 intersections, 1,000 bootstrap replicates. fairlearn: one MetricFrame of
five rates over one of the attributes, 20 replicates, scaled to 1,000. That is far less work than ours (no AUC, no
calibration, 5 groups instead of 85), so the ratio is a lower bound.
"""

import re
import resource
import subprocess
import tempfile
import time

import fairlearn.metrics as fl
import numpy as np
import pandas as pd
import sklearn.metrics as sk

ROWS, REPLICATES, OURS = 1_000_000, 20, 1000


def ours():
    """Seconds on the clock and of all processors; on a machine busy with other work only the second says much."""
    with tempfile.TemporaryDirectory() as folder:
        binary = f"{folder}/fairness.test"
        subprocess.run(["go", "test", "-c", "-o", binary, "./fairness"], check=True)
        before = resource.getrusage(resource.RUSAGE_CHILDREN)
        command = [binary, "-test.run", "^$", "-test.bench", "^BenchmarkFrame$", "-test.benchtime", "1x"]
        out = subprocess.run(command, check=True, capture_output=True, text=True).stdout
        after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return float(re.search(r"(\d+) ns/op", out)[1]) / 1e9, after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


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
    start, start_processor = time.perf_counter(), time.process_time()
    fl.MetricFrame(
        metrics=metrics,
        y_true=y,
        y_pred=(score >= 0.5).astype(int),
        sensitive_features=groups.ethnicity,
        n_boot=REPLICATES,
        ci_quantiles=[0.025, 0.975],
        random_state=1,
    )
    return time.perf_counter() - start, time.process_time() - start_processor


def main():
    a, processors = ours()
    print(f"tarozi: {a:.1f} s ({processors:.1f} s of processor time) for {OURS} replicates of every metric, 4 attributes and 6 intersections", flush=True)
    b, its_processor = fairlearn()
    scaled = b * OURS / REPLICATES
    print(f"fairlearn: {b:.1f} s ({its_processor:.1f} s of processor time) for {REPLICATES} replicates of 5 rates over one attribute, {scaled:.0f} s for {OURS}")
    print(f"ratio: {scaled / a:.1f} by the clock, {its_processor * OURS / REPLICATES / processors:.1f} by processor time")


if __name__ == "__main__":
    main()
