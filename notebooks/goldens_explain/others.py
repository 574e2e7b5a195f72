"""Linear models (shap's LinearExplainer), models of any kind (KernelExplainer over every coalition, ExactExplainer) and
explainable boosting machines (interpret's explain_local)."""

from types import SimpleNamespace

import numpy as np
import shap
from interpret.glassbox import ExplainableBoostingClassifier
from skl2onnx import convert_sklearn
from skl2onnx.common.data_types import FloatTensorType
from sklearn.ensemble import AdaBoostClassifier
from sklearn.linear_model import LogisticRegression, Ridge
from sklearn.naive_bayes import GaussianNB
from sklearn.neural_network import MLPClassifier, MLPRegressor
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
from tarozi_study import graph

from .base import COLUMNS, golden, joined, samples, table

X, Y, Z = table()
GROUPS = [0, 0, 1, 1, 1, 2, 3, 4]


def exported(model, columns=COLUMNS):
    classifier = hasattr(model, "predict_proba")
    return convert_sklearn(model, initial_types=[("X", FloatTensorType([None, columns]))],
                           options={id(model): {"zipmap": False}} if classifier else None,
                           target_opset={"": 17, "ai.onnx.ml": 3})


def linears():
    rows, background = samples(X.astype(np.float64))

    def linear(name, model, target, factors=None):
        model.fit(X, target)
        final, prepare = model, lambda x: x
        if hasattr(model, "steps"):
            final, prepare = model[-1], model[:-1].transform
        explainer = shap.LinearExplainer(final, shap.maskers.Independent(prepare(background), max_samples=len(background)))
        parts = explainer.shap_values(prepare(rows))
        baseline = float(np.ravel(explainer.expected_value)[-1])
        classifier = hasattr(model, "predict_proba")
        m = exported(model)
        golden(name, "linear", m, method="linear", output=m.graph.output[-1].name, column=int(classifier),
               probability=classifier, x=X, parts=joined(parts, factors) if factors else parts, factors=factors,
               baseline=baseline, margins=baseline + parts.sum(axis=1))

    linear("linear-logistic", LogisticRegression(max_iter=2000), Y)
    linear("linear-logistic-scaled", make_pipeline(StandardScaler(), LogisticRegression()), Y)
    linear("linear-ridge", Ridge(), Z)
    linear("linear-one-hot", LogisticRegression(max_iter=2000), Y, GROUPS)


def kernels():
    rows, background = samples(X.astype(np.float64))

    def kernel(name, model, target, factors=None):
        model.fit(X, target)
        classifier = hasattr(model, "predict_proba")
        m = exported(model)
        score = (lambda x: model.predict_proba(x)[:, 1]) if classifier else model.predict
        data = background
        if factors:
            groups = [[c for c, f in enumerate(factors) if f == g] for g in range(max(factors) + 1)]
            data = shap.utils._legacy.DenseData(background, [str(g) for g in range(len(groups))], groups)
        explainer = shap.KernelExplainer(score, data)
        parts = explainer.shap_values(rows, nsamples=2**12, l1_reg=False, silent=True)
        golden(name, "kernel", m, method="shapley_exact", output=m.graph.output[-1].name, column=int(classifier),
               probability=classifier, x=X, parts=parts, factors=factors, baseline=explainer.expected_value,
               margins=score(rows), tolerance=1e-5)

    kernel("any-mlp", MLPClassifier((12,), max_iter=300, random_state=0), Y)
    kernel("any-mlp-grouped", MLPClassifier((12,), max_iter=300, random_state=0), Y, GROUPS)
    kernel("any-mlp-regression", MLPRegressor(hidden_layer_sizes=(12,), max_iter=500, random_state=0), Z)
    kernel("any-naive-bayes", GaussianNB(), Y)
    kernel("any-adaboost", AdaBoostClassifier(n_estimators=10, random_state=0), Y)


def sampled():
    columns = 14
    x, y, _ = table(columns=columns)
    model = MLPClassifier((12,), max_iter=300, random_state=0).fit(x, y)
    rows, background = samples(x)
    rows, background = rows[:3], background[:6]

    def score(v):
        return model.predict_proba(v)[:, 1]

    explainer = shap.ExactExplainer(score, shap.maskers.Independent(background, max_samples=len(background)))
    answer = explainer(rows)
    m = exported(model, columns)
    golden("sampled-mlp", "sampled", m, method="shapley_sampled", output=m.graph.output[-1].name, column=1, probability=True,
           x=x, rows=rows, background=background, parts=answer.values, baseline=answer.base_values[0], margins=score(rows))


def below(cuts):
    """The largest float32 below each cut: interpret sends a value to the right that is equal to a cut."""
    single = np.asarray(cuts, dtype=np.float32)
    return [float(v) if v < c else float(np.nextafter(v, np.float32(-np.inf))) for v, c in zip(single, cuts)]


def ebms():
    for name, missing, interactions in (("ebm-main", 0.0, 0), ("ebm-pairs", 0.0, 3), ("ebm-missing", 0.15, 2)):
        x, y, _ = table(missing=missing, seed=5)
        model = ExplainableBoostingClassifier(interactions=interactions, max_bins=16, max_interaction_bins=16, outer_bags=2,
                                              max_rounds=80, random_state=0, n_jobs=1,
                                              feature_types=["continuous"] * COLUMNS).fit(x.astype(np.float64), y)
        inputs = []
        for levels in model.bins_:
            edges = below(levels[0])
            inputs.append(SimpleNamespace(edges=edges, bins=len(edges) + 1, missing_as=""))
        terms = []
        for axes, scores in zip(model.term_features_, model.term_scores_):
            known = scores[tuple(slice(0, -1) for _ in axes)]  # the last slot is for unknown categories
            if known.shape != tuple(inputs[a].bins + 1 for a in axes):
                raise ValueError(f"{name}: term {axes} has bins of its own")
            terms.append((list(axes), known))
        m = graph.build(SimpleNamespace(inputs=inputs, terms=terms, intercept=float(np.ravel(model.intercept_)[0])), name)
        rows, background = samples(x)

        def local(v):
            answer = model.explain_local(v.astype(np.float64))
            return np.array([answer.data(i)["scores"] for i in range(len(v))])

        mean = local(background).mean(axis=0)
        parts = local(rows) - mean
        baseline = float(np.ravel(model.intercept_)[0]) + mean.sum()
        golden(name, "ebm", m, method="additive", output="margin", x=x, parts=parts, baseline=baseline,
               margins=baseline + parts.sum(axis=1), software="interpret")


def run():
    linears()
    kernels()
    sampled()
    ebms()
