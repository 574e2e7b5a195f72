"""What the shipped models are measured against: on the same inputs, rows and folds, free of every constraint of ours."""

import warnings

import lightgbm
import numpy as np
import pandas as pd
from interpret.glassbox import ExplainableBoostingClassifier
from sklearn.ensemble import RandomForestClassifier
from sklearn.linear_model import LogisticRegression
from sklearn.preprocessing import StandardScaler

from .metrics import logit


def unknown_gang_as_no(inputs, x):
    x = x.copy()
    for j, given in enumerate(inputs):
        if given.missing_as == "no":
            x[:, j] = np.nan_to_num(x[:, j])
    return x


def gradient_boosting(inputs, x, y, seed):
    """LightGBM, the best of a few settings tried: 400 trees of 4 leaves."""
    x = unknown_gang_as_no(inputs, x)
    categorical = [j for j, given in enumerate(inputs) if given.categories]
    told = {"objective": "binary", "learning_rate": 0.03, "num_leaves": 4, "min_data_in_leaf": 60, "feature_fraction": 0.5,
            "bagging_fraction": 0.7, "bagging_freq": 1, "lambda_l2": 5, "num_threads": 1, "verbose": -1, "seed": seed,
            "deterministic": True, "force_row_wise": True, "max_cat_to_onehot": 10}
    fitted = lightgbm.train(told, lightgbm.Dataset(x, y, categorical_feature=categorical, params={"verbose": -1}), 400)
    return lambda held: fitted.predict(unknown_gang_as_no(inputs, held), raw_score=True)


def gradient_boosting_unknown_drawn(inputs, x, y, seed):
    """The same without what a value's being left out tells: unknown values are drawn from the known ones.

    What ships may not lower a risk for a value left out (docs/decisions/0012); this is the peer under that rule. The mean
    margin of twenty draws.
    """
    draw = np.random.default_rng(seed)
    known = [column[~np.isnan(column)] for column in x.T]

    def drawn(given):
        given = unknown_gang_as_no(inputs, given)
        for column, values in zip(given.T, known, strict=True):
            unknown = np.isnan(column)
            column[unknown] = draw.choice(values, unknown.sum())
        return given

    predict = gradient_boosting(inputs, drawn(x), y, seed)
    return lambda held: np.mean([predict(drawn(held)) for _ in range(20)], axis=0)


def _wide(inputs, x):
    """Numbers as they are and a column for each category and each unknown."""
    columns = []
    for j, given in enumerate(inputs):
        value = x[:, j]
        if given.categories:
            columns += [value == k for k in range(len(given.categories))]
        else:
            columns.append(np.where(np.isnan(value), (given.min + given.max) / 2, value))
        columns.append(np.isnan(value))
    return np.column_stack(columns).astype(float)


def logistic(inputs, x, y, seed):
    scale = StandardScaler().fit(_wide(inputs, unknown_gang_as_no(inputs, x)))

    def design(held):
        return scale.transform(_wide(inputs, unknown_gang_as_no(inputs, held)))

    fitted = LogisticRegression(C=0.05, max_iter=2000, random_state=seed).fit(design(x), y)
    return lambda held: fitted.decision_function(design(held))


def random_forest(inputs, x, y, seed):
    def filled(held):
        return np.nan_to_num(unknown_gang_as_no(inputs, held), nan=-1)

    fitted = RandomForestClassifier(100, min_samples_leaf=15, max_features=6, n_jobs=1, random_state=seed).fit(filled(x), y)
    return lambda held: logit(fitted.predict_proba(filled(held))[:, 1])


def explainable_boosting(inputs, x, y, seed, **settings):
    """interpret's EBM with our monotone constraints: it then keeps monotone inputs out of its pairs. settings: other ones."""

    def named(held):
        held = unknown_gang_as_no(inputs, held)
        columns = {}
        for j, given in enumerate(inputs):
            value = held[:, j]
            columns[given.feature] = (
                pd.Series([None if np.isnan(v) else given.categories[int(v)] for v in value], dtype=object)
                if given.categories
                else value
            )
        return pd.DataFrame(columns)

    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", message="Missing values detected")
        fitted = ExplainableBoostingClassifier(
            **{
                "feature_types": ["nominal" if given.categories else "continuous" for given in inputs],
                "monotone_constraints": [given.monotone for given in inputs],
                "interactions": 8,
                "outer_bags": 4,
                "n_jobs": 1,
                "random_state": seed,
            }
            | settings
        ).fit(named(x), y)
    return lambda held: fitted.decision_function(named(held))


ALL = {
    "logistic regression": logistic,
    "gradient boosting": gradient_boosting,
    "random forest": random_forest,
    "explainable boosting": explainable_boosting,
}
