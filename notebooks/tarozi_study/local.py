"""Does a model hold for other people? Checks, recalibration, and how many people each answer needs.

Levels of updating after Steyerberg (Clinical Prediction Models, ch. 20): none, intercept, intercept and slope, a new model.
Sample sizes after Riley et al. 2021 (external validation of a binary outcome).
"""

from dataclasses import dataclass

import numpy as np

from . import calibrate, metrics

LEAST_EVENTS = 100  # and as many without the event (Vergouwe et al. 2005): below it no answer


@dataclass(frozen=True)
class Answer:
    """decision: "holds", "recalibrate", "do not use" or "too few"; why: one sentence; line: Platt on the old logit."""

    decision: str
    why: str
    line: dict | None
    figures: dict


def slope_interval(y, p) -> tuple:
    """Cox calibration slope with its 95 % interval from the observed information."""
    m = metrics.logit(p)
    line = calibrate.platt(m, y)
    q = calibrate.apply(line, m)
    w = q * (1 - q)
    centre = np.sum(w * m) / np.sum(w)
    error = 1 / np.sqrt(np.sum(w * (m - centre) ** 2))
    return line["a"], line["a"] - metrics.Z95 * error, line["a"] + metrics.Z95 * error


def auc_interval(y, p) -> tuple:
    """AUC with the 95 % interval of Hanley and McNeil 1982."""
    a, events = metrics.auc(y, p), int(np.sum(y))
    others = len(y) - events
    q1, q2 = a / (2 - a), 2 * a * a / (1 + a)
    error = np.sqrt((a * (1 - a) + (events - 1) * (q1 - a * a) + (others - 1) * (q2 - a * a)) / (events * others))
    return a, a - metrics.Z95 * error, a + metrics.Z95 * error


def examine(y, p, least_auc: float = 0.6) -> Answer:
    """The rule, in order: enough people; the ranking (lower bound of AUC); slope and level within their intervals."""
    events, others = int(np.sum(y)), int(len(y) - np.sum(y))
    if min(events, others) < LEAST_EVENTS:
        return Answer("too few", f"{events} events and {others} without: each needs {LEAST_EVENTS}", None, {"n": len(y)})
    figures = metrics.summary(y, p)
    _, area_low, _ = auc_interval(y, p)
    if area_low < least_auc:
        return Answer("do not use", f"AUC may be as low as {area_low:.3f}, under {least_auc}", None, figures)
    slope, slope_low, slope_high = slope_interval(y, p)
    o_e_low, o_e_high = (bound * len(y) / np.sum(p) for bound in metrics.wilson(events, len(y)))
    if slope_low <= 1 <= slope_high and o_e_low <= 1 <= o_e_high:
        return Answer("holds", "slope and observed over expected agree with 1", None, figures)
    line = calibrate.platt(metrics.logit(p), y)
    return Answer("recalibrate", f"slope {slope:.2f}, observed over expected {figures['o_e']:.2f}", line, figures)


def people_needed(rate: float, p) -> dict:
    """People for each question, at the rate expected and the spread of the model's logits.

    level: 95 % interval of observed over expected of +-10 %; slope: of +-0.2; refit: ten events for each of 50 terms.
    """
    m = metrics.logit(p)
    w = p * (1 - p)
    spread = float(np.mean(w * m**2) - np.mean(w * m) ** 2 / np.mean(w))
    return {
        "level": int(np.ceil((1 - rate) / rate * (metrics.Z95 / 0.1) ** 2)),
        "slope": int(np.ceil((metrics.Z95 / 0.2) ** 2 / spread)),
        "refit": int(np.ceil(10 * 50 / min(rate, 1 - rate))),
    }
