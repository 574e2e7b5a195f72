"""Fits additive models."""

import warnings

import numpy as np
import pandas as pd
from interpret.glassbox import ExplainableBoostingClassifier

from .additive import Additive, bin_matrix

UNSEEN_AS = {"public_order": "other", "traffic": "other"}  # the data's "other" holds them


def explainable_boosting(inputs, frame, y, seed: int, pairs: int = 8, bags: int = 8) -> Additive:
    """interpret's Explainable Boosting Machine (Nori et al. 2019) as tables.

    Its monotone constraints hold for main effects; it keeps monotone inputs out of the pairs it looks for.
    """
    binned = bin_matrix(inputs, frame)
    columns, kinds = {}, []
    for j, given in enumerate(inputs):
        known = np.where(binned[:, j] == 0, np.nan, binned[:, j])
        columns[given.feature] = (
            pd.Series([None if np.isnan(v) else str(int(v)) for v in known], dtype=object) if given.categories else known
        )
        kinds.append("nominal" if given.categories else "continuous")
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", message="Missing values detected")
        fitted = ExplainableBoostingClassifier(
            feature_types=kinds,
            monotone_constraints=[given.monotone for given in inputs],
            interactions=pairs,
            outer_bags=bags,
            n_jobs=1,
            random_state=seed,
        ).fit(pd.DataFrame(columns), np.asarray(y))
    slots = [_slots(given, fitted.bins_[j]) for j, given in enumerate(inputs)]
    terms = []
    for axes, scores in zip(fitted.term_features_, fitted.term_scores_, strict=True):
        picked = [slots[axis][min(len(axes), len(slots[axis])) - 1] for axis in axes]
        terms.append((tuple(axes), np.asarray(scores)[np.ix_(*picked)]))
    return Additive(inputs, float(fitted.intercept_[0]), terms).centred(binned)


def _slots(given, levels) -> list:
    """For each level of resolution that EBM keeps, its slot for each of our bins, missing first."""
    found = []
    for bins in levels:
        if given.categories:
            stand_in = {given.categories.index(a): given.categories.index(b) for a, b in UNSEEN_AS.items() if a in given.categories}
            found.append([0] + [bins[str(1 + (k if str(1 + k) in bins else stand_in[k]))] for k in range(given.bins)])
        else:
            found.append([0] + [int(np.searchsorted(bins, k, side="right")) + 1 for k in range(1, given.bins + 1)])
        if given.missing_as == "no":
            found[-1][0] = found[-1][1]
    return found
