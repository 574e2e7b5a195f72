"""scikit-learn pipelines exported by skl2onnx, in float and double."""

import numpy as np
from onnx import TensorProto
from skl2onnx import convert_sklearn
from skl2onnx.common.data_types import DoubleTensorType, FloatTensorType, Int64TensorType, StringTensorType
from sklearn import (calibration, compose, decomposition, discriminant_analysis, ensemble, feature_selection, impute, linear_model,
                     multiclass, naive_bayes, neural_network, pipeline, preprocessing, svm, tree)

from .base import ROWS, attempt, classes3, data, expose, golden, rows

X, Y, Z = data()
POSITIVE = np.abs(X)


def missing(x, share=0.1, seed=2):
    x = x.copy()
    x[np.random.default_rng(seed).random(x.shape) < share] = np.nan
    return x


def tree_outputs(m):
    """Whether tree ensembles write outputs: skl2onnx declares them double, the operator makes float."""
    trees = {o for n in m.graph.node if n.op_type.startswith("TreeEnsemble") for o in n.output}
    return any(o.name in trees for o in m.graph.output)


def single_outputs(m):
    for o in m.graph.output:
        if o.type.tensor_type.elem_type == TensorProto.DOUBLE:
            o.type.tensor_type.elem_type = TensorProto.FLOAT
    return m


def export(name, kind, model, x=X, y=Y, opset=17, zipmap=False, everything=False, **special):
    model.fit(x, y)
    classifier = hasattr(model, "classes_") and hasattr(model, "predict_proba")
    for dtype, tensor in ((np.float32, FloatTensorType), (np.float64, DoubleTensorType)):
        def make():
            options = {id(model): {"zipmap": zipmap}} if classifier else None
            m = convert_sklearn(model, initial_types=[("X", tensor([None, x.shape[1]]))], options=options,
                                target_opset={"": opset, "ai.onnx.ml": 3})
            if everything:
                m = expose(m)
            golden(full, kind, single_outputs(m) if dtype == np.float64 and tree_outputs(m) else m,
                   [rows(x, m, dtype=dtype, **special)])

        full = name if dtype == np.float32 else name + "-double"
        attempt(full, make)


def linear():
    export("logistic", "logistic", linear_model.LogisticRegression(), everything=True)
    export("logistic-zipmap", "logistic", linear_model.LogisticRegression(), zipmap=True)
    export("logistic-multiclass", "logistic-multiclass", linear_model.LogisticRegression(max_iter=500), y=classes3(Z))
    export("logistic-ovr", "one-versus-rest", multiclass.OneVsRestClassifier(linear_model.LogisticRegression()), y=classes3(Z))
    names = np.array(["low", "medium", "high"])
    export("logistic-strings", "logistic-multiclass", linear_model.LogisticRegression(max_iter=500), y=names[classes3(Z)])
    export("linear", "linear", linear_model.LinearRegression(), y=Z)
    export("linear-two-targets", "linear", linear_model.LinearRegression(), y=np.stack([Z, -Z], 1))
    export("ridge", "linear", linear_model.Ridge(), y=Z)
    export("lasso", "linear", linear_model.Lasso(alpha=0.01), y=Z)
    export("poisson", "generalized-linear", linear_model.PoissonRegressor(), y=np.abs(Z))
    export("gamma", "generalized-linear", linear_model.GammaRegressor(), y=np.abs(Z) + 0.1)
    export("sgd", "sgd", linear_model.SGDClassifier(loss="log_loss", random_state=0))
    export("perceptron", "sgd", linear_model.Perceptron(random_state=0))
    export("ridge-classifier", "ridge-classifier", linear_model.RidgeClassifier())
    export("linear-svc", "linear-svc", svm.LinearSVC())
    export("svc-calibrated", "calibrated", calibration.CalibratedClassifierCV(svm.LinearSVC(), cv=3))
    export("naive-bayes-gaussian", "naive-bayes", naive_bayes.GaussianNB(), infinite=False)
    export("naive-bayes-bernoulli", "naive-bayes", naive_bayes.BernoulliNB())
    export("naive-bayes-multinomial", "naive-bayes", naive_bayes.MultinomialNB(), x=POSITIVE)
    export("lda", "discriminant", discriminant_analysis.LinearDiscriminantAnalysis())
    export("qda", "discriminant", discriminant_analysis.QuadraticDiscriminantAnalysis())
    for opset in (9, 11, 12, 13, 15, 18, 21):
        export(f"logistic-opset-{opset}", "opsets", pipeline.make_pipeline(
            preprocessing.StandardScaler(), linear_model.LogisticRegression(max_iter=500)), y=classes3(Z),
               opset=opset)


def prepared():
    logistic = linear_model.LogisticRegression
    steps = {
        "standard-scaler": preprocessing.StandardScaler(),
        "minmax-scaler": preprocessing.MinMaxScaler(),
        "minmax-clip": preprocessing.MinMaxScaler(clip=True),
        "robust-scaler": preprocessing.RobustScaler(),
        "maxabs-scaler": preprocessing.MaxAbsScaler(),
        "polynomial": preprocessing.PolynomialFeatures(2),
        "polynomial-interactions": preprocessing.PolynomialFeatures(2, interaction_only=True, include_bias=False),
        "kbins-onehot": preprocessing.KBinsDiscretizer(4, encode="onehot-dense", quantile_method="averaged_inverted_cdf"),
        "kbins-ordinal": preprocessing.KBinsDiscretizer(4, encode="ordinal", quantile_method="averaged_inverted_cdf"),
        "binarizer": preprocessing.Binarizer(threshold=0.4),
        "pca": decomposition.PCA(4),
        "truncated-svd": decomposition.TruncatedSVD(4, random_state=0),
        "select-k-best": feature_selection.SelectKBest(k=4),
        "variance-threshold": feature_selection.VarianceThreshold(0.1),
        "power-yeo": preprocessing.PowerTransformer("yeo-johnson"),
        "union": pipeline.make_union(preprocessing.StandardScaler(), preprocessing.Binarizer(threshold=0.5)),
    }
    for name, step in steps.items():
        kind = {"minmax-clip": "minmax-scaler", "polynomial-interactions": "polynomial", "kbins-ordinal": "kbins",
                "kbins-onehot": "kbins", "truncated-svd": "pca", "variance-threshold": "select-k-best"}.get(name, name)
        export(name, kind, pipeline.make_pipeline(step, logistic(max_iter=500)), everything=name != "power-yeo", missing=name not in ("union", "binarizer"))
    for norm in ("l1", "l2", "max"):
        export(f"normalizer-{norm}", "normalizer", pipeline.make_pipeline(preprocessing.Normalizer(norm), logistic()),
               everything=True)
    for strategy in ("mean", "median", "most_frequent", "constant"):
        export(f"imputer-{strategy}", "imputer", pipeline.make_pipeline(impute.SimpleImputer(strategy=strategy), logistic()),
               x=missing(X), everything=True)


def trees():
    for name, kind, classifier, regressor in (
            ("decision-tree", "decision-tree", tree.DecisionTreeClassifier(max_depth=5, random_state=0),
             tree.DecisionTreeRegressor(max_depth=5, random_state=0)),
            ("random-forest", "random-forest", ensemble.RandomForestClassifier(12, max_depth=5, random_state=0),
             ensemble.RandomForestRegressor(12, max_depth=5, random_state=0)),
            ("extra-trees", "extra-trees", ensemble.ExtraTreesClassifier(10, max_depth=5, random_state=0),
             ensemble.ExtraTreesRegressor(10, max_depth=5, random_state=0)),
            ("gradient-boosting", "gradient-boosting", ensemble.GradientBoostingClassifier(n_estimators=20, random_state=0),
             ensemble.GradientBoostingRegressor(n_estimators=20, random_state=0)),
            ("hist-gradient-boosting", "hist-gradient-boosting", ensemble.HistGradientBoostingClassifier(max_iter=15, random_state=0),
             ensemble.HistGradientBoostingRegressor(max_iter=15, random_state=0)),
            ("adaboost", "adaboost", ensemble.AdaBoostClassifier(n_estimators=8, random_state=0),
             ensemble.AdaBoostRegressor(n_estimators=8, random_state=0)),
            ("bagging", "bagging", ensemble.BaggingClassifier(n_estimators=5, random_state=0),
             ensemble.BaggingRegressor(tree.DecisionTreeRegressor(max_depth=4), n_estimators=5, random_state=0))):
        export(f"{name}-classifier", kind, classifier)
        export(f"{name}-regressor", kind, regressor, y=Z)
        if name in ("random-forest", "gradient-boosting", "decision-tree", "hist-gradient-boosting"):
            export(f"{name}-multiclass", kind, classifier, y=classes3(Z))
    export("hist-gradient-boosting-missing", "hist-gradient-boosting",
           ensemble.HistGradientBoostingClassifier(max_iter=15, random_state=0), x=missing(X))
    export("random-forest-two-targets", "random-forest", ensemble.RandomForestRegressor(6, max_depth=4, random_state=0),
           y=np.stack([Z, -Z], 1))
    export("isolation-forest", "isolation-forest", ensemble.IsolationForest(n_estimators=8, random_state=0))
    base = [("a", linear_model.LogisticRegression(max_iter=500)), ("b", tree.DecisionTreeClassifier(max_depth=3, random_state=0))]
    export("voting-soft", "voting", ensemble.VotingClassifier(base, voting="soft", flatten_transform=False))
    export("voting-hard", "voting", ensemble.VotingClassifier(base, voting="hard", flatten_transform=False))
    export("stacking", "stacking", ensemble.StackingClassifier(base, cv=3))
    for method in ("sigmoid", "isotonic"):
        export(f"calibrated-{method}", "calibrated", calibration.CalibratedClassifierCV(
            ensemble.RandomForestClassifier(5, max_depth=4, random_state=0), method=method, cv=3))


def networks():
    for activation in ("relu", "tanh", "logistic", "identity"):
        export(f"mlp-{activation}", "mlp", neural_network.MLPClassifier((16, 8), activation=activation, max_iter=60, random_state=0),
               everything=True)
    export("mlp-multiclass", "mlp", neural_network.MLPClassifier((16,), max_iter=60, random_state=0), y=classes3(Z))
    export("mlp-regressor", "mlp", neural_network.MLPRegressor(hidden_layer_sizes=(64, 32), max_iter=60, random_state=0), y=Z)


def tables():
    """Mixed columns: numbers with missing values, whole numbers, texts with unseen categories."""
    rng = np.random.default_rng(4)
    n = 300
    import pandas as pd
    frame = pd.DataFrame({
        "age": rng.integers(18, 70, n).astype(np.float32), "score": rng.normal(0, 1, n).astype(np.float32),
        "prior": rng.poisson(2, n).astype(np.int64),
        "offence": rng.choice(["violent", "property", "drug", "other"], n),
        "level": rng.choice(["standard", "high"], n)})
    y = ((frame["age"] < 30) ^ (frame["offence"] == "drug")).astype(int).to_numpy()
    test = frame.iloc[:ROWS].copy()
    test.iloc[3, 3], test.iloc[4, 3], test.iloc[5, 4] = "unseen", "", "Высокий"
    test.iloc[6, 0], test.iloc[7, 1], test.iloc[8, 1] = np.nan, np.inf, np.nan
    types = [("age", FloatTensorType([None, 1])), ("score", FloatTensorType([None, 1])), ("prior", Int64TensorType([None, 1])),
             ("offence", StringTensorType([None, 1])), ("level", StringTensorType([None, 1]))]
    inputs = [test[c].to_numpy().reshape(-1, 1) for c in frame.columns]
    numbers = pipeline.make_pipeline(impute.SimpleImputer(strategy="median"), preprocessing.StandardScaler())
    for name, encoder in (("onehot", preprocessing.OneHotEncoder(handle_unknown="ignore", sparse_output=False)),
                          ("ordinal", preprocessing.OrdinalEncoder(handle_unknown="use_encoded_value", unknown_value=-1))):
        for head, model in (("logistic", linear_model.LogisticRegression(max_iter=500)),
                            ("forest", ensemble.RandomForestClassifier(8, max_depth=5, random_state=0))):
            table = pipeline.Pipeline([("columns", compose.ColumnTransformer([
                ("numbers", numbers, ["age", "score"]), ("whole", "passthrough", ["prior"]),
                ("texts", encoder, ["offence", "level"])])), ("model", model)])
            table.fit(frame, y)
            m = convert_sklearn(table, initial_types=types, options={id(table): {"zipmap": False}},
                                target_opset={"": 17, "ai.onnx.ml": 3})
            golden(f"table-{name}-{head}", f"table-{name}", m, inputs)
    whole = rng.integers(0, 5, (n, 3)).astype(np.int64)
    seen = whole[:ROWS].copy()
    seen[1], seen[2, 1] = 99, -1
    encoder = pipeline.make_pipeline(preprocessing.OneHotEncoder(handle_unknown="ignore", sparse_output=False),
                                     linear_model.LogisticRegression(max_iter=500)).fit(whole, y)
    m = convert_sklearn(encoder, initial_types=[("X", Int64TensorType([None, 3]))], options={id(encoder): {"zipmap": False}},
                        target_opset={"": 17, "ai.onnx.ml": 3})
    golden("onehot-integers", "onehot-integers", expose(m), [seen])
    for drop in ("first", "if_binary"):
        encoder = pipeline.make_pipeline(preprocessing.OneHotEncoder(drop=drop, sparse_output=False),
                                         linear_model.LogisticRegression(max_iter=500)).fit(whole, y)
        m = convert_sklearn(encoder, initial_types=[("X", Int64TensorType([None, 3]))],
                            options={id(encoder): {"zipmap": False}}, target_opset={"": 17, "ai.onnx.ml": 3})
        golden(f"onehot-drop-{drop}", "onehot-integers", m, [whole[:ROWS]])
    counts = pipeline.make_pipeline(preprocessing.StandardScaler(), linear_model.LogisticRegression(max_iter=500)).fit(whole, y)
    m = convert_sklearn(counts, initial_types=[("X", Int64TensorType([None, 3]))], options={id(counts): {"zipmap": False}},
                        target_opset={"": 17, "ai.onnx.ml": 3})
    golden("scaler-integers", "standard-scaler", expose(m), [seen])


def run():
    linear()
    prepared()
    trees()
    networks()
    tables()
