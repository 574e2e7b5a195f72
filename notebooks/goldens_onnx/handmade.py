"""Graphs written node by node: what no exporter makes often enough to be met."""

import itertools

import numpy as np
from onnx import TensorProto, helper, numpy_helper

from .base import ROWS, TARGET, attempt, golden

ML = "ai.onnx.ml"


def model(nodes, inputs, outputs, initializers=(), opset=17, ml=3):
    graph = helper.make_graph(nodes, "g", inputs, outputs, list(initializers))
    return helper.make_model(graph, opset_imports=[helper.make_opsetid("", opset), helper.make_opsetid(ML, ml)],
                             ir_version=9)


def value(name, kind=TensorProto.FLOAT, dims=("N", 1)):
    return helper.make_tensor_value_info(name, kind, list(dims) if dims is not None else None)


class Trees:
    """Attributes of a tree ensemble, built from nested tuples.

    A tree is a list of (target, weight) or (feature, mode, threshold, missing, true, false).
    """

    def __init__(self):
        self.a = {k: [] for k in ("treeids", "nodeids", "featureids", "modes", "values", "truenodeids", "falsenodeids",
                                  "missing_value_tracks_true")}
        self.weights = []
        self.trees = 0

    def add(self, tree):
        order, count = [], itertools.count()

        def visit(t):
            me = next(count)
            order.append(None)
            if isinstance(t, list):
                order[me] = (0, "LEAF", 0.0, 0, 0, 0)
                self.weights += [(self.trees, me, target, w) for target, w in t]
                return me
            true, false = visit(t[4]), visit(t[5])
            order[me] = (t[0], t[1], t[2], t[3], true, false)
            return me

        visit(tree)
        for i, (f, mode, v, missing, true, false) in enumerate(order):
            for k, x in zip(self.a, (self.trees, i, f, mode, v, true, false, missing)):
                self.a[k].append(x)
        self.trees += 1
        return self

    def attributes(self, kind, double=False):
        out = {"nodes_" + k: v for k, v in self.a.items()}
        trees, nodes, targets, weights = zip(*self.weights)
        out |= {f"{kind}_treeids": trees, f"{kind}_nodeids": nodes, f"{kind}_ids": targets, f"{kind}_weights": weights}
        if double:
            for k in ("nodes_values", f"{kind}_weights"):
                values = out.pop(k)
                out[k + "_as_tensor"] = helper.make_tensor(k, TensorProto.DOUBLE, [len(values)], values)
        return out


MODES = ["BRANCH_LEQ", "BRANCH_LT", "BRANCH_GTE", "BRANCH_GT", "BRANCH_EQ", "BRANCH_NEQ"]


def random_trees(rng, trees, depth, features, targets, modes, missing=True, weights=1, values=None, positive=False):
    t = Trees()

    def leaf(k):
        chosen = rng.choice(targets, size=min(weights, targets), replace=False)
        return [(int(c), float(np.float32(rng.uniform(0, 1) if positive else rng.normal()))) for c in chosen]

    def grow(d, k):
        if d == 0 or rng.random() < 0.15:
            return leaf(k)
        v = rng.choice(values) if values is not None else np.float32(rng.normal())
        return (int(rng.integers(0, features)), str(rng.choice(modes)), float(v), int(missing and rng.random() < 0.5),
                grow(d - 1, k), grow(d - 1, k))

    for k in range(trees):
        t.add((0, modes[0], 0.5, 0, grow(depth - 1, k), grow(depth - 1, k)))
    return t


def head(terms=20, seed=3):
    """The shape of the heads that ship: a tree for each term, ReduceSum, Add."""
    rng = np.random.default_rng(seed)
    t, features = Trees(), 12

    def cut(cuts, feature, low, high, leaf):
        if low == high:
            return leaf(low)
        middle = (low + high) // 2
        return (feature, "BRANCH_LEQ", float(cuts[middle]), int(rng.random() < 0.5),
                cut(cuts, feature, low, middle, leaf), cut(cuts, feature, middle + 1, high, leaf))

    for k in range(terms):
        f = k % features
        cuts = np.sort(rng.choice(np.arange(-4, 24), size=rng.integers(1, 9), replace=False)) / 2
        value_of = lambda *_: [(k, float(np.float32(rng.normal() / 4)))]
        if k < 14:
            t.add(cut(cuts, f, 0, len(cuts), value_of))
        else:
            other = (f + 3) % features
            inner = np.sort(rng.choice(np.arange(-4, 24), size=4, replace=False)) / 2
            t.add(cut(cuts, f, 0, len(cuts), lambda *_: cut(inner, other, 0, len(inner), value_of)))
    nodes = [
        helper.make_node("TreeEnsembleRegressor", ["X"], ["terms"], domain=ML, n_targets=terms,
                         aggregate_function="SUM", post_transform="NONE", **t.attributes("target")),
        helper.make_node("ReduceSum", ["terms", "axes"], ["sum"], keepdims=1),
        helper.make_node("Add", ["sum", "intercept"], ["margin"]),
    ]
    return model(nodes, [value("X", dims=("N", features))], [value("terms", dims=("N", terms)), value("margin")],
                 [numpy_helper.from_array(np.array([1], np.int64), "axes"),
                  numpy_helper.from_array(np.array([-0.93], np.float32), "intercept")])


def grid(rng, features, dtype=np.float32):
    """Rows on the thresholds' own grid, with every special value."""
    x = rng.choice([-2, -1, -0.5, 0, 0.5, 1, 2, np.nan, np.inf, -np.inf], size=(ROWS, features)).astype(dtype)
    x[0] = 0
    x[1] = np.nan
    return x


def heads():
    rng = np.random.default_rng(5)
    for seed, terms in ((3, 20), (4, 35), (5, 1)):
        x = np.round(rng.uniform(-3, 13, (ROWS, 12)) * 2) / 2
        x[rng.random(x.shape) < 0.1] = np.nan
        x[60], x[61], x[62] = np.inf, -np.inf, 0
        golden(f"head-{terms}-terms", "head", head(terms, seed), [x.astype(np.float32)])


def regressors():
    values = [-2, -1, -0.5, 0, 0.5, 1, 2, 0.25]
    for mode in MODES:
        rng = np.random.default_rng(MODES.index(mode))
        t = random_trees(rng, 6, 4, 5, 1, [mode], values=values)
        n = helper.make_node("TreeEnsembleRegressor", ["X"], ["Y"], domain=ML, n_targets=1, **t.attributes("target"))
        golden(f"tree-mode-{mode[7:].lower()}", "tree-modes", model([n], [value("X", dims=("N", 5))], [value("Y")]),
               [grid(rng, 5)])
    for aggregate in ("SUM", "AVERAGE", "MIN", "MAX"):
        for targets in (1, 3):
            rng = np.random.default_rng(targets)
            t = random_trees(rng, 7, 4, 5, targets, MODES, values=values, weights=2)
            base = [0.5] if targets == 1 else [0.25, -1.0, 3.0]
            n = helper.make_node("TreeEnsembleRegressor", ["X"], ["Y"], domain=ML, n_targets=targets,
                                 base_values=base, aggregate_function=aggregate, **t.attributes("target"))
            golden(f"tree-{aggregate.lower()}-{targets}", "tree-aggregates",
                   model([n], [value("X", dims=("N", 5))], [value("Y", dims=("N", targets))]), [grid(rng, 5)])
    for post in ("LOGISTIC", "SOFTMAX", "SOFTMAX_ZERO", "PROBIT"):
        for targets in (1, 3):
            rng = np.random.default_rng(targets + 10)
            t = random_trees(rng, 1, 4, 5, targets, MODES, values=values, weights=3, positive=True)
            n = helper.make_node("TreeEnsembleRegressor", ["X"], ["Y"], domain=ML, n_targets=targets,
                                 post_transform=post, **t.attributes("target"))
            golden(f"tree-{post.lower()}-{targets}", "tree-transforms",
                   model([n], [value("X", dims=("N", 5))], [value("Y", dims=("N", targets))]), [grid(rng, 5)])
    rng = np.random.default_rng(77)
    t = random_trees(rng, 7, 4, 5, 1, MODES, values=[v + 1e-9 for v in values])
    n = helper.make_node("TreeEnsembleRegressor", ["X"], ["Y"], domain=ML, n_targets=1, **t.attributes("target", True))
    golden("tree-double", "tree-double", model([n], [value("X", TensorProto.DOUBLE, ("N", 5))], [value("Y")]),
           [grid(rng, 5, np.float64)])
    t = Trees()
    for w in (1e8, 1.0, -1e8, 0.5):
        t.add((0, "BRANCH_LEQ", 0.0, 0, [(0, w)], [(0, w)]))
    n = helper.make_node("TreeEnsembleRegressor", ["X"], ["Y"], domain=ML, n_targets=1, **t.attributes("target"))
    golden("tree-cancellation", "tree-rounding", model([n], [value("X", dims=("N", 1))], [value("Y")]), [grid(rng, 1)])
    t = random_trees(np.random.default_rng(8), 5, 3, 4, 2, ["BRANCH_LEQ"], values=values)
    n = helper.make_node("TreeEnsembleRegressor", ["X"], ["Y"], domain=ML, n_targets=2, **t.attributes("target"))
    golden("tree-sparse-targets", "tree-targets", model([n], [value("X", dims=("N", 4))], [value("Y", dims=("N", 2))]),
           [grid(rng, 4)])


def classifiers():
    values = [-2, -1, -0.5, 0, 0.5, 1, 2]
    for classes, labels in ((2, [0, 1]), (2, [7, -3]), (3, [0, 1, 2])):
        for post in ("NONE", "LOGISTIC", "SOFTMAX", "SOFTMAX_ZERO"):
            for positive in (False, True):
                for ids in ("one", "all"):
                    for base in (0, 1, classes):
                        if classes > 2 and (base == 1 or ids == "one") or labels[0] == 7 and (base or post != "NONE"):
                            continue
                        rng = np.random.default_rng(classes * 100 + base)
                        t = random_trees(rng, 3, 3, 4, 1 if ids == "one" else classes, MODES, values=values,
                                         weights=classes, positive=positive)
                        if ids == "one" and labels[0] == 7:
                            t.weights = [(a, b, 1, w) for a, b, _, w in t.weights]
                        extra = {"base_values": [0.1, -0.3, 0.4][:base]} if base else {}
                        n = helper.make_node("TreeEnsembleClassifier", ["X"], ["L", "P"], domain=ML, post_transform=post,
                                             classlabels_int64s=labels, **t.attributes("class"), **extra)
                        name = (f"treeclass-{classes}{'x' if labels[0] == 7 else ''}-{post.lower()}-"
                                f"{'positive' if positive else 'mixed'}-{ids}-base{base}")
                        golden(name, "tree-classifiers",
                               model([n], [value("X", dims=("N", 4))],
                                     [value("L", TensorProto.INT64, ("N",)), value("P", dims=("N", classes))]),
                               [grid(rng, 4)])
    for kind, dtype in ((TensorProto.INT64, np.int64), (TensorProto.INT32, np.int32), (TensorProto.DOUBLE, np.float64)):
        rng = np.random.default_rng(kind)
        t = random_trees(rng, 3, 3, 4, 3, MODES, values=values, weights=3)
        n = helper.make_node("TreeEnsembleClassifier", ["X"], ["L", "P"], domain=ML, post_transform="SOFTMAX",
                             classlabels_strings=["low", "medium", "high"], **t.attributes("class"))
        x = rng.integers(-3, 4, (ROWS, 4)).astype(dtype) if kind != TensorProto.DOUBLE else grid(rng, 4, dtype)
        golden(f"treeclass-input-{np.dtype(dtype).name}", "tree-inputs",
               model([n], [value("X", kind, ("N", 4))],
                     [value("L", TensorProto.STRING, ("N",)), value("P", dims=("N", 3))]), [x])


def five():
    """TreeEnsemble of ai.onnx.ml 5: leaves apart, members of sets, float and double."""
    modes = {"BRANCH_LEQ": 0, "BRANCH_LT": 1, "BRANCH_GTE": 2, "BRANCH_GT": 3, "BRANCH_EQ": 4, "BRANCH_NEQ": 5, "MEMBER": 6}
    values = [-2, -1, -0.5, 0, 0.5, 1, 2]
    for kind, dtype in ((TensorProto.FLOAT, np.float32), (TensorProto.DOUBLE, np.float64)):
        for aggregate, targets, post in ((1, 1, 0), (0, 2, 0), (2, 1, 0), (3, 2, 0), (1, 3, 2), (1, 3, 1), (1, 2, 3), (1, 1, 4)):
            for member in (False, True):
                rng = np.random.default_rng(aggregate * 10 + post + targets)
                a = {k: [] for k in ("featureids", "splits", "modes", "trues", "falses", "trueleafs", "falseleafs", "missing")}
                leaf_targets, leaf_weights, members, roots = [], [], [], []

                def leaf():
                    leaf_targets.append(int(rng.integers(0, targets)))
                    leaf_weights.append(float(np.float32(rng.uniform(0.1, 0.9) if post == 4 else rng.normal())))
                    return len(leaf_targets) - 1

                def node(depth):
                    me = len(a["splits"])
                    mode = str(rng.choice(list(modes)[:7 if member else 6]))
                    for k in a:
                        a[k].append(0)
                    a["featureids"][me] = int(rng.integers(0, 4))
                    a["modes"][me] = modes[mode]
                    a["splits"][me] = float(rng.choice(values)) if mode != "MEMBER" else 0.0
                    a["missing"][me] = int(rng.random() < 0.5)
                    if mode == "MEMBER":
                        members.extend([float(v) for v in rng.choice([-2, -1, 1, 2, 0], 3, replace=False)] + [float("nan")])
                    for side in ("true", "false"):
                        if depth == 0 or rng.random() < 0.2:
                            a[side + "s"][me], a[side + "leafs"][me] = leaf(), 1
                        else:
                            a[side + "s"][me] = node(depth - 1)
                    return me

                for _ in range(1 if post == 4 else 5):
                    roots.append(node(3))
                tensor = lambda name, t, v: helper.make_tensor(name, t, [len(v)], v)
                extra = {"membership_values": tensor("m", kind, members)} if members else {}
                n = helper.make_node(
                    "TreeEnsemble", ["X"], ["Y"], domain=ML, n_targets=targets, aggregate_function=aggregate,
                    post_transform=post, tree_roots=roots, nodes_featureids=a["featureids"],
                    nodes_splits=tensor("s", kind, a["splits"]), nodes_modes=tensor("o", TensorProto.UINT8, a["modes"]),
                    nodes_truenodeids=a["trues"], nodes_falsenodeids=a["falses"], nodes_trueleafs=a["trueleafs"],
                    nodes_falseleafs=a["falseleafs"], nodes_missing_value_tracks_true=a["missing"],
                    leaf_targetids=leaf_targets, leaf_weights=tensor("w", kind, leaf_weights), **extra)
                m = model([n], [value("X", kind, ("N", 4))], [value("Y", kind, ("N", targets))], opset=21, ml=5)
                name = f"tree5-{aggregate}-{targets}-{post}-{'member-' if member else ''}{np.dtype(dtype).name}"
                x = grid(rng, 4, dtype)
                # ONNX Runtime truncates values that are not whole for some sets of members and not for others.
                x = np.trunc(x) if member else x
                attempt(name, lambda: golden(name, "tree-ensemble-5", m, [x]))


def single(op, kind, inputs, outputs, arrays, ml=1, name=None, **attributes):
    n = helper.make_node(op, [i.name for i in inputs], [o.name for o in outputs], domain=ML, **attributes)
    attempt(name, lambda: golden(name, kind, model([n], inputs, outputs, ml=ml), arrays))


def encoders():
    """The operators of ai.onnx.ml one by one, with unseen keys and missing values."""
    texts = np.array(["a", "b", "c", "unseen", "", "ä"] * 10 + ["a"] * 4, dtype=object).reshape(-1, 1)
    ints = np.arange(-4, 60, dtype=np.int64).reshape(-1, 1) % 7
    floats = np.tile(np.array([0, 1, 1.5, -2, np.nan, np.inf, -np.inf, 2.999], np.float32), 8).reshape(-1, 1)
    t = {"str": (TensorProto.STRING, texts), "int": (TensorProto.INT64, ints), "float": (TensorProto.FLOAT, floats)}
    keys = {"str": ("keys_strings", ["a", "c", "a"]), "int": ("keys_int64s", [1, 5, 1]),
            "float": ("keys_floats", [1.0, float("nan"), 1.5])}
    values = {"str": ("values_strings", ["x", "y", "z"]), "int": ("values_int64s", [10, 20, 30]),
              "float": ("values_floats", [0.5, -1.0, 7.0])}
    for k, (kind, array) in t.items():
        for v in values:
            for ml in (2, 4):
                out = value("Y", t[v][0], ("N", 1))
                single("LabelEncoder", "label-encoder", [value("X", kind)], [out], [array], ml=ml,
                       name=f"labels-{ml}-{k}-{v}", **dict([keys[k], values[v]]))
    single("LabelEncoder", "label-encoder", [value("X", TensorProto.DOUBLE)], [value("Y", TensorProto.DOUBLE)],
           [floats.astype(np.float64)], ml=4, name="labels-4-double",
           keys_tensor=helper.make_tensor("k", TensorProto.DOUBLE, [2], [1.5, float("nan")]),
           values_tensor=helper.make_tensor("v", TensorProto.DOUBLE, [2], [0.25, 8]),
           default_tensor=helper.make_tensor("d", TensorProto.DOUBLE, [1], [-3]))
    single("LabelEncoder", "label-encoder", [value("X", TensorProto.STRING)], [value("Y", TensorProto.INT64)], [texts], ml=1,
           name="labels-1", classes_strings=["a", "b"], default_int64=-7, default_string="?")
    for k in ("str", "int"):
        single("CategoryMapper", "category-mapper", [value("X", t[k][0])],
               [value("Y", t["int" if k == "str" else "str"][0])], [t[k][1]], name=f"categories-{k}",
               cats_strings=["a", "b", "c"], cats_int64s=[1, 3, 5], default_int64=-9, default_string="none")
    for k in t:
        cats = {"cats_strings": ["a", "c", "d"]} if k == "str" else {"cats_int64s": [1, 2, 5]}
        single("OneHotEncoder", "one-hot", [value("X", t[k][0])], [value("Y", dims=("N", 1, 3))], [t[k][1]],
               name=f"onehot-{k}", **cats)
    wide = grid(np.random.default_rng(12), 4)
    table = value("X", dims=("N", 4))
    for norm in ("MAX", "L1", "L2"):
        single("Normalizer", "normalizers", [table], [value("Y", dims=("N", 4))], [wide], name=f"normalize-{norm.lower()}", norm=norm)
        single("Normalizer", "normalizers", [value("X", TensorProto.INT64, ("N", 4))], [value("Y", dims=("N", 4))],
               [np.arange(-100, 156).reshape(64, 4)], name=f"normalize-{norm.lower()}-int", norm=norm)
    for dtype, kind in ((np.float32, TensorProto.FLOAT), (np.float64, TensorProto.DOUBLE), (np.int64, TensorProto.INT64),
                        (np.int32, TensorProto.INT32)):
        x = wide.astype(dtype) if dtype in (np.float32, np.float64) else np.arange(-100, 156).reshape(64, 4).astype(dtype)
        single("Scaler", "scalers", [value("X", kind, ("N", 4))], [value("Y", dims=("N", 4))], [x],
               name=f"scale-{np.dtype(dtype).name}", scale=[2.0, 0.5, -1.0, 0.0], offset=[1.0, 0.0, 3.5, 2.0])
    single("Scaler", "scalers", [table], [value("Y", dims=("N", 4))], [wide], name="scale-one", scale=[3.0], offset=[0.25])
    for values, replaced in (([1.0, 2.0, 3.0, 4.0], float("nan")), ([9.0], float("nan")), ([9.0], 0.5)):
        single("Imputer", "imputers", [table], [value("Y", dims=("N", 4))], [wide], name=f"impute-{len(values)}-{replaced}",
               imputed_value_floats=values, replaced_value_float=replaced)
    single("Imputer", "imputers", [value("X", TensorProto.INT64)], [value("Y", TensorProto.INT64)], [ints], name="impute-int",
           imputed_value_int64s=[77], replaced_value_int64=3)
    single("Binarizer", "binarizers", [table], [value("Y", dims=("N", 4))], [np.nan_to_num(wide, nan=0.75)], name="binarize",
           threshold=0.5)
    single("ArrayFeatureExtractor", "extractors", [table, value("I", TensorProto.INT64, (2,))], [value("Y", dims=("N", 2))],
           [wide, np.array([3, 0])], name="extract-float")
    single("ArrayFeatureExtractor", "extractors", [value("X", TensorProto.STRING), value("I", TensorProto.INT64, (2,))],
           [value("Y", TensorProto.STRING, ("N", 2))], [texts, np.array([0, 0])], name="extract-text")
    single("FeatureVectorizer", "vectorizers", [table, value("B", dims=("N", 1))], [value("Y", dims=("N", 7))],
           [wide, floats], name="vectorize", inputdimensions=[4, 3])
    for post in ("NONE", "LOGISTIC", "SOFTMAX", "SOFTMAX_ZERO", "PROBIT"):
        for targets in (1, 3):
            single("LinearRegressor", "linear-regressors", [table], [value("Y", dims=("N", targets))], [wide],
                   name=f"linreg-{post.lower()}-{targets}", targets=targets, post_transform=post,
                   coefficients=[0.25, -0.5, 0.125, 0.0625] * targets, intercepts=[0.1, 0.2, 0.3][:targets])
            if post == "PROBIT" and targets == 1:
                continue
            for labels in ({"classlabels_ints": [5, 9, 2][:max(2, targets)]},
                           {"classlabels_strings": ["no", "yes", "may"][:max(2, targets)]}):
                kind = TensorProto.INT64 if "classlabels_ints" in labels else TensorProto.STRING
                single("LinearClassifier", "linear-classifiers", [table],
                       [value("L", kind, ("N",)), value("P", dims=("N", max(2, targets)))], [wide],
                       name=f"linclass-{post.lower()}-{targets}-{'int' if kind == TensorProto.INT64 else 'str'}",
                       post_transform=post, coefficients=[0.25, -0.5, 0.125, 0.0625] * targets,
                       intercepts=[0.1, 0.2, 0.3][:targets], **labels)


def example():
    """The model of the package's example: two terms and a margin."""
    t = Trees()
    t.add((0, "BRANCH_LEQ", 2.0, 0, [(0, 0.25)], [(0, 0.75)]))
    t.add((1, "BRANCH_LEQ", 0.5, 0, [(1, -0.5)], [(1, 0.5)]))
    nodes = [
        helper.make_node("TreeEnsembleRegressor", ["X"], ["terms"], "trees", domain=ML, n_targets=2,
                         **t.attributes("target")),
        helper.make_node("ReduceSum", ["terms", "axes"], ["sum"], "sum", keepdims=1),
        helper.make_node("Add", ["sum", "intercept"], ["margin"], "add"),
    ]
    m = model(nodes, [value("X", dims=("N", 3))], [value("terms", dims=("N", 2)), value("margin")],
              [numpy_helper.from_array(np.array([1], np.int64), "axes"),
               numpy_helper.from_array(np.array([-1], np.float32), "intercept")])
    m.producer_name, m.producer_version = "goldens_onnx", "1"
    (TARGET.parent / "example.onnx").write_bytes(m.SerializeToString())


def run():
    example()
    heads()
    regressors()
    classifiers()
    five()
    encoders()
