"""Writes a bundle: graphs, card, self-test, checksums. The same input and seeds give the same bytes."""

import hashlib
import importlib.metadata
import json
import math
from dataclasses import replace
from pathlib import Path

import numpy as np

from . import additive, bands, calibrate, folds, graph, metrics, models, stand_ins, texts
from .data import matrix
from .heads import HEADS, TARGETS
from .inputs import RELEASE

SEED = 20210731
FOLDS = 10
CREATED_ON = "2026-11-24"
VERSION = "1.2.0"
SELFTEST_ROWS = 200
SELFTEST_MARGINS = [k / 2 for k in range(-8, 9)]
LAST_BITS = 1e-9  # of a mean over thousands of float32 terms
GROUPS = {"sex": ("female", "male"), "race": ("black", "white")}


SOURCES = (
    "additive", "bands", "bundle", "calibrate", "data", "folds", "graph", "heads", "inputs", "learn", "metrics", "models",
    "peers", "stand_ins", "texts",
)  # fmt: skip


def code_sha256(sources=SOURCES) -> str:
    """Hash over the modules that make a bundle, or other ones by name."""
    total = hashlib.sha256()
    for name in sorted(sources):
        total.update(name.encode() + b"\0" + Path(__file__).with_name(f"{name}.py").read_bytes())
    return total.hexdigest()


def software() -> dict:
    return {name: importlib.metadata.version(name) for name in ("lightgbm", "numpy", "onnx", "scikit-learn", "scipy")}


def out_of_fold(sample, folds_number: int, seed: int, fit=models.fit_heads) -> dict:
    """Head id -> margins for everybody, each from a model that has not seen the person's fold."""
    fold = folds.split(sample.outcomes, folds_number, seed)
    found = {}
    for k in range(folds_number):
        fitted = fit(sample.rows(fold != k), seed)
        for head, margin in models.margins(fitted, sample.frame[fold == k]).items():
            found.setdefault(head, np.empty(len(fold)))[fold == k] = margin
    return found


def train(sample, heads=HEADS, fit=models.fit_heads, folds_number: int = FOLDS) -> dict:
    """For each head: the model on all rows at risk, its out-of-fold margins for everybody, its calibration."""
    fitted, margin = fit(sample, SEED), out_of_fold(sample, folds_number, SEED, fit)
    trained = {}
    for head in heads:
        at_risk, happened = head.at_risk(sample.outcomes), head.happened(sample.outcomes)
        trained[head.id] = {
            "model": fitted[head.id],
            "margin": margin[head.id],
            "calibration": calibrate.platt(margin[head.id][at_risk], happened[at_risk]),
        }
    return trained


def _rounded(figures: dict) -> dict:
    """To six digits: a solver's last bits are no part of a card."""
    return {name: value if isinstance(value, int) else round(float(value), 6) for name, value in figures.items()}


def head_card(head, model: additive.Additive, calibration: dict, binned) -> dict:
    """binned: the rows that the head was trained on; their mean terms are the reference of explanations."""
    means = [float(column.astype(np.float64).mean()) for column in model.term_values(binned).T]
    return {
        "id": head.id,
        "outcome": head.outcome,
        "from_months": head.from_months,
        "to_months": head.to_months,
        "graph": f"{head.id}.onnx",
        "intercept": float(np.float32(model.intercept)),
        "terms": [{"features": [model.inputs[axis].feature for axis in axes]} for axes, _ in model.terms],
        "reference": [0.0 if abs(mean) < LAST_BITS else mean for mean in means],
        "calibration": calibration,
    }


def score_card(outcome, landmark_months, horizon_months, y, p, groups: dict, band_reason, bins: int = 20) -> dict:
    """y, p: what happened, and out-of-fold probabilities. groups: (attribute, group) -> boolean over the rows."""
    low, high = bands.cuts(y)
    return {
        "outcome": outcome,
        "landmark_months": landmark_months,
        "horizon_months": horizon_months,
        "bands": [{"band": "low", "below": low}, {"band": "medium", "below": high}, {"band": "high"}],
        "band_reason": band_reason,
        "quantiles": bands.quantiles(p),
        "observed": bands.observed(p, y, bins),
        "band_observed": bands.band_observed(p, y, low, high),
        "metrics": _rounded(metrics.summary(y, p)),
        "groups": [
            {"attribute": attribute, "group": name} | _rounded(metrics.group_errors(y[here], p[here], high))
            for (attribute, name), here in groups.items()
        ],
    }


def target_card(target, hazards, outcomes, audit) -> dict:
    at_risk = target.at_risk(outcomes)
    groups = {(a, name): (audit[a] == name).to_numpy()[at_risk] for a, names in GROUPS.items() for name in names}
    p, y = target.probability(hazards)[at_risk], target.happened(outcomes)[at_risk]
    return score_card(target.outcome, target.landmark_months, target.horizon_months, y, p, groups, texts.BAND_REASON)


def training_card(sample, sources=SOURCES) -> dict:
    return {
        "data": "Recidivism Forecasting Challenge, US National Institute of Justice, 2021: training sample",
        "sha256": sample.sha256,
        "rows": len(sample.frame),
        "population": texts.POPULATION,
        "period": "2013–2015",
        "code_sha256": code_sha256(sources),
        "software": software(),
    }


def widened(model: additive.Additive, inputs) -> additive.Additive:
    """The same sum over more inputs."""
    place = [inputs.index(given) for given in model.inputs]
    return replace(model, inputs=inputs, terms=[(tuple(place[axis] for axis in axes), table) for axes, table in model.terms])


def remedy(trained, outcomes, audit) -> dict:
    """Calibration by sex: for each head and sex, a line on the calibrated logit, fitted out of fold."""
    heads = {}
    for head in HEADS:
        at_risk, happened = head.at_risk(outcomes), head.happened(outcomes)
        m = calibrate.calibrated_logit(trained[head.id]["calibration"], trained[head.id]["margin"])
        groups = {name: at_risk & (audit["sex"] == name).to_numpy() for name in GROUPS["sex"]}
        heads[head.id] = {name: calibrate.platt(m[here], happened[here]) for name, here in groups.items()}
    return {"id": "calibration-by-sex", "attribute": "sex", "heads": heads}


def card(trained, sample) -> dict:
    outcomes, audit = sample.outcomes, sample.audit
    binned = additive.bins(RELEASE, matrix(RELEASE, sample.frame))
    hazards = {head.id: calibrate.apply(trained[head.id]["calibration"], trained[head.id]["margin"]) for head in HEADS}
    return {
        "format": 1,
        "id": "georgia-parole",
        "version": VERSION,
        "created_on": CREATED_ON,
        "title": texts.TITLE,
        "intended_use": texts.INTENDED_USE,
        "excluded_uses": texts.EXCLUDED_USES,
        "limits": texts.LIMITS,
        "validity": {"state": "not_validated_locally"},
        "training": training_card(sample),
        "inputs": [given.for_card() for given in RELEASE],
        "heads": [
            head_card(head, trained[head.id]["model"], trained[head.id]["calibration"], binned[head.at_risk(outcomes)])
            for head in HEADS
        ],
        "scores": [target_card(target, hazards, outcomes, audit) for target in TARGETS],
        "stand_ins": stand_ins.for_card(RELEASE, sample),
        "remedies": [remedy(trained, outcomes, audit)],
    }


def selftest_matrix(inputs, rows: int) -> np.ndarray:
    """Generated people: each input uniform over its range, one value in ten unknown where it may be."""
    draw = np.random.default_rng(SEED)
    columns = []
    for given in inputs:
        if given.categories:
            value = draw.integers(0, len(given.categories), rows).astype(float)
        elif given.kind == "share":
            value = np.round(draw.random(rows), 2)
        else:
            value = draw.integers(int(given.min), int(given.max) + 1, rows).astype(float)
        unknown = draw.random(rows) < 0.1
        if not given.required:
            value[unknown] = np.nan
        columns.append(value)
    return np.column_stack(columns)


def selftest(inputs, heads: list) -> str:
    """heads: (id, ONNX model, intercept, calibration). Terms by onnxruntime, sums and calibration in float64.

    Categories stand as their index in the card, missing values as empty cells.
    """
    matrix = selftest_matrix(inputs, SELFTEST_ROWS)
    header = [given.feature for given in inputs]
    rows = [["" if math.isnan(value) else f"{value:g}" for value in row] for row in matrix]
    for name, made, intercept, calibration in heads:
        terms, in_graph = graph.run(made, matrix)
        margin = np.full(len(matrix), intercept)
        for column in terms.T:
            margin += column.astype(np.float64)
        if np.abs(margin - in_graph).max() > 1e-5:
            raise ValueError(f"{name}: the graph's margin is off by {np.abs(margin - in_graph).max():.2g}")
        header += [f"{name}:margin", f"{name}:hazard"]
        for row, m, p in zip(rows, margin, calibrate.apply(calibration, margin), strict=True):
            row += [f"{m:.12g}", f"{p:.12g}"]
    return "".join(",".join(row) + "\n" for row in [header, *rows])


def selftest_remedies(made_card: dict) -> str:
    """The hazard of each head after each remedy, for each group and a row of margins: the remedy's line on the calibrated logit."""
    rows = ["remedy,group,head,margin,hazard"]
    for remedy in made_card["remedies"]:
        for head in made_card["heads"]:
            for group, line in remedy["heads"][head["id"]].items():
                for margin in SELFTEST_MARGINS:
                    hazard = calibrate.apply(line, calibrate.calibrated_logit(head["calibration"], np.float64(margin)))
                    rows.append(f"{remedy['id']},{group},{head['id']},{margin:g},{hazard:.12g}")
    return "\n".join(rows) + "\n"


def write(folder, made_card: dict, inputs, models: dict):
    """models: head id -> Additive. Replaces what the folder held."""
    folder = Path(folder)
    folder.mkdir(parents=True, exist_ok=True)
    for old in folder.iterdir():
        old.unlink()
    tested = []
    for head in made_card["heads"]:
        made = graph.build(models[head["id"]], head["id"])
        (folder / head["graph"]).write_bytes(made.SerializeToString(deterministic=True))
        tested.append((head["id"], made, head["intercept"], head["calibration"]))
    (folder / "selftest.csv").write_text(selftest(inputs, tested))
    if "remedies" in made_card:
        (folder / "selftest_remedies.csv").write_text(selftest_remedies(made_card))
    text = json.dumps(made_card, ensure_ascii=False, indent=1, allow_nan=False)
    (folder / "card.json").write_text(text + "\n")
    sums = [f"{hashlib.sha256(file.read_bytes()).hexdigest()}  {file.name}\n" for file in sorted(folder.iterdir())]
    (folder / "SHA256SUMS").write_text("".join(sums))
