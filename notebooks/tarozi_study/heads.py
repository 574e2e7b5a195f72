"""The heads of ``georgia-parole``: who is at risk, of what, in which interval."""

from dataclasses import dataclass

import numpy as np


@dataclass(frozen=True)
class Head:
    """to_months None: while supervised (the data give no date)."""

    id: str
    outcome: str
    from_months: int
    to_months: int | None

    def at_risk(self, outcomes) -> np.ndarray:
        """Rows without an arrest before the interval of whom is known what happened in it."""
        if self.to_months is None:
            return outcomes["violation"].notna().to_numpy()
        arrest = outcomes["arrest_months"]
        free = (arrest == 0) & (outcomes["followed_months"] >= self.to_months)
        return (free | (arrest >= self.to_months)).to_numpy()

    def happened(self, outcomes) -> np.ndarray:
        if self.to_months is None:
            return (outcomes["violation"] == 1).astype(int).to_numpy()
        return (outcomes["arrest_months"] == self.to_months).astype(int).to_numpy()


HEADS = (
    Head("recidivism-0-12", "recidivism", 0, 12),
    Head("recidivism-12-24", "recidivism", 12, 24),
    Head("recidivism-24-36", "recidivism", 24, 36),
    Head("violation", "violation", 0, None),
)


@dataclass(frozen=True)
class Target:
    """A served score: from a landmark, over a horizon; the heads it multiplies."""

    outcome: str
    landmark_months: int
    horizon_months: int | None

    def heads(self) -> list:
        if self.horizon_months is None:
            return [head for head in HEADS if head.outcome == self.outcome]
        until = self.landmark_months + self.horizon_months
        return [
            head
            for head in HEADS
            if head.outcome == self.outcome and self.landmark_months <= head.from_months and head.to_months <= until
        ]

    def at_risk(self, outcomes) -> np.ndarray:
        """Rows without an arrest before the landmark of whom is known whether it came within the horizon."""
        known = self.heads()[-1].at_risk(outcomes) | (self.happened(outcomes) == 1)
        return self.heads()[0].at_risk(outcomes) & known

    def happened(self, outcomes) -> np.ndarray:
        return np.max([head.happened(outcomes) for head in self.heads()], axis=0)

    def probability(self, hazards: dict) -> np.ndarray:
        """1 - prod(1 - h) over the heads' hazards, each an array by row."""
        stays = 1.0
        for head in self.heads():
            stays = stays * (1 - hazards[head.id])
        return 1 - stays


TARGETS = (
    Target("recidivism", 0, 12),
    Target("recidivism", 0, 24),
    Target("recidivism", 0, 36),
    Target("recidivism", 12, 12),
    Target("recidivism", 12, 24),
    Target("recidivism", 24, 12),
    Target("violation", 0, None),
)
