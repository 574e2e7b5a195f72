"""Writes the models and rows of the speed comparison: python -m goldens_onnx.bench FOLDER (from notebooks/)."""

import sys
import warnings
from pathlib import Path

import lightgbm
import numpy as np
import onnxmltools
import xgboost
from onnxmltools.convert.common.data_types import FloatTensorType as MLFloat
from skl2onnx import convert_sklearn
from skl2onnx.common.data_types import FloatTensorType
from sklearn.ensemble import RandomForestClassifier
from sklearn.linear_model import LogisticRegression
from sklearn.neural_network import MLPClassifier

from .base import data, plain_attributes
from .boosters import frame
from .handmade import head

COLUMNS, ROWS = 30, 100_000


def rows(x, columns, seed=1):
    rng = np.random.default_rng(seed)
    return x[rng.integers(0, len(x), ROWS)][:, :columns].astype(np.float32)


def main():
    warnings.simplefilter("ignore")
    plain_attributes()
    folder = Path(sys.argv[1])
    folder.mkdir(parents=True, exist_ok=True)
    x, y, _ = data(6000, COLUMNS)
    y = (y ^ (np.random.default_rng(3).random(len(y)) < 0.15)).astype(int)

    def save(name, model, table):
        for o in model.graph.output:  # onnxmltools declares one row, which ONNX Runtime then insists on
            if o.type.tensor_type.shape.dim:
                o.type.tensor_type.shape.dim[0].dim_param = "N"
        (folder / f"{name}.onnx").write_bytes(model.SerializeToString())
        (folder / f"{name}.rows").write_bytes(rows(table, table.shape[1]).tobytes())
        print(name, table.shape[1])

    def sklearn(name, model):
        model.fit(x, y)
        save(name, convert_sklearn(model, initial_types=[("X", FloatTensorType([None, COLUMNS]))],
                                   options={id(model): {"zipmap": False}}, target_opset={"": 17, "ai.onnx.ml": 3}), x)

    sklearn("logistic", LogisticRegression(max_iter=2000))
    for trees, depth in ((100, 3), (300, 4), (600, 1)):
        model = xgboost.XGBClassifier(n_estimators=trees, max_depth=depth, learning_rate=0.05, random_state=0, n_jobs=1).fit(x, y)
        save(f"boosted-{trees}x{depth}",
             onnxmltools.convert_xgboost(model, initial_types=[("X", MLFloat([None, COLUMNS]))], target_opset=15), x)
    model = lightgbm.LGBMClassifier(n_estimators=200, num_leaves=500, min_child_samples=2, verbose=-1, n_jobs=1).fit(x, y)
    save("boosted-200x500-leaves",
         onnxmltools.convert_lightgbm(model, initial_types=[("X", MLFloat([None, COLUMNS]))], zipmap=False, target_opset=15), x)
    sklearn("forest-200x12", RandomForestClassifier(200, max_depth=12, random_state=0))
    sklearn("mlp-64-32", MLPClassifier((64, 32), max_iter=30, random_state=0))
    table = np.random.default_rng(2).integers(-3, 13, (6000, 12)).astype(np.float32)
    table[np.random.default_rng(4).random(table.shape) < 0.05] = np.nan
    save("head-35", head(35, 4), table)
    from .boosters import X, Y
    import ebm2onnx
    from interpret.glassbox import ExplainableBoostingClassifier
    f = frame(False)
    model = ExplainableBoostingClassifier(interactions=3, outer_bags=2, random_state=0, n_jobs=1).fit(f, Y)
    save("ebm", ebm2onnx.to_onnx(model, {c: "float" for c in f.columns}, name="ebm", target_opset=17, predict_proba=True),
         X[:, :5])


main()
