"""The bundle ``monitoring-demo``: the three months after a day, from case and monitoring history, learned on made-up people.

The people and their lives come from ``tarozi dataset synthetic --landmarks`` (docs/synthetic.md): a row for each person and
month. Nothing here says anything about real people.
"""

import subprocess
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd

from . import additive, bands, bundle, calibrate, data, folds, learn, metrics, texts_monitoring
from .inputs import Input, category, count, flag

PEOPLE, SEED = 10000, 20260101
FOLDS = 5
VERSION = "1.0.0"
SOURCES = (
    "additive", "bands", "bundle", "calibrate", "data", "folds", "graph", "inputs", "learn", "metrics", "monitoring",
    "texts", "texts_monitoring",
)  # fmt: skip


def share(feature, **more):
    return Input(feature, "share", 0, 1, False, (0.005, 0.25, 0.5, 0.75, 0.995), **more)


def days(feature, largest, *cuts, **more):
    return Input(feature, "days", 0, largest, True, cuts, **more)


# What would help nobody to hide: more of what counts against a person never lowers a risk, more of what speaks for them never
# raises it. Nothing is assumed about age, level, time served and the bracelet.
WHO = (
    Input("age_now", "count", 18, 60, True, (20.5, 22.5, 25.5, 28.5, 32.5, 37.5, 43.5, 50.5), required=True),
    flag("gang_affiliation", monotone=1),
    count("intake_risk_score", 10, 1, False, monotone=1),
    count("prior_arrests_felony", 10, monotone=1),
    count("prior_convictions_felony", 4, monotone=1),
    flag("prior_revocation_parole", monotone=1),
    flag("prior_revocation_probation", monotone=1),
)
UNDER_SUPERVISION = (
    *WHO,
    category("supervision_level", "standard", "high", "specialised"),
    days("days_under_supervision", 730, 61.5, 91.5, 122.5, 182.5, 243.5, 304.5, 365.5, 547.5),
    count("violations_90d", 2, monotone=1),
    count("violations_365d", 5, monotone=1),
    count("delinquency_reports_365d", 3, monotone=1),
    count("contacts_missed_90d", 3, monotone=1),
    share("contact_attendance_share_180d", monotone=-1),
    count("drug_tests_positive_180d", 3, monotone=1),
    count("programme_sessions_attended", 12, monotone=-1),
    count("programme_sessions_missed_180d", 5, monotone=1),
    count("moves_365d", 3, monotone=1),
    count("moves_without_permission_365d", 2, monotone=1),
    flag("electronic_monitoring_now"),
    count("alerts_zone_90d", 3, monotone=1),
    count("alerts_curfew_90d", 3, monotone=1),
    count("alerts_tamper_90d", 2, monotone=1),
    count("alerts_power_90d", 2, monotone=1),
    count("check_ins_failed_90d", 1, monotone=1),
    flag("employed_now", monotone=-1),
    share("employed_share_365d", monotone=-1),
)
IN_PRISON = (
    *WHO,
    count("programme_sessions_missed_180d", 5, monotone=1),
    count("custody_incidents_90d", 2, monotone=1),
    count("custody_incidents_365d", 4, monotone=1),
    count("custody_violence_365d", 2, monotone=1),
    count("custody_contraband_365d", 2, monotone=1),
    days("days_in_custody", 1095, 182.5, 365.5, 547.5, 730.5),
    days("days_to_planned_release", 730, 182.5, 273.5, 365.5, 547.5),
)
INPUTS = UNDER_SUPERVISION + tuple(given for given in IN_PRISON if given not in UNDER_SUPERVISION)


@dataclass(frozen=True)
class Head:
    """inputs: those that it reads of all that the bundle reads. purpose: of the assessments that it scores."""

    id: str
    outcome: str
    purpose: str
    inputs: tuple
    settings: learn.Settings
    from_months: int = 0
    to_months: int = 3
    since: str = "as_of"


HEADS = (
    Head("violation-3", "violation", "supervision", UNDER_SUPERVISION,
         learn.Settings(rounds=800, bags=3, pairs=12, smallest_leaf=150)),
    Head("custody-incident-3", "custody_incident", "release", IN_PRISON,
         learn.Settings(rounds=250, bags=5, pairs=4, smallest_leaf=150)),
)  # fmt: skip


@dataclass(frozen=True)
class Landmarks:
    """Rows of one outcome: frame of vectors, happened 0/1, person ids, sex (for measuring alone)."""

    frame: pd.DataFrame
    happened: np.ndarray
    person: np.ndarray
    sex: np.ndarray

    def rows(self, chosen) -> "Landmarks":
        return Landmarks(
            self.frame.loc[chosen].reset_index(drop=True), self.happened[chosen], self.person[chosen], self.sex[chosen]
        )

    def one_each(self, seed: int) -> np.ndarray:
        """At most one landmark of a person, every landmark with the same chance.

        Rows of one person are no independent observations; one of everybody would count short records as much as long ones.
        """
        draw = np.random.default_rng(seed)
        people, of, months = np.unique(self.person, return_inverse=True, return_counts=True)
        drawn = draw.random(len(people)) < months / months.max()
        order = draw.permutation(len(of))
        _, first = np.unique(of[order], return_index=True)
        return np.sort(order[first[drawn]])


@dataclass(frozen=True)
class Population:
    of: dict  # head id -> Landmarks
    sha256: str  # of vectors and outcomes

    def rows_number(self) -> int:
        return sum(len(landmarks.frame) for landmarks in self.of.values())


def make_up(tarozi, work, people: int = PEOPLE, seed: int = SEED, **more) -> Population:
    """Draws people and reads them through the product's own extractor. more: flags of ``dataset synthetic``, as until="2026-01-01"."""
    work = Path(work)
    work.mkdir(parents=True, exist_ok=True)
    vectors, outcomes, protected = (work / name for name in ("vectors.csv", "outcomes.ndjson", "protected.ndjson"))
    draw = [tarozi, "dataset", "synthetic", "--landmarks", "--people", people, "--seed", seed, "--out", "-",
            "--outcomes", outcomes, "--protected", protected]  # fmt: skip
    for name, value in more.items():
        draw += [f"--{name}", value]
    with subprocess.Popen([str(part) for part in draw], stdout=subprocess.PIPE) as lives:
        subprocess.run([str(tarozi), "features", "-", "--out", str(vectors)], stdin=lives.stdout, check=True)
    if lives.returncode:
        raise RuntimeError(f"tarozi dataset synthetic ended with status {lives.returncode}")
    return Population(read(vectors, outcomes, protected), data.sha256_of([vectors, outcomes]))


def read(vectors, outcomes, protected) -> dict:
    """Head id -> its landmarks: an outcome joins its row by person, first day followed, and kind."""
    wanted = ["person_id", "as_of", *(given.feature for given in INPUTS)]
    frame = pd.read_csv(vectors, usecols=wanted, dtype={"person_id": str}).set_index(["person_id", "as_of"], drop=False)
    found = {head.outcome: [] for head in HEADS}
    for record in data.lines(outcomes):
        if record["kind"] in found:
            found[record["kind"]].append((record["person_id"], record["followed_from"], int(record["observed"])))
    sex = {record["person_id"]: record["attributes"].get("sex") for record in data.lines(protected)}
    made = {}
    for head in HEADS:
        person, day, happened = zip(*found[head.outcome], strict=True)
        rows = frame.loc[list(zip(person, day, strict=True))].reset_index(drop=True)
        made[head.id] = Landmarks(rows, np.array(happened), np.array(person), np.array([sex[p] for p in person]))
    return made


def fit(head: Head, landmarks: Landmarks, seed: int) -> additive.Additive:
    binned = additive.bins(head.inputs, data.matrix(head.inputs, landmarks.frame))
    everybody = np.ones(len(binned), bool)
    return learn.fit(head.inputs, binned, [everybody], [landmarks.happened], head.settings, seed)[0]


def margin(model: additive.Additive, frame) -> np.ndarray:
    return model.margin(additive.bins(model.inputs, data.matrix(model.inputs, frame)))


def out_of_fold(head: Head, landmarks: Landmarks, folds_number: int = FOLDS, seed: int = SEED) -> np.ndarray:
    """Margins for every row, each from a model that has seen no row of the person."""
    fold = folds.by_person(landmarks.person, folds_number, seed)
    found = np.empty(len(fold))
    for k in range(folds_number):
        model = fit(head, landmarks.rows(fold != k), seed)
        found[fold == k] = margin(model, landmarks.frame[fold == k])
    return found


def train(population: Population) -> dict:
    """Head id -> the model on all rows, out-of-fold margins, calibration."""
    trained = {}
    for head in HEADS:
        landmarks = population.of[head.id]
        margins = out_of_fold(head, landmarks)
        trained[head.id] = {
            "model": fit(head, landmarks, SEED),
            "margin": margins,
            "calibration": calibrate.platt(margins, landmarks.happened),
        }
    return trained


def score_card(head: Head, landmarks: Landmarks, p: np.ndarray) -> dict:
    """What happened to people with similar scores, one landmark of each."""
    chosen = landmarks.one_each(SEED)
    y, p, sex = landmarks.happened[chosen], p[chosen], landmarks.sex[chosen]
    groups = {("sex", name): sex == name for name in bundle.GROUPS["sex"]}
    return bundle.score_card(head.outcome, 0, head.to_months, y, p, groups, texts_monitoring.BAND_REASON, len(y) // 200)


def card(trained: dict, population: Population) -> dict:
    heads, scores = [], []
    for head in HEADS:
        of, landmarks = trained[head.id], population.of[head.id]
        binned = additive.bins(INPUTS, data.matrix(INPUTS, landmarks.frame))
        written = bundle.head_card(head, bundle.widened(of["model"], INPUTS), of["calibration"], binned)
        heads.append(written | {"since": head.since, "purpose": head.purpose})
        scores.append(score_card(head, landmarks, calibrate.apply(of["calibration"], of["margin"])))
    return {
        "format": 1,
        "id": "monitoring-demo",
        "version": VERSION,
        "created_on": bundle.CREATED_ON,
        "title": texts_monitoring.TITLE,
        "intended_use": texts_monitoring.INTENDED_USE,
        "excluded_uses": texts_monitoring.EXCLUDED_USES,
        "limits": texts_monitoring.LIMITS,
        "validity": {"state": "demonstration"},
        "training": {
            "data": f"made-up people: tarozi dataset synthetic --landmarks --people {PEOPLE} --seed {SEED}",
            "sha256": population.sha256,
            "rows": population.rows_number(),
            "population": texts_monitoring.POPULATION,
            "period": "made up",
            "code_sha256": bundle.code_sha256(SOURCES),
            "software": bundle.software(),
        },
        "inputs": [given.for_card() for given in INPUTS],
        "heads": heads,
        "scores": scores,
    }


def write(folder, tarozi, work):
    population = make_up(tarozi, work)
    trained = train(population)
    bundle.write(folder, card(trained, population), INPUTS, {name: bundle.widened(of["model"], INPUTS) for name, of in trained.items()})
