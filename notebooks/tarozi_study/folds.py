"""Predictions for people whom the model has not seen."""

import numpy as np
from sklearn.model_selection import StratifiedKFold


def split(outcomes, folds: int, seed: int) -> np.ndarray:
    """A fold number for each row, the same for all heads, strata of arrest year and violation."""
    strata = outcomes["arrest_months"].to_numpy() * 2 + outcomes["violation"].to_numpy()
    number = np.empty(len(outcomes), dtype=int)
    for k, (_, held) in enumerate(StratifiedKFold(folds, shuffle=True, random_state=seed).split(strata, strata)):
        number[held] = k
    return number


def out_of_fold(fit, frame, at_risk, happened, fold) -> np.ndarray:
    """fit(frame, y) -> predictor(frame). Trained on those at risk in the other folds, predicts everybody in its own."""
    predicted = np.empty(len(frame))
    for k in np.unique(fold):
        train, held = at_risk & (fold != k), fold == k
        predicted[held] = fit(frame[train], happened[train])(frame[held])
    return predicted
