"""What the models of ``georgia-parole`` read.

An input is a feature of the product's catalogue with the range that it has in the training data. ``cuts`` are the
edges between bins: a value equal to a cut belongs to the lower bin. Categories have no cuts: each is a bin.
"""

from dataclasses import dataclass


@dataclass(frozen=True)
class Input:
    """One column of a model's matrix.

    monotone: 1 where a larger value never lowers the risk, -1 where it never raises it, 0 where the data decide.
    missing_as: "no" where an unknown flag is the same as false, else "" (missing is a bin of its own).
    required: without it there is no score.
    """

    feature: str
    kind: str
    min: float = 0
    max: float = 1
    open_above: bool = False
    cuts: tuple = (0.5,)
    categories: tuple = ()
    monotone: int = 0
    missing_as: str = ""
    required: bool = False

    @property
    def bins(self) -> int:
        """Bins of known values; the bin of missing values comes on top."""
        return len(self.categories) if self.categories else len(self.cuts) + 1

    @property
    def edges(self) -> tuple:
        """Thresholds between bins, categories counted by their index."""
        return tuple(k + 0.5 for k in range(self.bins - 1)) if self.categories else self.cuts

    def for_card(self) -> dict:
        if self.categories:
            card = {"feature": self.feature, "kind": self.kind, "categories": list(self.categories)}
        else:
            card = {
                "feature": self.feature,
                "kind": self.kind,
                "min": self.min,
                "max": self.max,
                "open_above": self.open_above,
            }
        return card | {"required": self.required, "monotone": self.monotone, "missing_as": self.missing_as}


def count(feature, largest, smallest=0, open_above=True, **more):
    cuts = tuple(k + 0.5 for k in range(smallest, largest))
    return Input(feature, "count", smallest, largest, open_above, cuts, **more)


def flag(feature, **more):
    return Input(feature, "flag", **more)


def category(feature, *categories, **more):
    return Input(feature, "category", categories=categories, **more)


# Known at release. More of a record never lowers a risk; nothing is assumed about age, custody, family or conditions.
RELEASE = (
    Input("age_at_start", "count", 18, 50, True, (22.5, 27.5, 32.5, 37.5, 42.5, 47.5), required=True),
    flag("gang_affiliation", monotone=1, missing_as="no"),
    count("intake_risk_score", 10, 1, False, monotone=1),
    category("supervision_level_first", "standard", "high", "specialised"),
    category("education", "less_than_secondary", "secondary", "higher"),
    count("dependents", 3),
    category("sentence_offence", "violent", "violent_sexual", "property", "drug", "public_order", "traffic", "other"),
    Input("custody_days", "days", 0, 1278, True, (365.5, 730.5, 1095.5)),
    count("prior_arrests_felony", 10, monotone=1, required=True),
    count("prior_arrests_misdemeanour", 6, monotone=1),
    count("prior_arrests_violent", 3, monotone=1),
    count("prior_arrests_property", 5, monotone=1),
    count("prior_arrests_drug", 5, monotone=1),
    count("prior_arrests_supervision_breach", 5, monotone=1),
    flag("prior_arrest_domestic_violence", monotone=1),
    flag("prior_arrest_weapon", monotone=1),
    count("prior_convictions_felony", 3, monotone=1),
    count("prior_convictions_misdemeanour", 4, monotone=1),
    count("prior_convictions_property", 3, monotone=1),
    count("prior_convictions_drug", 2, monotone=1),
    flag("prior_conviction_violent", monotone=1),
    flag("prior_conviction_supervision_breach", monotone=1),
    flag("prior_conviction_domestic_violence", monotone=1),
    flag("prior_conviction_weapon", monotone=1),
    flag("prior_revocation_parole", monotone=1),
    flag("prior_revocation_probation", monotone=1),
    flag("condition_treatment"),
    flag("condition_education"),
    flag("condition_other"),
)
