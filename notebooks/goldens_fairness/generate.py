"""Expected numbers for the Go package fairness, from fairlearn, AIF360, Aequitas and scikit-learn.

    python generate.py OUT                 synthetic and edge cases: data and goldens into OUT
    python generate.py OUT --shared DIR    also the goldens of the COMPAS and NIJ files in DIR (figures only, no rows)

Each golden names library, attribute, group and figure, in the library's own convention; the Go test knows the
conventions. NaN is written as null, infinity as null with "infinite".
"""

import argparse
import json
import logging
import math
import pathlib
import platform
import warnings
from importlib.metadata import version

import numpy as np
import pandas as pd

warnings.filterwarnings("ignore")
logging.disable(logging.WARNING)

import fairlearn.metrics as fl  # noqa: E402
import sklearn.metrics as sk  # noqa: E402
from aequitas.bias import Bias  # noqa: E402
from aequitas.fairness import Fairness  # noqa: E402
from aequitas.group import Group  # noqa: E402
from aif360.datasets import BinaryLabelDataset  # noqa: E402
from aif360.metrics import ClassificationMetric  # noqa: E402

LIBRARIES = ["fairlearn", "aif360", "aequitas", "scikit-learn", "numpy", "pandas"]
ALL = "all"


class Goldens:
    """Collects values and writes one file per data set."""

    def __init__(self, name, threshold):
        self.head = {
            "dataset": name,
            "threshold": threshold,
            "generator": "notebooks/goldens_fairness/generate.py",
            "python": platform.python_version(),
            "versions": {lib: version(lib) for lib in LIBRARIES},
        }
        self.values = []

    def add(self, library, attribute, group, figure, value, other="", weighted=False):
        if isinstance(value, (bool, np.bool_)):
            value = float(value)
        infinite = value is not None and math.isinf(value)
        value = None if value is None or math.isnan(value) or infinite else float(value)
        entry = {"library": library, "attribute": attribute, "group": group, "figure": figure, "value": value}
        if other:
            entry["other"] = other
        if infinite:
            entry["infinite"] = True
        if weighted:
            entry["weighted"] = True
        self.values.append(entry)

    def drop_small(self, df, smallest):
        """Leaves out groups of fewer people: nobody's outcome may be read off a file that is published."""
        n = {}
        for a in df.columns:
            for v, k in df[a].value_counts().items():
                n[a, v] = k
            for b in df.columns:
                for v, k in df.groupby([a, b]).size().items() if a != b else ():
                    n[f"{a},{b}", name_of(v)] = k
        self.values = [v for v in self.values if n.get((v["attribute"], v["group"]), smallest) >= smallest]

    def write(self, path):
        lines = ",\n".join("  " + json.dumps(v) for v in self.values)
        head = json.dumps(self.head, indent=1)[:-2]
        path.write_text(head + ',\n "values": [\n' + lines + "\n ]\n}\n")
        print(path, len(self.values))


def name_of(key):
    return ",".join(key) if isinstance(key, tuple) else key


def from_fairlearn(g, df, attributes, weights):
    metrics = {
        "selection_rate": fl.selection_rate,
        "tpr": fl.true_positive_rate,
        "fpr": fl.false_positive_rate,
        "tnr": fl.true_negative_rate,
        "fnr": fl.false_negative_rate,
        "ppv": lambda y, p, sample_weight=None: sk.precision_score(y, p, zero_division=0, sample_weight=sample_weight),
        "npv": lambda y, p, sample_weight=None: sk.precision_score(
            1 - y, 1 - p, zero_division=0, sample_weight=sample_weight
        ),
        "accuracy": sk.accuracy_score,
    }
    sets = [[a] for a in attributes] + [[a, b] for i, a in enumerate(attributes) for b in attributes[i + 1 :]]
    for weighted in [False] + ([True] if weights is not None else []):
        params = {m: {"sample_weight": weights} for m in metrics} if weighted else None
        extra = {"sample_weight": weights} if weighted else {}
        for of in sets:
            frame = fl.MetricFrame(
                metrics=metrics, y_true=df.y, y_pred=df.pred, sensitive_features=df[of], sample_params=params
            )
            attribute = ",".join(of)
            for key, row in frame.by_group.iterrows():
                for m, v in row.items():
                    if not (isinstance(v, float) and math.isnan(v) and len(of) > 1 and combination_empty(df, of, key)):
                        g.add("fairlearn", attribute, name_of(key), m, v, weighted=weighted)
            if of == [attributes[0]]:
                for m, v in frame.overall.items():
                    g.add("fairlearn", ALL, ALL, m, v, weighted=weighted)
            for figure, value in {
                "demographic_parity_difference": fl.demographic_parity_difference,
                "demographic_parity_ratio": fl.demographic_parity_ratio,
                "equalized_odds_difference": fl.equalized_odds_difference,
                "equalized_odds_ratio": fl.equalized_odds_ratio,
                "equal_opportunity_difference": fl.equal_opportunity_difference,
                "equal_opportunity_ratio": fl.equal_opportunity_ratio,
            }.items():
                v = value(df.y, df.pred, sensitive_features=df[of], **extra)
                g.add("fairlearn", attribute, "", figure, v, weighted=weighted)
            v = fl.equalized_odds_difference(df.y, df.pred, sensitive_features=df[of], agg="mean", **extra)
            g.add("fairlearn", attribute, "", "equalized_odds_mean_difference", v, weighted=weighted)
            for m in ["ppv", "npv", "fpr", "fnr", "tnr", "accuracy"]:
                name = {"ppv": "predictive_parity", "npv": "negative_predictive_parity"}.get(m, m)
                g.add("fairlearn", attribute, "", name + "_difference", frame.difference()[m], weighted=weighted)
                g.add("fairlearn", attribute, "", name + "_ratio", frame.ratio()[m], weighted=weighted)


def combination_empty(df, of, key):
    rows = np.ones(len(df), bool)
    for a, v in zip(of, key):
        rows &= df[a] == v
    return not rows.any()


def from_sklearn(g, df, attributes, weights, probability):
    groups = [(ALL, ALL, np.ones(len(df), bool))]
    for a in attributes:
        groups += [(a, v, (df[a] == v).to_numpy()) for v in sorted(df[a].unique())]
    for weighted in [False] + ([True] if weights is not None else []):
        for attribute, group, rows in groups:
            y, s = df.y[rows].to_numpy(), df.score[rows].to_numpy()
            w = weights[rows] if weighted else None
            add = lambda figure, v: g.add("scikit-learn", attribute, group, figure, v, weighted=weighted)  # noqa: E731
            add("mean_score", fl.mean_prediction(y, s, sample_weight=w))
            add("base_rate", np.average(y, weights=w))
            if len(np.unique(y)) == 2:
                add("auc", sk.roc_auc_score(y, s, sample_weight=w))
            if probability:
                add("brier", sk.brier_score_loss(y, s, pos_label=1, sample_weight=w))
                if s.min() > 0 and s.max() < 1:
                    add("log_loss", sk.log_loss(y, s, labels=[0, 1], sample_weight=w))
    if not probability:
        return
    for attribute, group, rows in groups:
        y, s = df.y[rows].to_numpy(), df.score[rows].to_numpy()
        if len(np.unique(y)) == 2 and s.min() > 0 and s.max() < 1 and s.min() < s.max():
            slope = cox_slope(y, s)
            if slope is not None:
                g.add("numpy", attribute, group, "calibration_slope", slope[0])
                g.add("numpy", attribute, group, "calibration_slope_robust_se", slope[1])
        edges = np.array([k / 10 for k in range(1, 10)])
        bins = np.searchsorted(edges, s, side="right")
        ece = sum(abs(y[bins == b].sum() - s[bins == b].sum()) for b in range(10) if (bins == b).any()) / len(y)
        g.add("numpy", attribute, group, "ece", ece)
        g.add("numpy", attribute, group, "o_minus_e", y.mean() - s.mean())
        g.add("numpy", attribute, group, "o_e", y.sum() / s.sum())


def cox_slope(y, s):
    """Newton's method on outcome ~ a + b logit(s), and the HC0 standard error of b."""
    x = np.column_stack([np.ones(len(s)), np.log(s) - np.log1p(-s)])
    beta = np.array([0.0, 1.0])
    for _ in range(100):
        p = 1 / (1 + np.exp(-x @ beta))
        h = x.T @ (x * (p * (1 - p))[:, None])
        if np.linalg.cond(h) > 1e12:
            return None
        step = np.linalg.solve(h, x.T @ (y - p))
        beta += step
        if np.abs(step).max() < 1e-14:
            break
    p = 1 / (1 + np.exp(-x @ beta))
    bread = np.linalg.inv(x.T @ (x * (p * (1 - p))[:, None]))
    meat = x.T @ (x * ((y - p) ** 2)[:, None])
    return beta[1], math.sqrt((bread @ meat @ bread)[1, 1])


def xauc(g, df, attribute):
    for a in sorted(df[attribute].unique()):
        for b in sorted(df[attribute].unique()):
            pos = np.sort(df.score[(df[attribute] == a) & (df.y == 1)].to_numpy())
            neg = np.sort(df.score[(df[attribute] == b) & (df.y == 0)].to_numpy())
            if a == b or len(pos) == 0 or len(neg) == 0:
                continue
            below, upto = np.searchsorted(neg, pos, "left"), np.searchsorted(neg, pos, "right")
            g.add("numpy", attribute, a, "xauc", (below.sum() + upto.sum()) / 2 / (len(pos) * len(neg)), other=b)


def aif_metric(df, attribute, favorable, group, reference):
    values = sorted(df[attribute].unique())
    code = {v: float(i) for i, v in enumerate(values)}
    data = pd.DataFrame({"a": df[attribute].map(code), "y": df.y.astype(float)})
    truth = BinaryLabelDataset(
        favorable_label=favorable,
        unfavorable_label=1 - favorable,
        df=data,
        label_names=["y"],
        protected_attribute_names=["a"],
    )
    pred = truth.copy()
    pred.labels = df.pred.to_numpy(float).reshape(-1, 1)
    return ClassificationMetric(
        truth, pred, unprivileged_groups=[{"a": code[group]}], privileged_groups=[{"a": code[reference]}]
    )


def from_aif360(g, df, attributes):
    for attribute in attributes:
        reference = largest(df, attribute)
        other = min(v for v in df[attribute].unique() if v != reference)
        for group in sorted(df[attribute].unique()):
            m = aif_metric(df, attribute, 1, group, reference if group != reference else other)
            for figure, value in {
                "selection_rate": m.selection_rate,
                "base_rate": m.base_rate,
                "tpr": m.true_positive_rate,
                "fpr": m.false_positive_rate,
                "fnr": m.false_negative_rate,
                "tnr": m.true_negative_rate,
                "ppv": m.positive_predictive_value,
                "npv": m.negative_predictive_value,
                "accuracy": m.accuracy,
            }.items():
                g.add("aif360", attribute, group, figure, value(privileged=False))
            if group == reference:
                continue
            for figure, value in {
                "selection_rate_difference": m.statistical_parity_difference,
                "selection_rate_ratio": m.disparate_impact,
                "average_odds_difference": m.average_odds_difference,
                "tpr_difference": m.equal_opportunity_difference,
                "fpr_difference": m.false_positive_rate_difference,
                "fpr_ratio": m.false_positive_rate_ratio,
                "fnr_difference": m.false_negative_rate_difference,
                "fnr_ratio": m.false_negative_rate_ratio,
            }.items():
                g.add("aif360", attribute, group, figure, value(), other=reference)
        m = aif_metric(df, attribute, 0, other, reference)
        g.add("aif360", attribute, "", "between_group_generalised_entropy", m.between_all_groups_generalized_entropy_index())
        g.add("aif360", attribute, "", "between_group_theil", m.between_all_groups_theil_index())
    g.add("aif360", ALL, ALL, "generalised_entropy", m.generalized_entropy_index())
    g.add("aif360", ALL, ALL, "theil", m.theil_index())


def largest(df, attribute):
    n = df[attribute].value_counts()
    return sorted(n[n == n.max()].index)[0]


def from_aequitas(g, df, attributes):
    data = df[attributes].copy()
    data["score"], data["label_value"] = df.pred, df.y
    table, _ = Group().get_crosstabs(data, attr_cols=attributes)
    bias = Bias().get_disparity_predefined_groups(
        table,
        original_df=data,
        ref_groups_dict={a: largest(df, a) for a in attributes},
        mask_significance=False,
    )
    fair = Fairness(tau=0.8).get_group_value_fairness(bias)
    rates = {
        "pprev": "selection_rate", "prev": "base_rate", "tpr": "tpr", "fpr": "fpr", "tnr": "tnr", "fnr": "fnr",
        "precision": "ppv", "npv": "npv", "accuracy": "accuracy", "fdr": "1-ppv", "for": "1-npv",
    }  # fmt: skip
    ratios = {
        "pprev": "selection_rate", "tpr": "tpr", "fpr": "fpr", "tnr": "tnr", "fnr": "fnr", "precision": "ppv", "npv": "npv",
    }  # fmt: skip
    parity = {
        "Impact Parity": "selection_rate", "TPR Parity": "tpr", "FPR Parity": "fpr", "FNR Parity": "fnr",
        "Precision Parity": "ppv", "NPV Parity": "npv",
    }  # fmt: skip
    for _, row in fair.iterrows():
        attribute, group = row.attribute_name, row.attribute_value
        for column, figure in rates.items():
            g.add("aequitas", attribute, group, figure, row[column])
        reference = largest(df, attribute)
        if group == reference:
            continue
        for column, figure in ratios.items():
            g.add("aequitas", attribute, group, figure + "_ratio", row[column + "_disparity"], other=reference)
        for column, figure in parity.items():
            if not math.isnan(row[{"selection_rate": "pprev", "ppv": "precision"}.get(figure, figure) + "_disparity"]):
                g.add("aequitas", attribute, group, figure + "_within_tolerance", row[column], other=reference)


def goldens(out, name, df, attributes, threshold, probability, weights=None, smallest=1):
    df = df.copy()
    df["pred"] = (df.score >= threshold).astype(int)
    g = Goldens(name, threshold)
    from_fairlearn(g, df, attributes, weights)
    from_sklearn(g, df, attributes, weights, probability)
    for a in attributes:
        xauc(g, df, a)
    from_aif360(g, df, attributes)
    from_aequitas(g, df, attributes)
    g.drop_small(df[attributes], smallest)
    g.write(out / f"goldens_{name}.json")


def synthetic():
    """Made-up people: four regions of unequal size, two sexes, scores on a grid so that ties occur."""
    rng = np.random.default_rng(20240611)
    n = 3000
    region = rng.choice(["north", "south", "east", "west"], n, p=[0.5, 0.3, 0.17, 0.03])
    sex = rng.choice(["f", "m"], n, p=[0.25, 0.75])
    margin = rng.normal(-0.6, 1, n) + 0.5 * (region == "south") + 0.3 * (sex == "m")
    risk = 1 / (1 + np.exp(-margin))
    y = (rng.random(n) < risk).astype(int)
    score = np.round(1 / (1 + np.exp(-(1.3 * margin + rng.normal(0, 0.5, n)))), 2).clip(0.01, 0.99)
    weight = np.round(rng.gamma(4, 0.25, n) + 0.05, 3)
    return pd.DataFrame({"region": region, "sex": sex, "score": score, "y": y, "weight": weight})


def edge():
    """Groups in which some rate has nothing to divide by, and a largest unit without a false alarm to compare with."""
    rows = []
    for group, cells in {
        "no_negatives": [(0.9, 1)] * 3 + [(0.2, 1)] * 2,
        "no_positives": [(0.8, 0)] * 2 + [(0.1, 0)] * 4,
        "none_selected": [(0.3, 1)] * 3 + [(0.2, 0)] * 5,
        "all_selected": [(0.7, 1)] * 4 + [(0.6, 0)] * 2,
        "usual": [(0.8, 1)] * 6 + [(0.3, 1)] * 2 + [(0.7, 0)] * 3 + [(0.2, 0)] * 9,
    }.items():
        for k, (s, y) in enumerate(cells):
            unit = "noisy" if s >= 0.5 and y == 0 or k % 4 == 0 else "clean"
            rows.append({"kind": group, "unit": unit, "score": s, "y": y})
    return pd.DataFrame(rows)


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("out", type=pathlib.Path)
    parser.add_argument("--shared", type=pathlib.Path)
    args = parser.parse_args()

    df = synthetic()
    df.to_csv(args.out / "synthetic.csv", index=False)
    goldens(args.out, "synthetic", df, ["region", "sex"], 0.5, True, df.weight.to_numpy())
    df = edge()
    df.to_csv(args.out / "edge.csv", index=False)
    goldens(args.out, "edge", df, ["kind", "unit"], 0.5, True)
    if not args.shared:
        return
    df = pd.read_csv(args.shared / "compas_two_years_deidentified.csv")
    df = df[["race", "sex", "decile_score", "two_year_recid"]].rename(columns={"decile_score": "score", "two_year_recid": "y"})
    goldens(args.out, "compas", df, ["race", "sex"], 5, False, smallest=10)
    df = pd.read_csv(args.shared / "nij_challenge_train.csv", dtype={"Residence_PUMA": str})
    df = df[df.Supervision_Risk_Score_First.notna()]
    df = pd.DataFrame({
        "Race": df.Race, "Gender": df.Gender, "Age_at_Release": df.Age_at_Release,
        "score": df.Supervision_Risk_Score_First / 11, "y": df.Recidivism_Within_3years.astype(int),
    }).reset_index(drop=True)  # fmt: skip
    goldens(args.out, "nij", df, ["Race", "Gender", "Age_at_Release"], 6 / 11, True, smallest=10)


if __name__ == "__main__":
    main()
