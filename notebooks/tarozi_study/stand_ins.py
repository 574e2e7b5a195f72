"""How well the inputs of a model tell what it may not read."""

import numpy as np
import pandas as pd

from . import folds, metrics, peers
from .data import matrix

TOGETHER = "all together"
ASKED = (("sex", "female"), ("race", "black"))
FOLDS = 3


def told(inputs, sample) -> pd.DataFrame:
    """AUC of telling each attribute's group by all inputs together (gradient boosting, out of fold) and by each alone, best first.

    Alone: the share of the group at each value, in the sample itself; with few values that flatters little.
    """
    x = matrix(inputs, sample.frame)
    fold = folds.split(sample.outcomes, FOLDS, 1000)
    found = []
    for attribute, group in ASKED:
        y = (sample.audit[attribute] == group).to_numpy().astype(int)
        together = np.empty(len(y))
        for k in range(FOLDS):
            together[fold == k] = peers.gradient_boosting(inputs, x[fold != k], y[fold != k], 1)(x[fold == k])
        found.append({"attribute": attribute, "input": TOGETHER, "auc": metrics.auc(y, together)})
        for given, column in zip(inputs, x.T, strict=True):
            known = np.nan_to_num(column) if given.missing_as == "no" else column
            rate = pd.Series(y).groupby(np.where(np.isnan(known), -1, known)).transform("mean").to_numpy()
            found.append({"attribute": attribute, "input": given.feature, "auc": metrics.auc(y, rate)})
    return pd.DataFrame(found).sort_values(["attribute", "auc"], ascending=[True, False], kind="stable")


def for_card(inputs, sample, strongest: int = 6) -> list:
    table = told(inputs, sample)
    made = []
    for attribute, group in ASKED:
        rows = table[table["attribute"] == attribute]
        alone = rows[rows["input"] != TOGETHER].head(strongest)
        made.append({
            "attribute": attribute,
            "group": group,
            "auc": round(float(rows.loc[rows["input"] == TOGETHER, "auc"].iloc[0]), 4),
            "inputs": [{"feature": row.input, "auc": round(float(row.auc), 4)} for row in alone.itertuples()],
        })
    return made
