"""An additive model as an ONNX graph: one tree a term, ReduceSum, Add.

Standard operators alone: ``ai.onnx.ml`` TreeEnsembleRegressor with a target for each term gives the terms, ReduceSum and
Add give the margin, so the numbers that explain a score and the score come out of one graph.
"""

import numpy as np
import onnx
import onnxruntime
from onnx import TensorProto, helper

LOWEST = float(np.finfo(np.float32).min)  # nothing but a missing value passes `x <= LOWEST`


class _Nodes:
    """Rows of the ensemble's attribute columns."""

    def __init__(self):
        self.rows, self.leaves = [], []

    def split(self, tree, feature, threshold, missing_left):
        number = self._next(tree)
        self.rows.append([tree, number, feature, "BRANCH_LEQ", threshold, 0, 0, int(missing_left)])
        return len(self.rows) - 1

    def leaf(self, tree, weight):
        number = self._next(tree)
        self.rows.append([tree, number, 0, "LEAF", 0.0, 0, 0, 0])
        self.leaves.append([tree, number, tree, float(np.float32(weight))])
        return len(self.rows) - 1

    def join(self, parent, left, right):
        self.rows[parent][5], self.rows[parent][6] = self.rows[left][1], self.rows[right][1]

    def _next(self, tree):
        return sum(1 for row in self.rows if row[0] == tree)


def _grow(nodes, tree, inputs, axes, table):
    """The tree of a term: missing first, then halving the bins, then the next input in each leaf."""
    if not axes:
        return nodes.leaf(tree, table)
    given = inputs[axes[0]]

    def halve(low, high):
        if low == high:
            return _grow(nodes, tree, inputs, axes[1:], table[low])
        middle = (low + high) // 2
        threshold = given.edges[middle - 1]
        here = nodes.split(tree, axes[0], threshold, given.missing_as == "no" and threshold >= 0)
        nodes.join(here, halve(low, middle), halve(middle + 1, high))
        return here

    if given.missing_as == "no":
        return halve(1, given.bins)
    root = nodes.split(tree, axes[0], LOWEST, True)
    nodes.join(root, _grow(nodes, tree, inputs, axes[1:], table[0]), halve(1, given.bins))
    return root


def build(model, name: str) -> onnx.ModelProto:
    """X float32 [N, inputs] -> terms float32 [N, T], margin float32 [N, 1]."""
    nodes = _Nodes()
    for t, (axes, table) in enumerate(model.terms):
        _grow(nodes, t, model.inputs, axes, table)
    tree, number, feature, mode, value, true, false, missing = zip(*nodes.rows, strict=True)
    leaf_tree, leaf_number, target, weight = zip(*nodes.leaves, strict=True)
    ensemble = helper.make_node(
        "TreeEnsembleRegressor",
        ["X"],
        ["terms"],
        domain="ai.onnx.ml",
        aggregate_function="SUM",
        post_transform="NONE",
        n_targets=len(model.terms),
        nodes_treeids=tree,
        nodes_nodeids=number,
        nodes_featureids=feature,
        nodes_modes=mode,
        nodes_values=value,
        nodes_truenodeids=true,
        nodes_falsenodeids=false,
        nodes_missing_value_tracks_true=missing,
        target_treeids=leaf_tree,
        target_nodeids=leaf_number,
        target_ids=target,
        target_weights=weight,
    )
    total = helper.make_node("ReduceSum", ["terms", "axes"], ["total"], keepdims=1)
    margin = helper.make_node("Add", ["total", "intercept"], ["margin"])
    graph = helper.make_graph(
        [ensemble, total, margin],
        name,
        [helper.make_tensor_value_info("X", TensorProto.FLOAT, ["N", len(model.inputs)])],
        [
            helper.make_tensor_value_info("terms", TensorProto.FLOAT, ["N", len(model.terms)]),
            helper.make_tensor_value_info("margin", TensorProto.FLOAT, ["N", 1]),
        ],
        [
            helper.make_tensor("axes", TensorProto.INT64, [1], [1]),
            helper.make_tensor("intercept", TensorProto.FLOAT, [1, 1], [float(np.float32(model.intercept))]),
        ],
    )
    made = helper.make_model(
        graph,
        opset_imports=[helper.make_opsetid("", 17), helper.make_opsetid("ai.onnx.ml", 3)],
        producer_name="tarozi",
        ir_version=8,
    )
    onnx.checker.check_model(made)
    return made


def run(model: onnx.ModelProto, matrix: np.ndarray):
    """(terms, margin) as onnxruntime computes them on one thread."""
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = options.inter_op_num_threads = 1
    session = onnxruntime.InferenceSession(model.SerializeToString(), options, providers=["CPUExecutionProvider"])
    terms, margin = session.run(["terms", "margin"], {"X": matrix.astype(np.float32)})
    return terms, margin[:, 0]
