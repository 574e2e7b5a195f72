"""Tree ensembles, explained by shap's TreeExplainer with feature_perturbation="interventional"."""

import lightgbm
import numpy as np
import onnxmltools
import shap
import xgboost
from onnxmltools.convert.common.data_types import FloatTensorType as MLFloat
from skl2onnx import convert_sklearn
from skl2onnx.common.data_types import FloatTensorType
from sklearn.ensemble import (
    ExtraTreesClassifier,
    GradientBoostingClassifier,
    GradientBoostingRegressor,
    HistGradientBoostingClassifier,
    HistGradientBoostingRegressor,
    RandomForestClassifier,
    RandomForestRegressor,
)
from sklearn.tree import DecisionTreeClassifier

from .base import BACKGROUND, COLUMNS, golden, samples, table

X, Y, Z = table()
GAPS, YG, ZG = table(missing=0.15)


def one(values):
    """The parts of class 1, or the only ones."""
    values = np.asarray(values)
    return values[..., 1] if values.ndim == 3 else values


def explain(name, kind, model, onnx_model, x, output, *, column=0, probability=False, of_probability=False):
    """shap's parts of the sum that the trees make: raw log-odds, or a forest's probability."""
    rows, background = samples(x.astype(np.float64))
    raw = shap.TreeExplainer(model, background, feature_perturbation="interventional", model_output="raw")
    parts = one(raw.shap_values(rows, check_additivity=False))
    baseline = float(np.ravel(raw.expected_value)[-1])
    against = []
    for z in range(BACKGROUND):
        alone = shap.TreeExplainer(model, background[z:z + 1], feature_perturbation="interventional", model_output="raw")
        against.append(one(alone.shap_values(rows[:1], check_additivity=False))[0])
    points = None
    if probability and not of_probability:
        through = shap.TreeExplainer(model, background, feature_perturbation="interventional", model_output="probability")
        points = (float(np.ravel(through.expected_value)[-1]), one(through.shap_values(rows, check_additivity=False)))
        theirs = baseline + one(raw.shap_values(background, check_additivity=False)).sum(axis=1)
        ours = baseline + parts.sum(axis=1)
        points[1][np.abs(ours[:, None] - theirs).min(axis=1) < 1e-6] = np.nan  # shap treats equal margins in its own way
    golden(name, kind, onnx_model, method="tree_shap_interventional", output=output, column=column, probability=probability,
           x=x, parts=parts, baseline=baseline, margins=baseline + parts.sum(axis=1), points=points, against=against)


def lightgbms():
    settings = dict(n_estimators=20, num_leaves=12, min_child_samples=5, verbose=-1, random_state=0, n_jobs=1)
    models = {
        "binary": (lightgbm.LGBMClassifier(**settings), X, Y, True),
        "missing": (lightgbm.LGBMClassifier(**settings), GAPS, YG, True),
        "dart": (lightgbm.LGBMClassifier(boosting_type="dart", **settings), X, Y, True),
        "deep": (lightgbm.LGBMClassifier(**(settings | {"num_leaves": 60, "n_estimators": 6, "min_child_samples": 2})), X, Y, True),
        "stumps": (lightgbm.LGBMClassifier(**(settings | {"num_leaves": 2, "n_estimators": 60})), GAPS, YG, True),
        "regression": (lightgbm.LGBMRegressor(**settings), GAPS, ZG, False),
    }
    for name, (model, x, y, probability) in models.items():
        model.fit(x, y)
        options = {"zipmap": False} if probability else {}
        m = onnxmltools.convert_lightgbm(model, initial_types=[("X", MLFloat([None, COLUMNS]))], target_opset=15, **options)
        explain(f"lightgbm-{name}", "lightgbm", model, m, x, m.graph.output[-1].name, column=int(probability), probability=probability)


def xgboosts():
    settings = dict(n_estimators=20, max_depth=4, random_state=0, n_jobs=1)
    models = {
        "binary": (xgboost.XGBClassifier(**settings), X, Y, True),
        "missing": (xgboost.XGBClassifier(**settings), GAPS, YG, True),
        "base-score": (xgboost.XGBClassifier(base_score=0.3, **settings), X, Y, True),
        "deep": (xgboost.XGBClassifier(**(settings | {"max_depth": 9, "n_estimators": 5})), X, Y, True),
        "stumps": (xgboost.XGBClassifier(**(settings | {"max_depth": 1, "n_estimators": 60})), GAPS, YG, True),
        "regression": (xgboost.XGBRegressor(**settings), GAPS, ZG, False),
    }
    for name, (model, x, y, probability) in models.items():
        model.fit(x, y)
        m = onnxmltools.convert_xgboost(model, initial_types=[("X", MLFloat([None, COLUMNS]))], target_opset=15)
        explain(f"xgboost-{name}", "xgboost", model, m, x, m.graph.output[-1].name, column=int(probability), probability=probability)


def sklearns():
    forest = dict(n_estimators=12, min_samples_leaf=4, random_state=0)
    models = {
        "decision-tree": (DecisionTreeClassifier(max_depth=5, min_samples_leaf=5, random_state=0), X, Y, True, True),
        "random-forest": (RandomForestClassifier(max_depth=6, **forest), X, Y, True, True),
        "extra-trees": (ExtraTreesClassifier(max_depth=6, **forest), X, Y, True, True),
        "forest-regression": (RandomForestRegressor(max_depth=6, **forest), X, Z, False, False),
        "gradient-boosting": (GradientBoostingClassifier(n_estimators=20, random_state=0), X, Y, True, False),
        "gradient-regression": (GradientBoostingRegressor(n_estimators=20, random_state=0), X, Z, False, False),
        "histogram": (HistGradientBoostingClassifier(max_iter=20, max_leaf_nodes=10, random_state=0), X, Y, True, False),
        "histogram-missing": (HistGradientBoostingRegressor(max_iter=20, max_leaf_nodes=10, random_state=0), GAPS, ZG, False, False),
    }
    for name, (model, x, y, probability, of_probability) in models.items():
        model.fit(x, y)
        options = {id(model): {"zipmap": False}} if probability else None
        m = convert_sklearn(model, initial_types=[("X", FloatTensorType([None, COLUMNS]))], options=options,
                            target_opset={"": 17, "ai.onnx.ml": 3})
        explain(f"sklearn-{name}", "sklearn", model, m, x, m.graph.output[-1].name, column=int(probability),
                probability=probability, of_probability=of_probability)


def run():
    lightgbms()
    xgboosts()
    sklearns()
