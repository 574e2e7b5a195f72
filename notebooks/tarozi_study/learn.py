"""Fits the additive models that ship: boosting of small trees, held to two inputs each, over all intervals at once.

Survival stacking (Craig, Zhong, Tibshirani 2021): a row for each person and interval they were at risk in, the interval as
one more input, so that the later, smaller samples borrow from the earlier ones. With the interval fixed, a tree along whose
every path at most two inputs stand is a table over those two: the whole ensemble adds up to one table for each input and
chosen pair. Monotone constraints hold in every tree, and so in the sum.
"""

from dataclasses import dataclass

import lightgbm
import numpy as np

from .additive import Additive
from .metrics import logit

SHARED = {
    "objective": "binary",
    "bagging_fraction": 0.7,
    "bagging_freq": 1,
    "lambda_l2": 5.0,
    "max_cat_to_onehot": 10,
    "num_threads": 1,
    "deterministic": True,
    "force_row_wise": True,
    "verbose": -1,
}


SMALLEST_STEP = 1e-6  # log-odds a monotone input moves at least, so that float32 cannot turn its direction
LAST_BITS = 1e-12  # what centring leaves of a 0


@dataclass(frozen=True)
class Settings:
    """rounds of boosting in each of the bags whose mean is the model; pairs kept of all that a first look ranks.

    unknown: what training does with unknown values. "held": they are learned, and what would lower a risk is cut away after.
    "drawn": each bag draws them from the known values, so that nothing learns from a value being left out, and the other
    inputs say what they can instead; where unknown stands for a low risk in the data, that is better than cutting it away.
    "learned": they count as they did in the data, down as well as up. For a benchmark that scores nobody.
    """

    rounds: int = 500
    bags: int = 5
    pairs: int = 20
    learning_rate: float = 0.03
    leaves: int = 6
    depth: int = 3
    smallest_leaf: int = 80
    share_of_inputs: float = 0.6
    unknown: str = "held"


def fit(inputs, binned, at_risk: list, happened: list, settings: Settings, seed: int, pairs: list | None = None) -> list:
    """An Additive for each interval.

    at_risk, happened: for each interval a boolean and a 0/1 array over the rows of binned. pairs: indices of the inputs of each
    pair where they were chosen already; else those that a first look at models of all pairs ranks highest.
    """
    base = [float(logit(y[risk].mean())) for risk, y in zip(at_risk, happened, strict=True)]
    labels = np.concatenate([y[risk] for risk, y in zip(at_risk, happened, strict=True)])
    start = np.concatenate([np.full(risk.sum(), base[k]) for k, risk in enumerate(at_risk)])
    categorical = [j for j, given in enumerate(inputs) if given.categories]
    constraints = [given.monotone for given in inputs] + [0]

    def parts(number) -> list:
        """The rows of each interval, as training sees them in one bag."""
        known = [binned[risk] for risk in at_risk]
        draw = np.random.default_rng(seed + number)
        return [drawn(part, draw) for part in known] if settings.unknown == "drawn" else known

    def boost(rounds, number, **more):
        rows = np.concatenate([_columns(inputs, part, k) for k, part in enumerate(parts(number))])
        told = SHARED | {"monotone_constraints": constraints, "seed": seed + number} | more
        made = lightgbm.Dataset(rows, labels, init_score=start, categorical_feature=categorical, params={"verbose": -1})
        return lightgbm.train(told, made, rounds)

    interval = len(inputs)
    alone = [[j, interval] for j in range(interval)]
    pairs = look(boost, inputs, parts(0), settings) if pairs is None else pairs
    allowed = [[*pair, interval] for pair in pairs] + alone
    trees = []
    for bag in range(settings.bags):
        booster = boost(
            settings.rounds,
            1 + bag,
            learning_rate=settings.learning_rate,
            num_leaves=settings.leaves,
            max_depth=settings.depth,
            min_data_in_leaf=settings.smallest_leaf,
            feature_fraction=settings.share_of_inputs,
            interaction_constraints=allowed,
        )
        trees += booster.dump_model()["tree_info"]
    tables = Tables(inputs, len(at_risk))
    for tree in trees:
        tables.add(tree["tree_structure"], 1 / settings.bags)
    return [_readable(inputs, tables, k, base[k], binned[risk], pairs, settings.unknown) for k, risk in enumerate(at_risk)]


def look(boost, inputs, binned: list, settings: Settings) -> list:
    """The pairs of a model of all pairs that move the log-odds most."""
    trees = boost(
        settings.rounds,
        0,
        learning_rate=settings.learning_rate,
        num_leaves=4,
        max_depth=2,
        min_data_in_leaf=settings.smallest_leaf,
        feature_fraction=0.5,
    ).dump_model()["tree_info"]
    return rank_pairs(inputs, trees, binned)[: settings.pairs]


def drawn(binned, draw) -> np.ndarray:
    """Rows whose unknown values are drawn from the known ones of the same input."""
    binned = binned.copy()
    for column in binned.T:
        unknown = column == 0
        if unknown.any() and not unknown.all():
            column[unknown] = draw.choice(column[~unknown], unknown.sum())
    return binned


def _columns(inputs, binned, interval) -> np.ndarray:
    """Bin numbers with NaN for missing, and the interval's number."""
    known = np.where(binned == 0, np.nan, binned)
    return np.column_stack([known, np.full(len(known), interval)])


def rank_pairs(inputs, trees, binned: list) -> list:
    """Pairs of inputs by how much their purified tables move the log-odds of a model of all pairs, best first.

    binned: the rows of each interval.
    """
    tables = Tables(inputs, len(binned))
    for tree in trees:
        tables.add(tree["tree_structure"], 1.0)
    weight = {}
    for interval, rows in enumerate(binned):
        shares = _shares(inputs, rows)
        for (j, k), table in purify(tables.doubles(interval), shares)[1].items():
            spread = float(shares[j] @ table**2 @ shares[k]) * len(rows)
            weight[j, k] = weight.get((j, k), 0.0) + spread
    return sorted(weight, key=lambda pair: (-weight[pair], pair))


def _shares(inputs, binned) -> list:
    """For each input the share of rows in each slot."""
    return [np.bincount(binned[:, j], minlength=given.bins + 1) / len(binned) for j, given in enumerate(inputs)]


def purify(doubles: dict, shares: list) -> tuple:
    """(what the pairs say about single inputs, pairs that say nothing about them, their common constant).

    Lengerich et al. 2020, under the product of the two inputs' own distributions: with these weights every monotone step
    stays as large as it was.
    """
    mains, pure, constant = {}, {}, 0.0
    for (j, k), table in doubles.items():
        along_j, along_k = table @ shares[k], shares[j] @ table
        mean = float(shares[j] @ along_j)
        mains[j] = mains.get(j, 0.0) + along_j - mean
        mains[k] = mains.get(k, 0.0) + along_k - mean
        pure[j, k] = table - along_j[:, None] - along_k[None, :] + mean
        constant += mean
    return mains, pure, constant


class Tables:
    """Sums of leaves: for each set of at most two inputs a table [intervals, slots, slots]."""

    def __init__(self, inputs, intervals: int):
        self.sizes = [given.bins + 1 for given in inputs] + [intervals]
        self.interval = len(inputs)
        self.of = {}

    def add(self, node, weight, path=None):
        path = path or {}
        if "leaf_value" in node:
            axes = tuple(sorted(set(path) - {self.interval}))
            if len(axes) > 2:
                raise ValueError(f"a leaf depends on inputs {axes}: not a table over two")
            masks = [path.get(axis, np.ones(self.sizes[axis], bool)) for axis in (self.interval, *axes)]
            table = self.of.setdefault(axes, np.zeros([len(mask) for mask in masks]))
            table[np.ix_(*masks)] += weight * node["leaf_value"]
            return
        axis = node["split_feature"]
        left = self._goes_left(node, axis)
        before = path.get(axis, np.ones(self.sizes[axis], bool))
        self.add(node["left_child"], weight, path | {axis: before & left})
        self.add(node["right_child"], weight, path | {axis: before & ~left})

    def doubles(self, interval) -> dict:
        return {axes: table[interval] for axes, table in sorted(self.of.items()) if len(axes) == 2}

    def _goes_left(self, node, axis) -> np.ndarray:
        slots = np.arange(self.sizes[axis])
        if node["decision_type"] == "==":
            return np.isin(slots, [int(k) for k in str(node["threshold"]).split("||")])
        left = slots <= node["threshold"]
        if axis != self.interval:
            left[0] = node["default_left"]
        return left


def _readable(inputs, tables, interval, base, binned, pairs, unknown) -> Additive:
    """The tables of one interval as a model: pairs hold nothing that a main effect could say, unknown never lowers a risk
    unless it was "learned".

    0 in a table is the average of everybody; what training saw no unknown of counts as that when it is.
    """
    shares = _shares(inputs, binned)
    nothing = {(j, k): np.zeros((inputs[j].bins + 1, inputs[k].bins + 1)) for j, k in pairs}
    mains = [tables.of[j,][interval] if (j,) in tables.of else np.zeros(g.bins + 1) for j, g in enumerate(inputs)]
    for given, main in zip(inputs, mains, strict=True):
        main[1:] += given.monotone * SMALLEST_STEP * np.arange(given.bins)
    known = [np.concatenate([[0], share[1:]]) / share[1:].sum() for share in shares]
    mains, kept, constant = _centred(mains, nothing | tables.doubles(interval), known)
    seen = [share[0] > 0 and unknown != "drawn" for share in shares]
    unseen_is_average(mains, kept, seen)
    if unknown != "learned":
        hold_unknown(mains, kept)
    mains, kept, moved = _centred(mains, kept, shares)
    intercept = base + constant + moved + float(tables.of.get((), np.zeros(tables.sizes[-1]))[interval])
    for table in (*mains, *kept.values()):
        table[np.abs(table) < LAST_BITS] = 0.0
    terms = [((j,), _fill(main, [given])) for j, (given, main) in enumerate(zip(inputs, mains, strict=True))]
    terms += [((j, k), _fill(kept[j, k], [inputs[j], inputs[k]])) for j, k in sorted(kept)]
    return Additive(inputs, intercept, terms)


def _centred(mains: list, pairs: dict, shares: list) -> tuple:
    """(main effects, purified pairs, constant): the same sum, with averages under shares of 0."""
    from_pairs, pure, constant = purify(pairs, shares)
    mains = [main + from_pairs.get(j, 0.0) for j, main in enumerate(mains)]
    means = [float(share @ main) for share, main in zip(shares, mains, strict=True)]
    return [main - mean for main, mean in zip(mains, means, strict=True)], pure, constant + sum(means)


def _of_unknown(pairs: dict, j: int) -> list:
    """What each pair of input j says when j is unknown, by the partner's slot: views."""
    return [table[0] if axes[0] == j else table[:, 0] for axes, table in pairs.items() if j in axes]


def unseen_is_average(mains: list, pairs: dict, seen: list):
    """Changes tables in place: an unknown value of an input of which training saw none counts 0. mains, pairs: as below."""
    for j, main in enumerate(mains):
        if not seen[j]:
            main[0] = 0.0
            for row in _of_unknown(pairs, j):
                row *= 0.0


def hold_unknown(mains: list, pairs: dict):
    """Changes tables in place so that an unknown value never counts less than the average of the known values.

    mains, pairs: centred on the known values, so that this average is 0 whatever the partner, unknown included.

    The main effect of unknown is at least 0. What the pairs add to it is shrunk by one factor for each input, so far that
    at the worst values of all partners together the sum is 0. Shrinking leaves the centres where they were.
    """
    for j, main in enumerate(mains):
        main[0] = max(main[0], 0.0)
        rows = _of_unknown(pairs, j)
        lowest = sum(max(0.0, -row[1:].min()) for row in rows)
        factor = min(1.0, main[0] / lowest) if lowest > 0 and main[0] > 0 else float(main[0] > 0)
        for row in rows:
            row *= factor
    for table in pairs.values():
        table[0, 0] = max(table[0, 0], 0.0)


UNSEEN_AS = {"public_order": "other", "traffic": "other"}  # the data's "other" holds them


def _fill(table, axes_inputs) -> np.ndarray:
    """Slots that training cannot have filled: unknown as "no", categories that the data keep under "other"."""
    for axis, given in enumerate(axes_inputs):
        source = np.arange(given.bins + 1)
        if given.missing_as == "no":
            source[0] = 1
        for name, stand_in in UNSEEN_AS.items():
            if name in given.categories:
                source[1 + given.categories.index(name)] = 1 + given.categories.index(stand_in)
        table = np.take(table, source, axis=axis)
    return table
