"""Small bundles of every kind that the service explains, for its tests: model/testdata/bundles, made from made-up rows alone.

Beside each bundle, NAME.expected.json holds what its scores come to for a few rows. It is computed here from the definition, by
running every coalition of factors through ONNX Runtime; nothing of the service takes part.
"""

import hashlib
import json
import math
from itertools import product

import lightgbm
import numpy as np
import onnxmltools
import onnxruntime
import xgboost
from onnxmltools.convert.common.data_types import FloatTensorType as MLFloat
from skl2onnx import convert_sklearn
from skl2onnx.common.data_types import FloatTensorType
from sklearn.ensemble import ExtraTreesClassifier, RandomForestClassifier
from sklearn.impute import SimpleImputer
from sklearn.linear_model import LogisticRegression, Ridge
from sklearn.neural_network import MLPClassifier, MLPRegressor
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from .base import TARGET, VERSIONS

FOLDER = TARGET.parents[2] / "model" / "testdata" / "bundles"
OFFENCES = ["violent", "violent_sexual", "property", "drug", "public_order", "traffic", "other"]
CALIBRATION = {"recidivism-0-12": {"method": "platt", "a": 0.9, "b": -0.1}, "recidivism-12-24": {"method": "platt", "a": 1.1, "b": 0.05},
               "violation": {"method": "beta", "a": 0.8, "b": 1.1, "c": -0.1}}
TRAINED, HELD, BACKGROUND, SELFTEST, EXPLAINED = 1500, 800, 24, 40, 4
EDGE = 1e-9

INPUTS = [
    {"feature": "age_at_start", "kind": "count", "min": 18, "max": 70, "required": True},
    {"feature": "prior_arrests_felony", "kind": "count", "min": 0, "max": 10, "open_above": True},
    {"feature": "intake_risk_score", "kind": "count", "min": 1, "max": 10},
    {"feature": "gang_affiliation", "kind": "flag"},
    {"feature": "sentence_offence", "kind": "category", "categories": OFFENCES},
    {"feature": "contacts_missed_90d", "kind": "count", "min": 0, "max": 20, "open_above": True},
    {"feature": "employed_now", "kind": "flag"},
    {"feature": "programme_attendance_share_180d", "kind": "share", "min": 0, "max": 1},
]
MORE = [
    {"feature": "dependents", "kind": "count", "min": 0, "max": 6, "open_above": True},
    {"feature": "custody_days", "kind": "days", "min": 0, "max": 3650, "open_above": True},
    {"feature": "prior_arrests_violent", "kind": "count", "min": 0, "max": 5, "open_above": True},
    {"feature": "prior_arrests_drug", "kind": "count", "min": 0, "max": 5, "open_above": True},
    {"feature": "prior_conviction_weapon", "kind": "flag"},
    {"feature": "moves_365d", "kind": "count", "min": 0, "max": 10, "open_above": True},
]


def text(en, ru, uz):
    return {"en": en, "ru": ru, "uz": uz}


def generate(inputs, rows, rng, missing=0.1):
    """Rows over the inputs' ranges, each value by itself: nobody's. NaN where unknown."""
    table = np.empty((rows, len(inputs)))
    for j, i in enumerate(inputs):
        if i["kind"] == "flag":
            table[:, j] = rng.integers(0, 2, rows)
        elif i["kind"] == "category":
            table[:, j] = rng.integers(0, len(i["categories"]), rows)
        elif i["kind"] == "share":
            table[:, j] = np.round(rng.uniform(0, 1, rows), 2)
        else:
            table[:, j] = np.minimum(i["min"] + rng.exponential((i["max"] - i["min"]) / 4, rows), i["max"]).round()
        if not i.get("required"):
            table[rng.random(rows) < missing, j] = np.nan
    return table


def outcomes(inputs, x, rng):
    """Log-odds of a made-up process, and who had each outcome."""
    known = np.nan_to_num(x, nan=1.0)
    at = {i["feature"]: known[:, j] for j, i in enumerate(inputs)}
    z = (-0.8 - 0.03 * (at["age_at_start"] - 30) + 0.18 * at["prior_arrests_felony"] + 0.1 * at["intake_risk_score"]
         + 0.4 * at["gang_affiliation"] + 0.25 * (at["sentence_offence"] == 3) - 0.4 * (at["sentence_offence"] == 5)
         + 0.12 * at["contacts_missed_90d"] * (1 - 0.6 * at["employed_now"]) - 0.5 * at["programme_attendance_share_180d"]
         + 0.1 * at.get("moves_365d", 0) + 0.15 * at.get("prior_arrests_drug", 0))
    draws = [rng.random(len(z)) < 1 / (1 + np.exp(-(z + shift))) for shift in (-0.3, -0.7, 0.2)]
    return z, draws


def columns(inputs, x):
    """The graphs' columns, and the factor of each: what model.Card.Row makes of a value for each input."""
    made, factors = [], []
    for j, i in enumerate(inputs):
        if i.get("encoding") == "one_hot":
            for level in range(len(i["categories"])):
                made.append(np.where(np.isnan(x[:, j]), np.nan, x[:, j] == level))
                factors.append(j)
        else:
            made.append(x[:, j])
            factors.append(j)
    return np.column_stack(made).astype(np.float32), factors


def prepared(inputs, factors, model, scaled=True):
    """The model behind an imputer (means; no where an unknown flag counts as no) and a scaler."""
    imputer = SimpleImputer()
    fit = imputer.fit

    def filled(x, y=None):
        fit(x, y)
        for c, j in enumerate(factors):
            if inputs[j].get("missing_as") == "no":
                imputer.statistics_[c] = 0
        return imputer

    imputer.fit = filled
    imputer.fit_transform = lambda x, y=None: filled(x, y).transform(x)
    return make_pipeline(imputer, StandardScaler(), model) if scaled else make_pipeline(imputer, model)


def exported(model, width):
    if isinstance(model, lightgbm.LGBMModel):
        return onnxmltools.convert_lightgbm(model, initial_types=[("X", MLFloat([None, width]))], target_opset=15)
    if isinstance(model, xgboost.XGBModel):
        return onnxmltools.convert_xgboost(model, initial_types=[("X", MLFloat([None, width]))], target_opset=15)
    classifier = hasattr(model, "predict_proba")
    return convert_sklearn(model, initial_types=[("X", FloatTensorType([None, width]))],
                           options={id(model): {"zipmap": False}} if classifier else None, target_opset={"": 17, "ai.onnx.ml": 3})


def calibrated(c, m):
    """Log-odds of a margin after a calibration of the card."""
    if c["method"] == "platt":
        return c["a"] * m + c["b"]
    return -c["a"] * np.logaddexp(0, -m) + c["b"] * np.logaddexp(0, m) + c["c"]


class Head:
    """A graph with what the card says of it. unit: what its explanation splits, a "margin" or a "probability"."""

    def __init__(self, name, model, x, y, unit):
        model.fit(x, y)
        self.id, self.unit, self.model = name, unit, exported(model, x.shape[1])
        self.model.graph.name = name
        self.session = onnxruntime.InferenceSession(self.model.SerializeToString(), providers=["CPUExecutionProvider"])
        self.output = self.model.graph.output[-1].name
        self.probability = hasattr(model, "predict_proba")
        self.calibration = CALIBRATION[name]

    def run(self, x):
        out = self.session.run([self.output], {"X": np.asarray(x, dtype=np.float32)})[0]
        return out.reshape(len(x), -1)[:, -1].astype(np.float64)

    def splits(self, x):
        """What is split among the factors."""
        out = self.run(x)
        if self.probability and self.unit == "margin":
            return np.log(out) - np.log1p(-out)
        return out

    def log_odds(self, split):
        """Calibrated log-odds of a number that is split."""
        m = split
        if self.unit == "probability":
            p = np.clip(split, EDGE, 1 - EDGE)
            m = np.log(p) - np.log1p(-p)
        return calibrated(self.calibration, m)

    def hazard(self, out):
        p = np.clip(out, EDGE, 1 - EDGE)
        m = np.log(p) - np.log1p(-p) if self.probability else out
        unit, self.unit = self.unit, "margin"
        try:
            return 1 / (1 + np.exp(-self.log_odds(m)))
        finally:
            self.unit = unit


def shapley(head, row, reference, factors, count):
    """Each factor's part of the way from one reference row to the row, over every coalition."""
    coalitions = np.array(list(product([0, 1], repeat=count)), dtype=bool)
    worth = head.splits(np.where(coalitions[:, factors], row, reference))
    place = {tuple(c): i for i, c in enumerate(coalitions.tolist())}
    sizes = coalitions.sum(axis=1)
    weights = np.array([math.factorial(s) * math.factorial(count - s - 1) / math.factorial(count) if s < count else 0 for s in sizes])
    parts = np.zeros(count)
    for j in range(count):
        without = np.flatnonzero(~coalitions[:, j])
        joined = coalitions[without].copy()
        joined[:, j] = True
        with_j = [place[tuple(c)] for c in joined.tolist()]
        parts[j] = (weights[without] * (worth[with_j] - worth[without])).sum()
    return parts


def score(heads, moves, rescaled):
    """One score over heads: moves[k] is (margin, references, parts[z, factor]) in the head's unit."""
    k, rows = len(heads), len(moves[0][1])
    count = moves[0][2].shape[1]

    def survival(z, coalition):
        return sum(-np.logaddexp(0, h.log_odds(m if inside else b[z])) for h, (m, b, _), inside in zip(heads, moves, coalition))

    def units(t):
        return np.array([-np.expm1(t), np.log(-np.expm1(t)) - t])

    baseline, parts = np.zeros(2), np.zeros((2, count))
    for z in range(rows):
        baseline += units(survival(z, [False] * k)) / rows
        for i, (m, b, of) in enumerate(moves):
            if abs(m - b[z]) < 1e-9:
                continue
            value = np.zeros(2)
            for others in product([False, True], repeat=k - 1):
                size = sum(others)
                weight = math.factorial(size) * math.factorial(k - size - 1) / math.factorial(k)
                inside, outside = list(others), list(others)
                inside.insert(i, True)
                outside.insert(i, False)
                value += weight * (units(survival(z, inside)) - units(survival(z, outside)))
            parts += value[:, None] * of[z] / (m - b[z]) / rows
    total = units(survival(0, [True] * k))
    if rescaled:
        baseline[1] = np.log(baseline[0]) - np.log1p(-baseline[0])
        parts[1] = parts[0] * (total[1] - baseline[1]) / (total[0] - baseline[0])
    return baseline, total, parts


def expected(inputs, heads, method, background, values):
    """What the service must answer for rows of values, score by score."""
    x, factors = columns(inputs, values)
    reference, _ = columns(inputs, background)
    count = len(inputs)
    answers = []
    for n, row in enumerate(x):
        ways = {}
        for h in heads:
            parts = np.array([shapley(h, row, z, factors, count) for z in reference])
            b = h.splits(reference)
            if method == "linear":  # one reference: the mean of each column behind the imputer, whose margin is the mean margin
                b, parts = b.mean(keepdims=True), parts.mean(axis=0, keepdims=True)
            ways[h.id] = (h.splits(row[None])[0], b, parts)
        recidivism = [h for h in heads if h.id.startswith("recidivism")]
        of = [(f"recidivism {12 * (k + 1)}", recidivism[:k + 1]) for k in range(len(recidivism))]
        of.append(("violation 0", [h for h in heads if h.id == "violation"]))
        scores = {}
        for name, used in of:
            rescaled = any(h.unit == "probability" for h in used)
            baseline, total, parts = score(used, [ways[h.id] for h in used], rescaled)
            scores[name] = {"baseline": baseline[0], "baseline_log_odds": baseline[1], "probability": total[0], "log_odds": total[1],
                            "rescaled": rescaled,
                            "contributions": {i["feature"]: {"points": parts[0, j], "log_odds": parts[1, j]} for j, i in enumerate(inputs)}}
        answers.append({"values": [None if np.isnan(v) else float(v) for v in values[n]], "scores": scores})
    return answers


def csv(header, rows):
    lines = [",".join(header)]
    lines += [",".join("" if np.isnan(v) else repr(round(float(v), 12)).removesuffix(".0") for v in row) for row in rows]
    return "\n".join(lines) + "\n"


def score_card(outcome, horizon, p, y):
    cuts = [round(float(np.quantile(p, q)), 2) for q in (0.35, 0.75)]
    quantiles = [float(q) for q in np.round(np.quantile(p, np.linspace(0, 1, 101)), 6)]
    edges = [0, *np.round(np.quantile(p, [0.25, 0.5, 0.75]), 3).tolist(), 1]
    inside = [(p >= a) & ((p < b) | (b == 1)) for a, b in zip(edges, edges[1:])]
    banded = [("low", p < cuts[0]), ("medium", (p >= cuts[0]) & (p < cuts[1])), ("high", p >= cuts[1])]
    return {
        "outcome": outcome, "landmark_months": 0, "horizon_months": horizon,
        "bands": [{"band": "low", "below": cuts[0]}, {"band": "medium", "below": cuts[1]}, {"band": "high"}],
        "band_reason": text("The lowest third and the highest quarter of made-up people.", "Нижняя треть и верхняя четверть вымышленных людей.",
                            "Oʻylab topilgan kishilarning eng past uchdan biri va eng yuqori choragi."),
        "quantiles": quantiles,
        "observed": [{"lower": a, "upper": b, "n": int(i.sum()), "events": int(y[i].sum())} for a, b, i in zip(edges, edges[1:], inside)],
        "band_observed": [{"band": b, "n": int(i.sum()), "events": int(y[i].sum())} for b, i in banded],
        "metrics": {"n": len(y), "brier": round(float(((p - y) ** 2).mean()), 6)}, "groups": [],
    }


def write(name, title, method, inputs, heads, rng, software, remedy=False):
    background = generate(inputs, BACKGROUND, rng)
    held = generate(inputs, HELD, rng)
    _, (one, two, broken) = outcomes(inputs, held, rng)
    x, _ = columns(inputs, held)
    by = {h.id: h for h in heads}
    p = {h.id: h.hazard(h.run(x)) for h in heads}
    both = 1 - (1 - p["recidivism-0-12"]) * (1 - p.get("recidivism-12-24", 0))
    scores = [score_card("recidivism", 12, p["recidivism-0-12"], one)]
    if "recidivism-12-24" in by:
        scores.append(score_card("recidivism", 24, both, one | two))
    scores.append(score_card("violation", None, p["violation"], broken))
    months = {"recidivism-0-12": (0, 12), "recidivism-12-24": (12, 24), "violation": (0, None)}
    card = {
        "format": 1, "id": name, "version": "1.0.0", "created_on": "2026-11-24", "title": title,
        "intended_use": text("Tests of the service.", "Испытания службы.", "Xizmat sinovlari."),
        "excluded_uses": [text("Any decision about a real person.", "Любое решение о настоящем человеке.", "Haqiqiy odam haqidagi har qanday qaror.")],
        "limits": [text("Made from made-up rows.", "Создана по вымышленным строкам.", "Oʻylab topilgan qatorlardan yaratilgan.")],
        "validity": {"state": "demonstration"},
        "training": {"data": "made-up rows, notebooks/goldens_explain/bundles.py", "sha256": hashlib.sha256(b"made up").hexdigest(), "rows": TRAINED,
                     "population": text("Nobody real.", "Настоящих людей нет.", "Haqiqiy odamlar yoʻq."), "period": "none",
                     "code_sha256": hashlib.sha256(open(__file__, "rb").read()).hexdigest(), "software": software},
        "inputs": inputs,
        "background": {"file": "background.csv", "rows": BACKGROUND, "generated": text(
            "Each value drawn by itself over the input's range, one in ten unknown; no row is a person's.",
            "Каждое значение взято отдельно из диапазона признака, каждое десятое неизвестно; ни одна строка не принадлежит человеку.",
            "Har bir qiymat belgi oraligʻidan alohida olingan, oʻntadan biri nomaʼlum; birorta qator ham odamniki emas.")},
        "heads": [{"id": h.id, "outcome": h.id.split("-")[0], "from_months": months[h.id][0], "to_months": months[h.id][1],
                   "graph": f"{h.id}.onnx", "intercept": 0,
                   "output": {"name": h.output, **({"column": 1, "probability": True} if h.probability else {})},
                   "calibration": h.calibration} for h in heads],
        "scores": scores,
    }
    if remedy:
        card["remedies"] = [{"id": "calibration-by-sex", "attribute": "sex", "heads": {
            h.id: {"female": {"method": "platt", "a": 0.95, "b": -0.2}, "male": {"method": "platt", "a": 1.02, "b": 0.02}} for h in heads}}]
    tried = generate(inputs, SELFTEST, rng, missing=0.15)
    x, _ = columns(inputs, tried)
    outputs = [v for h in heads for v in (h.run(x), h.hazard(h.run(x)))]
    header = [i["feature"] for i in inputs]
    files = {
        "card.json": json.dumps(card, ensure_ascii=False, indent=1) + "\n",
        "background.csv": csv(header, background),
        "selftest.csv": csv(header + [f"{h.id}:{w}" for h in heads for w in ("margin", "hazard")], np.column_stack([tried, *outputs])),
        **{f"{h.id}.onnx": h.model.SerializeToString() for h in heads},
    }
    if remedy:
        files["selftest_remedies.csv"] = remedied(card)
    folder = FOLDER / name
    folder.mkdir(parents=True, exist_ok=True)
    sums = ""
    for file in sorted(files):
        content = files[file] if isinstance(files[file], bytes) else files[file].encode()
        (folder / file).write_bytes(content)
        sums += f"{hashlib.sha256(content).hexdigest()}  {file}\n"
    (folder / "SHA256SUMS").write_text(sums)
    answers = expected(inputs, heads, method, background, generate(inputs, EXPLAINED, rng, missing=0.2))
    about = {"generator": "notebooks/goldens_explain/bundles.py", "versions": VERSIONS | software, "method": method, "rows": answers}
    (FOLDER / f"{name}.expected.json").write_text(json.dumps(about, sort_keys=True) + "\n")


def remedied(card):
    """The hazard of each head after each curve of each remedy, at some margins: what the loader tests a remedy with."""
    lines = ["remedy,group,head,margin,hazard"]
    calibration = {head["id"]: head["calibration"] for head in card["heads"]}
    for remedy in card["remedies"]:
        for head, groups in remedy["heads"].items():
            for group, curve in groups.items():
                for m in np.arange(-8, 9) / 2:
                    p = 1 / (1 + np.exp(-calibrated(curve, calibrated(calibration[head], m))))
                    lines.append(f"{remedy['id']},{group},{head},{m:g},{p:.12g}")
    return "\n".join(lines) + "\n"


def encoded(inputs, one_hot, unknown_is_no):
    made = []
    for i in inputs:
        i = dict(i)
        if one_hot and i["kind"] == "category":
            i["encoding"] = "one_hot"
        if unknown_is_no and i["feature"] == "gang_affiliation":
            i["missing_as"] = "no"
        made.append(i)
    return made


def run():
    rng = np.random.default_rng(20261124)
    ort = {"onnxruntime": onnxruntime.__version__}

    def trained(inputs):
        values = generate(inputs, TRAINED, rng)
        z, (one, two, broken) = outcomes(inputs, values, rng)
        x, factors = columns(inputs, values)
        return x, factors, z, one.astype(int), two.astype(int), broken.astype(int)

    inputs = encoded(INPUTS, True, True)
    x, factors, z, one, two, _ = trained(inputs)
    write("test-logistic", text("Test: logistic regression", "Испытание: логистическая регрессия", "Sinov: logistik regressiya"), "linear", inputs, [
        Head("recidivism-0-12", prepared(inputs, factors, LogisticRegression(max_iter=2000)), x, one, "margin"),
        Head("recidivism-12-24", prepared(inputs, factors, LogisticRegression(C=0.1, max_iter=2000)), x, two, "margin"),
        Head("violation", prepared(inputs, factors, Ridge()), x, z + 0.2, "margin"),
    ], rng, ort)

    inputs = encoded(INPUTS, False, False)
    x, factors, z, one, two, _ = trained(inputs)
    boost = dict(n_estimators=20, max_depth=3, random_state=0, n_jobs=1)
    write("test-boosted", text("Test: boosted trees", "Испытание: бустинг деревьев", "Sinov: kuchaytirilgan daraxtlar"), "tree_shap_interventional", inputs, [
        Head("recidivism-0-12", xgboost.XGBClassifier(**boost), x, one, "margin"),
        Head("recidivism-12-24", xgboost.XGBClassifier(**boost), x, two, "margin"),
        Head("violation", lightgbm.LGBMRegressor(n_estimators=20, num_leaves=8, verbose=-1, random_state=0, n_jobs=1), x, z + 0.2, "margin"),
    ], rng, ort, remedy=True)

    inputs = encoded(INPUTS, False, True)
    x, factors, z, one, two, broken = trained(inputs)
    forest = dict(n_estimators=15, max_depth=4, min_samples_leaf=20, random_state=0)
    write("test-forest", text("Test: forests", "Испытание: леса деревьев", "Sinov: daraxtlar oʻrmoni"), "tree_shap_interventional", inputs, [
        Head("recidivism-0-12", prepared(inputs, factors, RandomForestClassifier(**forest), False), x, one, "probability"),
        Head("recidivism-12-24", prepared(inputs, factors, RandomForestClassifier(**forest), False), x, two, "probability"),
        Head("violation", prepared(inputs, factors, ExtraTreesClassifier(**forest), False), x, broken, "probability"),
    ], rng, ort)

    inputs = encoded(INPUTS, True, True)
    x, factors, z, one, two, _ = trained(inputs)
    net = dict(hidden_layer_sizes=(6,), max_iter=400, random_state=0)
    write("test-network", text("Test: neural network", "Испытание: нейронная сеть", "Sinov: neyron tarmoq"), "shapley_exact", inputs, [
        Head("recidivism-0-12", prepared(inputs, factors, MLPClassifier(**net)), x, one, "probability"),
        Head("recidivism-12-24", prepared(inputs, factors, MLPClassifier(**net)), x, two, "probability"),
        Head("violation", prepared(inputs, factors, MLPRegressor(**net)), x, z + 0.2, "margin"),
    ], rng, ort)

    inputs = encoded(INPUTS + MORE, True, False)
    x, factors, z, one, _, _ = trained(inputs)
    write("test-wide-network", text("Test: network of many inputs", "Испытание: сеть со многими признаками", "Sinov: koʻp belgili tarmoq"), "shapley_sampled",
          inputs, [
        Head("recidivism-0-12", prepared(inputs, factors, MLPClassifier(**net)), x, one, "probability"),
        Head("violation", prepared(inputs, factors, MLPRegressor(**net)), x, z + 0.2, "margin"),
    ], rng, ort)


if __name__ == "__main__":
    from . import base

    base.plain_attributes()
    run()
