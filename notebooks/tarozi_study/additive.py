"""The one form of model that ships: a sum of tables.

A term is a table over the bins of one or two inputs; slot 0 along each axis is the missing value. The margin (log-odds)
is the intercept plus the terms' values, so a reader can follow any score with a finger.
"""

from dataclasses import dataclass, field

import numpy as np


def bins(inputs, matrix: np.ndarray) -> np.ndarray:
    """Bin numbers of an input matrix, [rows, inputs]: 0 for missing, then 1.. in order.

    Unknown flags of ``missing_as`` "no" become "no".
    """
    columns = []
    for given, value in zip(inputs, matrix.T, strict=True):
        number = np.searchsorted(np.asarray(given.edges), value, side="left") + 1
        number[np.isnan(value)] = 1 if given.missing_as == "no" else 0
        columns.append(number)
    return np.column_stack(columns).astype(np.int32)


@dataclass
class Additive:
    """inputs: of the matrix, in order. terms: (indices of inputs, table). intercept: log-odds."""

    inputs: tuple
    intercept: float
    terms: list = field(default_factory=list)

    def term_values(self, binned: np.ndarray) -> np.ndarray:
        """[rows, terms], as the graph gives them: float32."""
        values = np.empty((len(binned), len(self.terms)), dtype=np.float32)
        for t, (axes, table) in enumerate(self.terms):
            values[:, t] = table[tuple(binned[:, axis] for axis in axes)]
        return values

    def margin(self, binned: np.ndarray) -> np.ndarray:
        """Intercept plus the ordered float64 sum of the float32 terms: the product's own definition."""
        total = np.full(len(binned), float(np.float32(self.intercept)))
        for column in self.term_values(binned).T:
            total += column.astype(np.float64)
        return total

    def smallest_steps(self) -> dict:
        """For each monotone input, the least change of the margin at each step up, in the demanded direction.

        The main effect's difference plus, over all pairs, the smallest difference at any value of the partner
        (missing included): no history can do worse. Non-negative everywhere means monotone.
        """
        steps = {}
        for j, given in enumerate(self.inputs):
            if not given.monotone or given.bins < 2:
                continue
            total = np.zeros(given.bins - 1)
            for axes, table in self.terms:
                if j in axes:
                    known = np.moveaxis(table.astype(np.float32).astype(float), axes.index(j), 0)[1:]
                    rises = given.monotone * np.diff(known, axis=0)
                    total += rises if rises.ndim == 1 else rises.min(axis=1)
            steps[given.feature] = total
        return steps

    def least_of_unknown(self) -> dict:
        """For each input, the least that an unknown value adds to the margin, 0 being the average of everybody.

        The main effect plus, over all pairs, the smallest value at any value of the partner: no history can do worse.
        Inputs whose unknown is "no" are left out.
        """
        least = {}
        for j, given in enumerate(self.inputs):
            if not given.missing_as:
                of_unknown = [np.take(table, 0, axis=axes.index(j)) for axes, table in self.terms if j in axes]
                least[given.feature] = sum(float(np.min(value)) for value in of_unknown)
        return least
