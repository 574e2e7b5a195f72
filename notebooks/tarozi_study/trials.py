"""What each thing tried gave: settings, ways of choosing pairs, bagging, stacking, mixtures, unknown values. Three folds, once.

Every row is a model that could ship (a sum of tables over at most two inputs), measured on the splits of ``study``.
"""

import warnings
from dataclasses import replace

import lightgbm
import numpy as np
import pandas as pd
from interpret.glassbox import ExplainableBoostingClassifier
from interpret.utils import measure_interactions

from . import additive, learn, metrics, models, peers, study
from .data import matrix
from .heads import HEADS
from .inputs import RELEASE

YEARS = tuple(head for head in HEADS if head.outcome == "recidivism")
BASE = replace(models.SETTINGS["recidivism"], bags=study.VARIANT_BAGS)


def stacked(settings=BASE, choose=None):
    """Ours with other settings, or with pairs chosen by choose(sample, binned, at_risk, happened)."""

    def fit(sample, seed):
        binned = additive.bins(RELEASE, matrix(RELEASE, sample.frame))
        at_risk, happened = [h.at_risk(sample.outcomes) for h in YEARS], [h.happened(sample.outcomes) for h in YEARS]
        pairs = choose(binned, at_risk, happened) if choose else None
        made = learn.fit(RELEASE, binned, at_risk, happened, settings, seed, pairs)
        return lambda frame: models.margins({h.id: m for h, m in zip(YEARS, made, strict=True)}, frame)

    return fit


def by_fast(binned, at_risk, happened) -> list:
    """FAST (Lou et al. 2013) on year 1, as interpret measures it."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        ranked = measure_interactions(binned[at_risk[0]].astype(float), happened[0][at_risk[0]], interactions=20, objective="log_loss",
                                      init_score=_mains(binned[at_risk[0]], happened[0][at_risk[0]]))  # fmt: skip
    return [tuple(sorted(pair)) for pair, _ in ranked]


def _mains(binned, y):
    """Margins of main effects alone: FAST measures what they leave."""
    told = learn.SHARED | {"num_leaves": 4, "max_depth": 1, "learning_rate": 0.05, "min_data_in_leaf": 80}
    return lightgbm.train(told, lightgbm.Dataset(binned.astype(float), y), 300).predict(binned.astype(float), raw_score=True)


def by_gain(binned, at_risk, happened) -> list:
    """Pairs by the gain of the splits below one another in a model of all pairs of year 1."""
    told = learn.SHARED | {"num_leaves": 4, "max_depth": 2, "learning_rate": 0.03, "min_data_in_leaf": 80, "feature_fraction": 0.5}
    risk = at_risk[0]
    trees = lightgbm.train(told, lightgbm.Dataset(binned[risk].astype(float), happened[0][risk]), 500).dump_model()["tree_info"]
    gain = {}
    for tree in trees:
        root = tree["tree_structure"]
        for child in (root.get("left_child", {}), root.get("right_child", {})):
            if "split_feature" in child and child["split_feature"] != root["split_feature"]:
                pair = tuple(sorted((root["split_feature"], child["split_feature"])))
                gain[pair] = gain.get(pair, 0.0) + child["split_gain"]
    return sorted(gain, key=lambda pair: -gain[pair])[:20]


def explainable(**settings):
    """interpret's EBM of year 1 with other settings."""

    def learner(inputs, x, y, seed):
        return peers.explainable_boosting(inputs, x, y, seed, **settings)

    def fit(sample, seed):
        head = YEARS[0]
        x, risk = matrix(RELEASE, sample.frame), head.at_risk(sample.outcomes)
        predict = learner(RELEASE, x[risk], head.happened(sample.outcomes)[risk], seed)
        return lambda frame: {head.id: predict(matrix(RELEASE, frame))}

    return fit


TRIALS = {
    "as shipped, two bags": stacked(),
    "bags: 1": stacked(replace(BASE, bags=1)),
    "bags: 10": stacked(replace(BASE, bags=10)),
    "rounds: 250": stacked(replace(BASE, rounds=250)),
    "rounds: 1000": stacked(replace(BASE, rounds=1000)),
    "smaller leaves: 40": stacked(replace(BASE, smallest_leaf=40)),
    "pairs by FAST": stacked(choose=by_fast),
    "pairs by split gain": stacked(choose=by_gain),
    "EBM: no pairs": explainable(interactions=0),
    "EBM: 8 pairs": explainable(),
    "EBM: 20 pairs, directions free": explainable(interactions=20, monotone_constraints=None),
    "EBM: 8 outer bags, smoothing 200": explainable(outer_bags=8, smoothing_rounds=200),
}
MIXED = {"mean of ours and EBM (8 pairs)": ("as shipped, two bags", "EBM: 8 pairs"),
         "mean of ours and EBM (20 free pairs)": ("as shipped, two bags", "EBM: 20 pairs, directions free")}  # fmt: skip


def run(sample, say=print) -> pd.DataFrame:
    sex = sample.audit["sex"].to_numpy()
    margin, found = {}, []
    for name, fit in TRIALS.items():
        say(name)
        margin[name] = _out_of_fold(sample, fit)
    for name, parts in MIXED.items():
        margin[name] = {YEARS[0].id: np.mean([margin[part][YEARS[0].id] for part in parts], axis=0)}
    for name, of in margin.items():
        for head in YEARS:
            if head.id in of:
                risk, y = head.at_risk(sample.outcomes), head.happened(sample.outcomes)
                p = study.calibrated_out_of_fold(head, of[head.id], sample, 0)
                found.append({"tried": name, "head": head.id, "brier_of_sexes": metrics.sexes_mean(y[risk], p[risk], sex[risk])}
                             | metrics.summary(y[risk], p[risk]))  # fmt: skip
    return pd.DataFrame(found)


SINGLE = replace(models.SETTINGS["violation"], bags=study.VARIANT_BAGS)
VIOLATION = HEADS[-1]


def alone(settings=SINGLE):
    """Ours of violation with other settings."""

    def fit(sample, seed):
        binned = additive.bins(RELEASE, matrix(RELEASE, sample.frame))
        at_risk, happened = VIOLATION.at_risk(sample.outcomes), VIOLATION.happened(sample.outcomes)
        made = learn.fit(RELEASE, binned, [at_risk], [happened], settings, seed)[0]
        return lambda frame: models.margins({VIOLATION.id: made}, frame)

    return fit


def peer(learner):
    def fit(sample, seed):
        x, risk = matrix(RELEASE, sample.frame), VIOLATION.at_risk(sample.outcomes)
        predict = learner(RELEASE, x[risk], VIOLATION.happened(sample.outcomes)[risk], seed)
        return lambda frame: {VIOLATION.id: predict(matrix(RELEASE, frame))}

    return fit


BOOSTING, BOOSTING_DRAWN = "gradient boosting", "gradient boosting, unknown drawn"
OF_VIOLATION = {
    BOOSTING: peer(peers.gradient_boosting),
    BOOSTING_DRAWN: peer(peers.gradient_boosting_unknown_drawn),
    "as shipped, two bags": alone(),
    "five bags": alone(replace(SINGLE, bags=5)),
    "without the rule": alone(replace(SINGLE, unknown="learned")),
    "cut away after the fit": alone(replace(SINGLE, unknown="held")),
    "cut away after the fit, 400 rounds, leaves of 80 (1.1.0)": alone(replace(SINGLE, unknown="held", rounds=400, smallest_leaf=80)),
    "400 rounds": alone(replace(SINGLE, rounds=400)),
    "800 rounds": alone(replace(SINGLE, rounds=800)),
    "1200 rounds": alone(replace(SINGLE, rounds=1200)),
    "leaves of 80": alone(replace(SINGLE, smallest_leaf=80)),
    "leaves of 250": alone(replace(SINGLE, smallest_leaf=250)),
    "trees of four leaves, 1000 rounds": alone(replace(SINGLE, leaves=4, rounds=1000)),
    "half the step, 900 rounds": alone(replace(SINGLE, learning_rate=0.02, rounds=900)),
    "40 pairs": alone(replace(SINGLE, pairs=40)),
    "every pair": alone(replace(SINGLE, pairs=1000)),
}


def violation(sample) -> pd.DataFrame:
    """What was tried for violation, each beside gradient boosting, free and under the rule for unknown values: mean difference in
    Brier with the upper bound of its 95 % interval."""
    risk, y = VIOLATION.at_risk(sample.outcomes), VIOLATION.happened(sample.outcomes)
    error, found = {}, []
    for name, fit in OF_VIOLATION.items():
        margin = _out_of_fold(sample, fit)[VIOLATION.id]
        p = study.calibrated_out_of_fold(VIOLATION, margin, sample, 0)[risk]
        error[name] = (p - y[risk]) ** 2
        row = {"tried": name} | metrics.summary(y[risk], p)
        for column, other in (("less_boosting", BOOSTING), ("less_boosting_drawn", BOOSTING_DRAWN)):
            gap = error[name] - error.get(other, np.nan)
            row |= {column: gap.mean(), f"{column}_upper": gap.mean() + metrics.Z95 * gap.std() / np.sqrt(len(gap))}
        found.append(row)
    return pd.DataFrame(found)


def _out_of_fold(sample, fit) -> dict:
    found = {}
    for held in range(study.FOLDS):
        rows, margin = study.fold_margins(sample, fit, 0, held)
        for head, values in margin.items():
            found.setdefault(head, np.empty(len(sample.frame)))[rows] = values
    return found
