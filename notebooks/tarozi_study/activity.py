"""The bundle ``georgia-activity``: a benchmark for years 2 and 3 with what became known during supervision. Never to be promoted.

The activity columns are summed up to arrest or to the end of supervision, so they tell of time after the landmark: a figure
to compare with the challenge's, not a forecast. Year 1, of which the columns cannot be known, is release-time features alone.
"""

from dataclasses import replace
from fractions import Fraction

import numpy as np
import pandas as pd

from . import additive, bundle, calibrate, data, learn, stand_ins, texts_activity
from .heads import HEADS, TARGETS
from .inputs import RELEASE, Input, count, flag

VERSION = "1.1.0"
FOLDS = 5
SHARES = (0.005, 0.03, 0.05, 0.08, 0.1, 0.15, 0.2, 0.3, 0.4, 0.55)
SOURCES = ("activity", "texts_activity", *bundle.SOURCES)

ACTIVITY = (
    flag("violation_electronic_monitoring", monotone=1),
    flag("violation_instruction", monotone=1),
    flag("violation_fail_to_report", monotone=1),
    flag("violation_moved_without_permission", monotone=1),
    count("delinquency_reports", 4, monotone=1),
    count("programme_sessions_attended", 10, monotone=-1),
    count("programme_sessions_missed", 3, monotone=1),
    count("residence_changes", 3, monotone=1),
    Input("days_per_drug_test", "days", 1, 1095, False,
          (10.5, 15.5, 20.5, 25.5, 30.5, 40.5, 50.5, 60.5, 75.5, 90.5, 120.5, 150.5, 200.5, 300.5, 400.5, 600.5)),
    *(Input(f"drug_positive_share_{drug}", "share", 0, 1, False, SHARES, monotone=1) for drug in ("thc", "cocaine", "meth", "other")),
    Input("employed_share", "share", 0, 1, False, (0.005, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 0.995), monotone=-1),
    Input("jobs_per_year", "count", 0, 8, True,
          (0.05, 0.25, 0.35, 0.45, 0.55, 0.65, 0.75, 0.85, 0.95, 1.05, 1.25, 1.55, 2.05, 3.05)),
    flag("employment_exempt"),
)  # fmt: skip
INPUTS = RELEASE + ACTIVITY
YEARS = tuple(head for head in HEADS if head.outcome == "recidivism")
SERVED = tuple(target for target in TARGETS if target.outcome == "recidivism" and target.horizon_months == 12)
SETTINGS = learn.Settings(rounds=800, bags=3, unknown="learned")


def fit_heads(sample, seed: int) -> dict:
    """Head id -> Additive: year 1 from release-time features, years 2 and 3 stacked, with activity."""
    return _fitted(RELEASE, YEARS[:1], sample, seed, replace(SETTINGS, unknown="held")) | fit_later(sample, seed)


def fit_later(sample, seed: int, settings: learn.Settings = SETTINGS) -> dict:
    return _fitted(INPUTS, YEARS[1:], sample, seed, settings)


def _fitted(inputs, heads, sample, seed, settings) -> dict:
    binned = additive.bins(inputs, data.matrix(inputs, sample.frame))
    at_risk, happened = [h.at_risk(sample.outcomes) for h in heads], [h.happened(sample.outcomes) for h in heads]
    models = learn.fit(inputs, binned, at_risk, happened, settings, seed)
    return {head.id: model for head, model in zip(heads, models, strict=True)}


def recovered_days(path, person) -> np.ndarray:
    """Days under supervision as the exact fractions of the challenge's file give them away; NaN where they do not.

    The smallest number of days of which the share of days employed is a whole count of days and the jobs a year (of 365.25
    days) a whole count of jobs.
    """
    raw = pd.read_csv(path, dtype={"ID": str}).set_index("ID")
    raw = raw.loc[[name.removeprefix("nij-") for name in person]]
    days = np.arange(1, 1097)
    found = np.full(len(raw), np.nan)
    columns = raw[["Percent_Days_Employed", "Jobs_Per_Year"]].astype(float).to_numpy()
    for row, (employed, jobs) in enumerate(columns):
        told = np.ones(len(days), bool)
        if 0 < employed < 1:
            told &= days % Fraction(employed).limit_denominator(1096).denominator == 0
        if jobs > 0:
            count_of_jobs = jobs * days / 365.25
            told &= (np.round(count_of_jobs) > 0) & (np.abs(count_of_jobs - np.round(count_of_jobs)) < 2e-4 * count_of_jobs)
        if 0 < told.sum() < len(days):
            found[row] = days[told][0]
    return found


def write(folder, sample):
    trained = bundle.train(sample, YEARS, fit_heads, FOLDS)
    bundle.write(folder, card(trained, sample), INPUTS, {name: bundle.widened(of["model"], INPUTS) for name, of in trained.items()})


def card(trained, sample) -> dict:
    binned = additive.bins(INPUTS, data.matrix(INPUTS, sample.frame))
    hazards = {head.id: calibrate.apply(trained[head.id]["calibration"], trained[head.id]["margin"]) for head in YEARS}
    return {
        "format": 1,
        "id": "georgia-activity",
        "version": VERSION,
        "created_on": bundle.CREATED_ON,
        "benchmark": True,
        "title": texts_activity.TITLE,
        "intended_use": texts_activity.INTENDED_USE,
        "excluded_uses": texts_activity.EXCLUDED_USES,
        "limits": texts_activity.LIMITS,
        "validity": {"state": "demonstration"},
        "training": bundle.training_card(sample, SOURCES),
        "inputs": [given.for_card() for given in INPUTS],
        "heads": [
            bundle.head_card(head, bundle.widened(trained[head.id]["model"], INPUTS), trained[head.id]["calibration"],
                             binned[head.at_risk(sample.outcomes)])
            for head in YEARS
        ],
        "scores": [bundle.target_card(target, hazards, sample.outcomes, sample.audit) for target in SERVED],
        "stand_ins": stand_ins.for_card(INPUTS, sample),
    }
