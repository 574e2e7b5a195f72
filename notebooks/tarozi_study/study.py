"""The long runs, and the tables that they leave in ``results/``.

Each table is a CSV; ``manifest.json`` holds for each the hashes of the code and of the data behind it. Rounded to six digits, so
that another processor's last bits do not show.
"""

import fcntl
import hashlib
import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd

from . import additive, bands, bundle, calibrate, folds, learn, metrics, models, peers, stand_ins
from .data import matrix
from .heads import HEADS, TARGETS
from .inputs import RELEASE, flag

FOLDS = 3
REPEATS = 2
REFITS = 10
SOURCES = (
    "activity", "additive", "bands", "bundle", "calibrate", "data", "folds", "heads", "inputs", "leak", "learn", "metrics",
    "models", "peers", "stand_ins", "study", "trials",
)  # fmt: skip
RESULTS = Path(__file__).parent.parent / "results"


def ours(sample, seed):
    fitted = models.fit_heads(sample, seed)
    return lambda frame: models.margins(fitted, frame)


def peer(learner):
    """A peer in the form of ours: each head fitted by itself."""

    def fit(sample, seed):
        x = matrix(RELEASE, sample.frame)
        fitted = {}
        for head in HEADS:
            risk = head.at_risk(sample.outcomes)
            fitted[head.id] = learner(RELEASE, x[risk], head.happened(sample.outcomes)[risk], seed)
        return lambda frame: {head: predict(matrix(RELEASE, frame)) for head, predict in fitted.items()}

    return fit


def variant(inputs=RELEASE, **changes):
    def fit(sample, seed):
        fitted = models.fit_heads(sample, seed, inputs=inputs, **changes)
        return lambda frame: models.margins(fitted, frame)

    return fit


def years_apart(sample, seed):
    """Ours without stacking: each year learns alone."""
    binned = additive.bins(RELEASE, matrix(RELEASE, sample.frame))
    fitted = {}
    for head in HEADS:
        risk, happened = head.at_risk(sample.outcomes), head.happened(sample.outcomes)
        settings = replace(models.SETTINGS[head.outcome], bags=VARIANT_BAGS)
        fitted[head.id] = learn.fit(RELEASE, binned, [risk], [happened], settings, seed)[0]
    return lambda frame: models.margins(fitted, frame)


FREE = tuple(replace(given, monotone=0) for given in RELEASE)
FREE_ARRESTS = tuple(replace(given, monotone=0) if given.feature.startswith("prior_arrest") else given for given in RELEASE)
SHIPPED = "shipped"
COMPARED = {SHIPPED: ours} | {name: peer(learner) for name, learner in peers.ALL.items()}
VARIANT_BAGS = 2  # variants and their own reference are made of fewer bags than what ships: the differences are the point
REFERENCE = "as shipped"
VARIANTS = {
    REFERENCE: variant(bags=VARIANT_BAGS),
    "no pairs": variant(pairs=0, bags=VARIANT_BAGS),
    "10 pairs": variant(pairs=10, bags=VARIANT_BAGS),
    "every pair": variant(pairs=1000, bags=VARIANT_BAGS),
    "years apart": years_apart,
    "no direction imposed": variant(FREE, bags=VARIANT_BAGS),
    "arrests free": variant(FREE_ARRESTS, bags=VARIANT_BAGS),
}


def fold_margins(sample, fit, repeat: int, held: int) -> tuple:
    """(rows held back, head id -> their margins) for one fold."""
    fold = folds.split(sample.outcomes, FOLDS, 1000 + repeat)
    predict = fit(sample.rows(fold != held), 1000 + repeat)
    return np.flatnonzero(fold == held), predict(sample.frame[fold == held])


def repeat_margins(sample, fit, repeat: int) -> dict:
    found = {head.id: np.empty(len(sample.frame)) for head in HEADS}
    for held in range(FOLDS):
        rows, margin = fold_margins(sample, fit, repeat, held)
        for head, values in margin.items():
            found[head][rows] = values
    return found


def label(target) -> str:
    span = "supervised" if target.horizon_months is None else f"{target.landmark_months}+{target.horizon_months}"
    return f"{target.outcome} {span}"


def cross_fitted(margin: dict, sample, repeat: int) -> dict:
    """Hazards by head, each fold calibrated by Platt on the other folds' margins."""
    return {head.id: calibrated_out_of_fold(head, margin[head.id], sample, repeat) for head in HEADS}


def calibrated_out_of_fold(head, margin, sample, repeat: int) -> np.ndarray:
    fold = folds.split(sample.outcomes, FOLDS, 1000 + repeat)
    risk, happened = head.at_risk(sample.outcomes), head.happened(sample.outcomes)
    hazard = np.empty(len(fold))
    for k in range(FOLDS):
        others = risk & (fold != k)
        hazard[fold == k] = calibrate.apply(calibrate.platt(margin[others], happened[others]), margin[fold == k])
    return hazard


def accuracy(sample, compared: dict, repeats: int) -> tuple:
    """(figures by model and target, paired differences in Brier of the first model to the others, out-of-fold margins).

    The interval of a difference is that of the mean over people of their squared errors' difference, each averaged over
    the repeats.
    """
    margin = {name: [repeat_margins(sample, fit, r) for r in range(repeats)] for name, fit in compared.items()}
    first = next(iter(margin))
    figures, paired = [], []
    sex = sample.audit["sex"].to_numpy()
    for target in TARGETS:
        risk, happened = target.at_risk(sample.outcomes), target.happened(sample.outcomes)
        y = happened[risk]

        def probabilities(margins):
            return [target.probability(cross_fitted(m, sample, r))[risk] for r, m in enumerate(margins)]

        first_error = np.mean([(p - y) ** 2 for p in probabilities(margin[first])], axis=0)
        for name, of in margin.items():
            p = probabilities(of)
            each = [metrics.summary(y, q) | {"brier_of_sexes": metrics.sexes_mean(y, q, sex[risk])} for q in p]
            figures.append({"model": name, "target": label(target)} | pd.DataFrame(each).mean().to_dict())
            if name != first:
                gap = first_error - np.mean([(q - y) ** 2 for q in p], axis=0)
                half = metrics.Z95 * gap.std() / np.sqrt(len(gap))
                paired.append({"target": label(target), "other": name, "first_minus_other": gap.mean(),
                               "lower": gap.mean() - half, "upper": gap.mean() + half})
    return pd.DataFrame(figures), pd.DataFrame(paired), margin


def recomputed(sample, compared: dict) -> dict:
    """Name -> head id -> margins of fold 0 of repeat 0, the other rows left NaN."""
    found = {}
    for name, fit in compared.items():
        rows, margin = fold_margins(sample, fit, 0, 0)
        found[name] = {head: np.full(len(sample.frame), np.nan) for head in margin}
        for head, values in margin.items():
            found[name][head][rows] = values
    return found


def one_fold(sample, margin: dict) -> pd.DataFrame:
    """Brier score of fold 0 of repeat 0 for each model and head: what a check recomputes."""
    fold = folds.split(sample.outcomes, FOLDS, 1000)
    found = []
    for name, of in margin.items():
        for head in HEADS:
            rows = head.at_risk(sample.outcomes) & (fold == 0)
            y = head.happened(sample.outcomes)[rows]
            found.append({"model": name, "head": head.id, "brier": metrics.brier(y, metrics.sigmoid(of[head.id][rows]))})
    return pd.DataFrame(found)


def calibrations(sample, margin: list) -> pd.DataFrame:
    """Maps from margin to probability, each fitted on the other folds and measured on its own."""
    found = []
    for head in HEADS:
        risk, happened = head.at_risk(sample.outcomes), head.happened(sample.outcomes)
        m, y = margin[0][head.id], happened
        fold = folds.split(sample.outcomes, FOLDS, 1000)
        made = {name: np.empty(len(m)) for name in ("none", "platt", "beta", "isotonic", "venn-abers")}
        width = np.empty(len(m))
        for k in range(FOLDS):
            known, held = risk & (fold != k), fold == k
            made["none"][held] = metrics.sigmoid(m[held])
            made["platt"][held] = calibrate.apply(calibrate.platt(m[known], y[known]), m[held])
            made["beta"][held] = calibrate.apply(calibrate.beta(m[known], y[known]), m[held])
            made["isotonic"][held] = calibrate.isotonic(m[known], y[known]).predict(m[held])
            grid = np.quantile(m[known], np.linspace(0, 1, 101))
            low, high = calibrate.venn_abers(m[known], y[known], grid).T
            nearest = np.clip(np.searchsorted(grid, m[held]), 0, 100)
            made["venn-abers"][held] = (high / (1 - low + high))[nearest]
            width[held] = (high - low)[nearest]
        for name, p in made.items():
            row = {"head": head.id, "calibration": name} | metrics.summary(y[risk], p[risk])
            row["venn_abers_width"] = width[risk].mean() if name == "venn-abers" else np.nan
            found.append(row)
    return pd.DataFrame(found)


def stability(sample) -> pd.DataFrame:
    """Bootstrap: how often a person's band differs between the model of all rows and one of a resample.

    Calibration and cuts stay those of the full fit, as they would in a re-training under the same card.
    """
    margin = bundle.out_of_fold(sample, FOLDS, 1000)
    lines = {
        head.id: calibrate.platt(margin[head.id][head.at_risk(sample.outcomes)],
                                 head.happened(sample.outcomes)[head.at_risk(sample.outcomes)])
        for head in HEADS
    }

    def band(fitted):
        hazards = {h: calibrate.apply(lines[h], m) for h, m in models.margins(fitted, sample.frame).items()}
        found = {}
        for target in TARGETS:
            low, high = bands.cuts(target.happened(sample.outcomes)[target.at_risk(sample.outcomes)])
            p = target.probability(hazards)
            found[label(target)] = (bands.band_of(p, low, high), p)
        return found

    first = band(models.fit_heads(sample, bundle.SEED))
    draw = np.random.default_rng(bundle.SEED)
    changed = []
    for refit in range(REFITS):
        rows = np.sort(draw.integers(0, len(sample.frame), len(sample.frame)))
        again = band(models.fit_heads(sample.rows(rows), bundle.SEED + refit))
        for target in TARGETS:
            risk = target.at_risk(sample.outcomes)
            (was, p), (now, q) = first[label(target)], again[label(target)]
            changed.append({"target": label(target), "changed": np.mean(was[risk] != now[risk]),
                            "mean_shift": np.mean(np.abs(p - q)[risk])})
    table = pd.DataFrame(changed).groupby("target", sort=False)
    return table.agg(changed=("changed", "mean"), worst=("changed", "max"), mean_shift=("mean_shift", "mean")).reset_index()


def with_sex(sample):
    """The sample with sex as a feature: for measuring alone, nothing that ships may read it."""
    return replace(sample, frame=sample.frame.assign(sex_female=(sample.audit["sex"] == "female").astype(float)))


def fairness(sample, blind: list) -> pd.DataFrame:
    """Both sexes under: the blind model, training that weighs women up, calibration by sex, sex as an input."""
    women = (sample.audit["sex"] == "female").to_numpy()

    def weighed_up(part, seed):
        here = np.flatnonzero((part.audit["sex"] == "female").to_numpy())
        rows = np.concatenate([np.arange(len(part.frame)), np.resize(here, len(part.frame) - 2 * len(here))])
        fitted = models.fit_heads(part.rows(rows), seed)
        return lambda frame: models.margins(fitted, frame)

    blind_hazards = cross_fitted(blind[0], sample, 0)
    ways = {
        "blind": blind_hazards,
        "women weighed up to a half": cross_fitted(repeat_margins(sample, weighed_up, 0), sample, 0),
        "calibrated by sex": _by_sex(blind_hazards, sample),
        "sex as an input": cross_fitted(
            repeat_margins(with_sex(sample), variant((*RELEASE, flag("sex_female"))), 0), sample, 0
        ),
    }
    found = []
    for way, hazards in ways.items():
        for target in TARGETS:
            risk, happened = target.at_risk(sample.outcomes), target.happened(sample.outcomes)
            p = target.probability(hazards)
            _, high = bands.cuts(happened[risk])
            found.append({"way": way, "target": label(target), "group": "all"}
                         | metrics.group_errors(happened[risk], p[risk], high))
            for group, here in (("female", women), ("male", ~women)):
                rows = risk & here
                found.append({"way": way, "target": label(target), "group": group}
                             | metrics.group_errors(happened[rows], p[rows], high))
    return pd.DataFrame(found)


def _by_sex(hazards, sample) -> dict:
    """The remedy, fitted on the other folds."""
    fold = folds.split(sample.outcomes, FOLDS, 1000)
    sex = sample.audit["sex"].to_numpy()
    made = {}
    for head in HEADS:
        risk, happened = head.at_risk(sample.outcomes), head.happened(sample.outcomes)
        m = metrics.logit(hazards[head.id])
        made[head.id] = np.empty(len(m))
        for k in range(FOLDS):
            for group in ("female", "male"):
                known = risk & (fold != k) & (sex == group)
                held = (fold == k) & (sex == group)
                made[head.id][held] = calibrate.apply(calibrate.platt(m[known], happened[known]), m[held])
    return made


def stand_in_terms(sample) -> pd.DataFrame:
    """The eight terms of each head whose contributions differ most between the groups of an attribute."""
    fitted = models.fit_heads(sample, bundle.SEED)
    binned = additive.bins(RELEASE, matrix(RELEASE, sample.frame))
    gaps = []
    for head in HEADS:
        risk = head.at_risk(sample.outcomes)
        values = fitted[head.id].term_values(binned[risk]).astype(float)
        for attribute, one, other in (("sex", "female", "male"), ("race", "black", "white")):
            here = sample.audit[attribute].to_numpy()[risk]
            for (axes, _), column in zip(fitted[head.id].terms, values.T, strict=True):
                gaps.append({"head": head.id, "attribute": attribute, "groups": f"{one} less {other}",
                             "term": " x ".join(RELEASE[axis].feature for axis in axes),
                             "gap_log_odds": column[here == one].mean() - column[here == other].mean()})
    gaps = pd.DataFrame(gaps)
    gaps = gaps.assign(size=gaps["gap_log_odds"].abs()).sort_values(["head", "attribute", "size"], ascending=[True, True, False])
    return gaps.groupby(["head", "attribute"], sort=False).head(8).drop(columns="size")


def without_stand_ins(told: pd.DataFrame) -> dict:
    """For each attribute a variant of ours without the three inputs that tell it best."""
    made = {}
    for attribute, rows in told[told["input"] != stand_ins.TOGETHER].groupby("attribute"):
        worst = set(rows.nlargest(3, "auc")["input"])
        kept = tuple(given for given in RELEASE if given.feature not in worst)
        made[f"without {', '.join(sorted(worst))} ({attribute})"] = variant(kept, bags=VARIANT_BAGS)
    return made


class Writer:
    """Writes tables and, with each, its line of the manifest: what it was made from."""

    def __init__(self, sample):
        self.made_from = {"data_sha256": sample.sha256, "code_sha256": bundle.code_sha256(SOURCES), "software": bundle.software()}

    def __call__(self, name: str, table: pd.DataFrame):
        RESULTS.mkdir(exist_ok=True)
        file = RESULTS / f"{name}.csv"
        table.to_csv(file, index=False, float_format="%.6f")
        with open(RESULTS / "manifest.json", "a+") as shared:
            fcntl.flock(shared, fcntl.LOCK_EX)  # parts of a study may run side by side
            shared.seek(0)
            manifest = json.loads(shared.read() or "{}")
            manifest[file.name] = {"sha256": hashlib.sha256(file.read_bytes()).hexdigest()} | self.made_from
            shared.truncate(0)
            shared.write(json.dumps(dict(sorted(manifest.items())), indent=1) + "\n")


def measure(sample):
    save = Writer(sample)
    figures, paired, margin = accuracy(sample, COMPARED, REPEATS)
    save("accuracy", figures)
    save("paired", paired)
    save("one_fold", one_fold(sample, {name: of[0] for name, of in margin.items()}))
    save("calibration", calibrations(sample, margin[SHIPPED]))
    save("fairness", fairness(sample, margin[SHIPPED]))


def explore(sample):
    from . import leak, sources, trials  # they measure with this module

    save = Writer(sample)
    save("trials_violation", trials.violation(sample))
    told = stand_ins.told(RELEASE, sample)
    save("stand_ins", told)
    save("stand_in_terms", stand_in_terms(sample))
    with_activity = sources.training_sample(activity=True)[0]
    save("leak", leak.table(with_activity, sources.data_folder() / sources.NIJ))
    save("stability", stability(sample))
    figures, paired, _ = accuracy(sample, VARIANTS | without_stand_ins(told), 1)
    save("variants", figures)
    save("variants_paired", paired)
    save("trials", trials.run(sample))


def check(sample) -> list:
    """What does not fit: tables changed by hand, other data, another result of the recomputed fold."""
    manifest = json.loads((RESULTS / "manifest.json").read_text())
    wrong = [f"results/{name} has no line in the manifest" for name in sorted({f.name for f in RESULTS.glob("*.csv")} - set(manifest))]
    for name, made in manifest.items():
        if hashlib.sha256((RESULTS / name).read_bytes()).hexdigest() != made["sha256"]:
            wrong.append(f"results/{name} is not the table that the study wrote")
        if made["data_sha256"] != sample.sha256:
            wrong.append(f"results/{name} was made from other data")
    was = pd.read_csv(RESULTS / "one_fold.csv")
    now = one_fold(sample, recomputed(sample, COMPARED))
    for (_, old), (_, new) in zip(was.iterrows(), now.iterrows(), strict=True):
        if abs(old["brier"] - new["brier"]) > 1e-5:
            wrong.append(f"{old['model']}, {old['head']}: Brier {new['brier']:.6f}, the table says {old['brier']:.6f}")
    return wrong
