"""What activity during supervision gives away: gradient boosting and ours in years 2 and 3 on more and more of it."""

from dataclasses import replace
from fractions import Fraction

import lightgbm
import numpy as np
import pandas as pd

from . import activity, data, metrics, models, peers, study
from .inputs import RELEASE

LATER = activity.YEARS[1:]
SHARES = ("Avg_Days_per_DrugTest", "DrugTests_THC_Positive", "DrugTests_Cocaine_Positive", "Percent_Days_Employed", "Jobs_Per_Year")


def denominators(path, person) -> np.ndarray:
    """Of the exact fractions of the challenge's file, a column each, and the days that they give away together."""
    raw = pd.read_csv(path, dtype={"ID": str}).set_index("ID").loc[[name.removeprefix("nij-") for name in person]]
    columns = [
        [np.nan if np.isnan(value) else Fraction(value).limit_denominator(1100).denominator for value in raw[name].astype(float)]
        for name in SHARES
    ]
    return np.column_stack([*columns, activity.recovered_days(path, person)])


def boosted(inputs, x, y, seed):
    """Gradient boosting of eight leaves, which uses what the rounding left."""

    def filled(given):
        return np.column_stack([peers.unknown_gang_as_no(inputs, given[:, : len(inputs)]), given[:, len(inputs) :]])

    told = {"objective": "binary", "learning_rate": 0.03, "num_leaves": 8, "min_data_in_leaf": 40, "feature_fraction": 0.5,
            "bagging_fraction": 0.7, "bagging_freq": 1, "lambda_l2": 5, "num_threads": 1, "verbose": -1, "seed": seed,
            "deterministic": True, "force_row_wise": True}  # fmt: skip
    categorical = [j for j, given in enumerate(inputs) if given.categories]
    fitted = lightgbm.train(told, lightgbm.Dataset(filled(x), y, categorical_feature=categorical, params={"verbose": -1}), 400)
    return lambda held: fitted.predict(filled(held), raw_score=True)


def table(sample, path) -> pd.DataFrame:
    """sample: with activity. path: of the challenge's file, for its exact fractions."""
    rounded = data.matrix(activity.INPUTS, sample.frame)
    ways = {
        "release-time features": rounded[:, : len(RELEASE)],
        "with activity, rounded": rounded,
        "with activity and its denominators": np.column_stack([rounded, denominators(path, sample.frame["person_id"])]),
    }
    fold = study.folds.split(sample.outcomes, study.FOLDS, 1000)
    found = []
    sex = sample.audit["sex"].to_numpy()

    def add(model, head, margin):
        risk, y = head.at_risk(sample.outcomes), head.happened(sample.outcomes)
        p = study.calibrated_out_of_fold(head, margin, sample, 0)
        found.append({"model": model, "head": head.id, "brier_of_sexes": metrics.sexes_mean(y[risk], p[risk], sex[risk])}
                     | metrics.summary(y[risk], p[risk]))  # fmt: skip

    for name, x in ways.items():
        for head in LATER:
            risk, y, margin = head.at_risk(sample.outcomes), head.happened(sample.outcomes), np.empty(len(fold))
            for k in range(study.FOLDS):
                known = risk & (fold != k)
                margin[fold == k] = boosted(activity.INPUTS[: x.shape[1]], x[known], y[known], 1)(x[fold == k])
            add(f"gradient boosting, {name}", head, margin)
    for name, unknown in (("georgia-activity (ours, rounded)", "learned"), ("ours, unknown never under the average", "held"),
                          ("ours, unknown drawn", "drawn")):  # fmt: skip
        margins = {head.id: np.empty(len(fold)) for head in LATER}
        for k in range(study.FOLDS):
            fitted = activity.fit_later(sample.rows(fold != k), 1, replace(activity.SETTINGS, unknown=unknown))
            for head, margin in models.margins(fitted, sample.frame[fold == k]).items():
                margins[head][fold == k] = margin
        for head in LATER:
            add(name, head, margins[head.id])
    return pd.DataFrame(found)
