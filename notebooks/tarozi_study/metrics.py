"""Figures about predictions. Undefined (an empty group, one class only) is NaN, never zero."""

import numpy as np
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import roc_auc_score

NAN = float("nan")
Z95 = 1.959963984540054


def logit(p):
    p = np.clip(p, 1e-9, 1 - 1e-9)
    return np.log(p / (1 - p))


def sigmoid(m):
    return 1 / (1 + np.exp(-np.asarray(m, dtype=float)))


def wilson(events: int, n: int) -> tuple:
    """95 % interval of a rate (Wilson 1927)."""
    if n == 0:
        return NAN, NAN
    rate, z2 = events / n, Z95**2
    middle = (rate + z2 / (2 * n)) / (1 + z2 / n)
    half = Z95 * np.sqrt(rate * (1 - rate) / n + z2 / (4 * n * n)) / (1 + z2 / n)
    return middle - half, middle + half


def brier(y, p) -> float:
    return float(np.mean((np.asarray(p) - y) ** 2)) if len(y) else NAN


def auc(y, p) -> float:
    return float(roc_auc_score(y, p)) if 0 < np.sum(y) < len(y) else NAN


def ece(y, p, bins: int = 10) -> float:
    """Expected calibration error over bins of equal count (Naeini et al. 2015, with quantile bins)."""
    if not len(y):
        return NAN
    order = np.argsort(p, kind="stable")
    gaps = [len(part) * abs(np.mean(y[part]) - np.mean(p[part])) for part in np.array_split(order, bins) if len(part)]
    return float(np.sum(gaps) / len(y))


def calibration_line(y, p) -> tuple:
    """(slope, intercept-in-the-large) of a logistic regression of y on logit p (Cox 1958): 1 and 0 are perfect."""
    if not 0 < np.sum(y) < len(y):
        return NAN, NAN
    fit = LogisticRegression(C=np.inf, max_iter=1000, tol=1e-10).fit(logit(p).reshape(-1, 1), y)
    return float(fit.coef_[0, 0]), shift(y, logit(p))


def shift(y, margin) -> float:
    """The constant that, added to the margins, makes expected events equal observed ones (Newton)."""
    added = 0.0
    for _ in range(50):
        p = sigmoid(margin + added)
        step = (np.sum(y) - p.sum()) / (p * (1 - p)).sum()
        added += step
        if abs(step) < 1e-12:
            break
    return float(added)


def sexes_mean(y, p, sex) -> float:
    """Mean of men's and women's Brier score: the challenge's yardstick."""
    return float(np.mean([brier(y[sex == s], p[sex == s]) for s in ("female", "male")]))


def summary(y, p) -> dict:
    slope, large = calibration_line(y, p)
    return {
        "n": len(y),
        "brier": brier(y, p),
        "auc": auc(y, p),
        "ece": ece(y, p),
        "slope": slope,
        "intercept": large,
        "o_e": float(np.sum(y) / np.sum(p)) if len(y) else NAN,
    }


def group_errors(y, p, cut: float) -> dict:
    """Brier, AUC, observed over expected, and error rates of "high" (p at or above the cut)."""
    high = p >= cut
    negatives, positives = np.sum(y == 0), np.sum(y == 1)
    return {
        "n": len(y),
        "brier": brier(y, p),
        "auc": auc(y, p),
        "o_e": float(np.sum(y) / np.sum(p)) if len(y) else NAN,
        "fpr": float(np.sum(high & (y == 0)) / negatives) if negatives else NAN,
        "fnr": float(np.sum(~high & (y == 1)) / positives) if positives else NAN,
    }
