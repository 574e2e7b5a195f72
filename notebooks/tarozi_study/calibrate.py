"""Calibration: smooth, strictly increasing maps from margin to probability.

The maps are data of the bundle, applied in Go. Platt (1999): sigmoid(a m + b). Beta (Kull et al. 2017): with
p0 = sigmoid(m), logit p = a ln p0 - b ln(1 - p0) + c.
"""

import numpy as np
from scipy.optimize import minimize
from sklearn.isotonic import IsotonicRegression

from .metrics import sigmoid

DIGITS = 9  # of a fitted constant; the solver's further ones differ between machines


def _log_loss(margin, y):
    return np.mean(np.logaddexp(0, margin) - y * margin)


def platt(margin, y) -> dict:
    """Least log-loss slope and intercept (without Platt's smoothing of targets: the samples are large)."""
    found = minimize(
        lambda ab: _log_loss(ab[0] * margin + ab[1], y),
        [1.0, 0.0],
        jac=lambda ab: [np.mean((sigmoid(ab[0] * margin + ab[1]) - y) * margin), np.mean(sigmoid(ab[0] * margin + ab[1]) - y)],
        method="BFGS",
        options={"gtol": 1e-9},
    )
    a, b = (round(float(v), DIGITS) for v in found.x)
    if a <= 0:
        raise ValueError(f"calibration slope {a:.3f}: the margins do not rank this sample, nothing to calibrate")
    return {"method": "platt", "a": a, "b": b}


def beta(margin, y) -> dict:
    """Least log-loss beta calibration with a, b >= 0."""
    low, high = -np.logaddexp(0, -margin), -np.logaddexp(0, margin)

    def loss(abc):
        m = abc[0] * low - abc[1] * high + abc[2]
        wrong = sigmoid(m) - y
        return _log_loss(m, y), [np.mean(wrong * low), np.mean(-wrong * high), np.mean(wrong)]

    found = minimize(loss, [1.0, 1.0, 0.0], jac=True, method="L-BFGS-B", bounds=[(0, None), (0, None), (None, None)],
                     options={"ftol": 1e-14, "gtol": 1e-9})
    a, b, c = (round(float(v), DIGITS) for v in found.x)
    return {"method": "beta", "a": a, "b": b, "c": c}


def calibrated_logit(calibration: dict, margin):
    if calibration["method"] == "platt":
        return calibration["a"] * margin + calibration["b"]
    low, high = -np.logaddexp(0, -margin), -np.logaddexp(0, margin)
    return calibration["a"] * low - calibration["b"] * high + calibration["c"]


def apply(calibration: dict, margin):
    """Probability for a margin, as the product computes it."""
    return sigmoid(calibrated_logit(calibration, margin))


def isotonic(margin, y):
    """A step function for comparison alone: it is not strictly increasing, so it cannot ship."""
    return IsotonicRegression(out_of_bounds="clip", y_min=1e-4, y_max=1 - 1e-4).fit(margin, y)


def venn_abers(calibration_margin, calibration_y, margin):
    """Inductive Venn-Abers (Vovk, Petej 2014): (p0, p1) for each margin.

    The isotonic fit with the new case added as 0 and as 1: a probability that is calibrated lies between them.
    """
    known, labels = np.asarray(calibration_margin), np.asarray(calibration_y, dtype=float)
    values, position = np.unique(margin, return_inverse=True)
    at = np.empty((len(values), 2))
    for i, value in enumerate(values):
        for label in (0, 1):
            fit = IsotonicRegression().fit(np.append(known, value), np.append(labels, label))
            at[i, label] = fit.predict([value])[0]
    return at[position]
