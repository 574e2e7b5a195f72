"""Which people are held back together."""

import numpy as np
from sklearn.model_selection import StratifiedKFold


def split(outcomes, folds: int, seed: int) -> np.ndarray:
    """A fold number for each row, the same for all heads, strata of arrest year and violation."""
    strata = outcomes["arrest_months"].to_numpy() * 2 + outcomes["violation"].fillna(0).astype(int).to_numpy()
    number = np.empty(len(outcomes), dtype=int)
    for k, (_, held) in enumerate(StratifiedKFold(folds, shuffle=True, random_state=seed).split(strata, strata)):
        number[held] = k
    return number


def by_person(person, folds: int, seed: int) -> np.ndarray:
    """A fold number for each row, the same for all rows of a person."""
    people, of = np.unique(person, return_inverse=True)
    return (np.random.default_rng(seed).permutation(len(people)) % folds)[of]
