"""From out-of-fold probabilities to what the card shows beside a score."""

import numpy as np

ODDS_LOW, ODDS_HIGH = 0.5, 2.0


def cuts(happened) -> tuple:
    """Probabilities at half and at twice the average person's odds, rounded to a whole percent."""
    odds = happened.mean() / (1 - happened.mean())
    return tuple(round(ratio * odds / (1 + ratio * odds), 2) for ratio in (ODDS_LOW, ODDS_HIGH))


def band_of(p, low, high) -> np.ndarray:
    """0 low, 1 medium, 2 high: a probability at a cut belongs to the upper band."""
    return (p >= low).astype(int) + (p >= high).astype(int)


def band_observed(p, happened, low, high) -> list:
    number = band_of(p, low, high)
    return [
        {"band": name, "n": int(np.sum(number == k)), "events": int(happened[number == k].sum())}
        for k, name in enumerate(("low", "medium", "high"))
    ]


def observed(p, happened, bins: int = 20) -> list:
    """Bins of about equal count with rounded edges, from 0 to 1; a bin holds lower <= p < upper (the last one 1 too)."""
    edges = np.unique(np.round(np.quantile(p, np.linspace(0, 1, bins + 1)[1:-1]), 3))
    edges = np.concatenate([[0.0], edges, [1.0]])
    found = []
    for lower, upper in zip(edges[:-1], edges[1:], strict=True):
        inside = (p >= lower) & ((p < upper) | (upper == 1.0))
        counts = {"n": int(inside.sum()), "events": int(happened[inside].sum())}
        found.append({"lower": float(lower), "upper": float(upper)} | counts)
    return found


def quantiles(p) -> list:
    return [round(float(q), 6) for q in np.quantile(p, np.linspace(0, 1, 101))]
