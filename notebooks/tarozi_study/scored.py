"""A committed bundle at work in Python: what a validation needs of it."""

import json
from pathlib import Path

import numpy as np
import onnx

from . import calibrate, graph
from .data import matrix
from .heads import Target
from .inputs import Input


class Bundle:
    """card and graphs of a folder. Hazards by onnxruntime and the card's calibration, as the product computes them."""

    def __init__(self, folder):
        self.folder = Path(folder)
        self.card = json.loads((self.folder / "card.json").read_text())
        self.inputs = tuple(
            Input(given["feature"], given["kind"], categories=tuple(given.get("categories", ())))
            for given in self.card["inputs"]
        )

    def terms(self, frame) -> dict:
        """Head id -> float32 terms, [rows, terms]."""
        x = matrix(self.inputs, frame)
        return {
            head["id"]: graph.run(onnx.load(self.folder / head["graph"]), x)[0] for head in self.card["heads"]
        }

    def hazards(self, frame) -> dict:
        """Head id -> calibrated hazards."""
        found = {}
        for head, terms in zip(self.card["heads"], self.terms(frame).values(), strict=True):
            margin = np.full(len(frame), head["intercept"])
            for column in terms.T:
                margin += column.astype(np.float64)
            found[head["id"]] = calibrate.apply(head["calibration"], margin)
        return found

    def probability(self, frame, target: Target) -> np.ndarray:
        return target.probability(self.hazards(frame))

    def score(self, target: Target) -> dict:
        """The card's entry for a served score."""
        wanted = (target.outcome, target.landmark_months, target.horizon_months)
        return next(
            entry
            for entry in self.card["scores"]
            if (entry["outcome"], entry["landmark_months"], entry["horizon_months"]) == wanted
        )


def tables_of(made: onnx.ModelProto, inputs, terms) -> list:
    """The tables behind a graph, read back by running it over every pair of slots."""
    middle = []
    for given in inputs:
        inner = given.edges
        middle.append([np.nan, *(np.array([inner[0] - 0.5, *inner]) + np.array([0, *([0.25] * len(inner))]))])
    tables = []
    for t, names in enumerate(terms):
        axes = tuple(next(j for j, given in enumerate(inputs) if given.feature == name) for name in names)
        slots = np.meshgrid(*[np.arange(inputs[axis].bins + 1) for axis in axes], indexing="ij")
        x = np.full((slots[0].size, len(inputs)), np.nan)
        for axis, slot in zip(axes, slots, strict=True):
            x[:, axis] = np.array(middle[axis])[slot.ravel()]
        tables.append((axes, graph.run(made, x)[0][:, t].reshape(slots[0].shape)))
    return tables
