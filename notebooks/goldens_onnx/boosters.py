"""LightGBM, XGBoost and explainable boosting machines."""

import ebm2onnx
import lightgbm
import numpy as np
import onnx
import onnxmltools
import pandas as pd
import xgboost
from interpret.glassbox import ExplainableBoostingClassifier, ExplainableBoostingRegressor
from onnxmltools.convert.common.data_types import FloatTensorType

from .base import ROWS, attempt, classes3, data, golden, rows

X, Y, Z = data()


def with_missing(x, seed=3):
    x = x.copy()
    x[np.random.default_rng(seed).random(x.shape) < 0.15] = np.nan
    return x


def lightgbms():
    settings = dict(n_estimators=20, num_leaves=12, min_child_samples=5, verbose=-1, random_state=0, n_jobs=1)
    x = with_missing(X)
    categorical = X.copy()
    categorical[:, 0] = np.random.default_rng(1).integers(0, 9, len(X))
    yc = (np.isin(categorical[:, 0], [1, 4, 7]) ^ (X[:, 1] > 0.8)).astype(int)
    models = {
        "binary": (lightgbm.LGBMClassifier(**settings), X, Y),
        "binary-missing": (lightgbm.LGBMClassifier(**settings), x, Y),
        "zero-as-missing": (lightgbm.LGBMClassifier(zero_as_missing=True, **settings), x, Y),
        "no-missing": (lightgbm.LGBMClassifier(use_missing=False, **settings), x, Y),
        "multiclass": (lightgbm.LGBMClassifier(**settings), x, classes3(Z)),
        "regression": (lightgbm.LGBMRegressor(**settings), x, Z),
        "poisson": (lightgbm.LGBMRegressor(objective="poisson", **settings), x, np.abs(Z)),
        "l1": (lightgbm.LGBMRegressor(objective="l1", **settings), X, Z),
        "forest": (lightgbm.LGBMClassifier(boosting_type="rf", bagging_freq=1, bagging_fraction=0.7, **settings), X, Y),
        "dart": (lightgbm.LGBMClassifier(boosting_type="dart", **settings), X, Y),
        "stumps": (lightgbm.LGBMClassifier(**(settings | {"num_leaves": 2, "n_estimators": 60})), x, Y),
    }
    for name, (model, train, target) in models.items():
        model.fit(train, target)
        m = onnxmltools.convert_lightgbm(model, initial_types=[("X", FloatTensorType([None, X.shape[1]]))], zipmap=False,
                                         target_opset=15)
        golden(f"lightgbm-{name}", "lightgbm", m, [rows(train, m)])
    model = lightgbm.LGBMClassifier(**settings).fit(categorical, yc, categorical_feature=[0])
    m = onnxmltools.convert_lightgbm(model, initial_types=[("X", FloatTensorType([None, X.shape[1]]))], zipmap=False,
                                     target_opset=15)
    test = rows(categorical, m)
    test[30:40, 0] = [9, 10, -1, 3.5, 1e9, np.nan, np.inf, -np.inf, 4, 7]
    golden("lightgbm-categorical", "lightgbm-categorical", m, [test])
    model = lightgbm.LGBMRegressor(**settings).fit(X, Z)
    m = onnxmltools.convert_lightgbm(model, initial_types=[("X", FloatTensorType([None, X.shape[1]]))], zipmap=False,
                                     target_opset=15, split=5)
    golden("lightgbm-split", "lightgbm", m, [rows(X, m)])
    m = onnxmltools.convert_lightgbm(lightgbm.LGBMClassifier(**settings).fit(X, Y),
                                     initial_types=[("X", FloatTensorType([None, X.shape[1]]))], target_opset=15)
    golden("lightgbm-zipmap", "lightgbm", m, [rows(X, m)])


def xgboosts():
    settings = dict(n_estimators=20, max_depth=4, random_state=0, n_jobs=1)
    x = with_missing(X)
    models = {
        "binary": (xgboost.XGBClassifier(**settings), X, Y),
        "binary-missing": (xgboost.XGBClassifier(**settings), x, Y),
        "base-score": (xgboost.XGBClassifier(base_score=0.3, **settings), x, Y),
        "multiclass": (xgboost.XGBClassifier(**settings), x, classes3(Z)),
        "regression": (xgboost.XGBRegressor(**settings), x, Z),
        "poisson": (xgboost.XGBRegressor(objective="count:poisson", **settings), x, np.abs(Z)),
        "logistic-regression": (xgboost.XGBRegressor(objective="reg:logistic", **settings), x, Y),
        "forest": (xgboost.XGBRFClassifier(**settings), X, Y),
        "hist": (xgboost.XGBClassifier(tree_method="hist", grow_policy="lossguide", max_leaves=20, **settings), x, Y),
        "stumps": (xgboost.XGBClassifier(**(settings | {"max_depth": 1, "n_estimators": 80})), x, Y),
        "depth-3": (xgboost.XGBClassifier(**(settings | {"max_depth": 3, "n_estimators": 60})), x, Y),
    }
    for name, (model, train, target) in models.items():
        model.fit(train, target)
        m = onnxmltools.convert_xgboost(model, initial_types=[("X", FloatTensorType([None, X.shape[1]]))], target_opset=15)
        golden(f"xgboost-{name}", "xgboost", m, [rows(train, m)])


def xgboost_categorical():
    categories = np.random.default_rng(1).integers(0, 9, len(X))
    y = (np.isin(categories, [1, 4, 7]) ^ (X[:, 1] > 0.8)).astype(int)
    table = pd.DataFrame({"f0": pd.Categorical(categories), "f1": X[:, 1]})
    plain = np.stack([categories, X[:, 1]], 1).astype(np.float32)
    for name, most in (("sets", 1), ("onehot", 20)):
        model = xgboost.XGBClassifier(n_estimators=10, max_depth=3, enable_categorical=True, tree_method="hist",
                                      max_cat_to_onehot=most, n_jobs=1).fit(table, y)
        m = onnxmltools.convert_xgboost(model, initial_types=[("X", FloatTensorType([None, 2]))], target_opset=15)
        test = rows(plain, m)
        test[30:40, 0] = [9, 10, -1, 3.5, 1e9, np.nan, np.inf, -np.inf, 4, 7]
        golden(f"xgboost-categorical-{name}", "xgboost-categorical", m, [test])


def frame(with_text):
    f = pd.DataFrame(X[:, :5].astype(np.float64), columns=["a", "b", "c", "d", "e"])
    if with_text:
        f["kind"] = pd.Series(np.random.default_rng(6).choice(["x", "y", "z"], len(f)), dtype=object)
    return f


def ebm(full, model, f, text, task, explain):
    options = {"explain": explain}
    if task == "classifier":
        options["predict_proba"] = True
    m = ebm2onnx.to_onnx(model, ebm2onnx.get_dtype_from_pandas(f), name="ebm", target_opset=17, **options)
    test = f.iloc[:ROWS].copy()
    special = rows(X[:, :5].astype(np.float64), None, dtype=np.float64)
    for j, column in enumerate("abcde"):
        test[column] = special[:, j]
    if text:
        test.iloc[5, 5], test.iloc[6, 5] = "unseen", ""
    kinds = {i.name: i.type.tensor_type.elem_type for i in m.graph.input}
    inputs = [test[i.name].to_numpy().astype(object if kinds[i.name] == onnx.TensorProto.STRING
                                             else onnx.helper.tensor_dtype_to_np_dtype(kinds[i.name]))
              for i in m.graph.input]
    golden(full, f"ebm{'-explain' if explain else ''}", m, inputs)


def ebms():
    settings = dict(outer_bags=2, max_rounds=60, random_state=0, n_jobs=1)
    for name, text in (("numbers", False), ("texts", True)):
        f = frame(text)
        for task, model, target in (("classifier", ExplainableBoostingClassifier(interactions=2, **settings), Y),
                                    ("regressor", ExplainableBoostingRegressor(interactions=2, **settings), Z)):
            f2 = f.copy()
            f2.iloc[::11, 1] = np.nan
            model.fit(f2, target)
            if task == "regressor":
                model.classes_ = np.array([0, 1])  # ebm2onnx asks for it, to count the outputs: one
            for explain in (False, True):
                full = f"ebm-{name}-{task}{'-explain' if explain else ''}"
                attempt(full, lambda: ebm(full, model, f2, text, task, explain))
    model = ExplainableBoostingClassifier(interactions=0, **settings).fit(frame(False), classes3(Z))
    m = ebm2onnx.to_onnx(model, ebm2onnx.get_dtype_from_pandas(frame(False)), name="ebm", target_opset=17, predict_proba=True)
    test = rows(X[:, :5].astype(np.float64), None, dtype=np.float64)
    golden("ebm-multiclass", "ebm", m, [test[:, j] for j in range(5)])


def run():
    lightgbms()
    xgboosts()
    xgboost_categorical()
    ebms()
