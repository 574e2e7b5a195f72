"""Vectors, outcomes and audit attributes of the NIJ file, and the guard in front of its test half."""

import hashlib
from pathlib import Path

import numpy as np
import pandas as pd

ACTIVITY_OF_VIOLATION = [
    "Violations_ElectronicMonitoring",
    "Violations_Instruction",
    "Violations_FailToReport",
    "Violations_MoveWithoutPermission",
]
OUTCOMES = ["Recidivism_Arrest_Year1", "Recidivism_Arrest_Year2", "Recidivism_Arrest_Year3"]


class TestFileRefused(ValueError):
    """Somebody tried to train on the rows that the models are measured on."""


def sha256(path) -> str:
    return hashlib.sha256(Path(path).read_bytes()).hexdigest()


def read_raw(path) -> pd.DataFrame:
    """The file as text. Refuses the challenge's test sample, whole or in part, with or without outcomes."""
    raw = pd.read_csv(path, dtype=str, keep_default_na=False)
    absent = [name for name in OUTCOMES if name not in raw]
    if absent:
        raise TestFileRefused(f"{path}: no column {absent[0]}: this is not the training file")
    if "Training_Sample" not in raw or (raw["Training_Sample"] != "1").any():
        raise TestFileRefused(f"{path}: holds rows outside the training sample (Training_Sample other than 1)")
    return raw


def outcomes(raw: pd.DataFrame) -> pd.DataFrame:
    """months: the year (12, 24, 36) of the first arrest, 0 for none; violation: any flag or delinquency report."""
    arrested = raw[OUTCOMES].eq("true").to_numpy()
    year = np.where(arrested.any(axis=1), 12 * (arrested.argmax(axis=1) + 1), 0)
    violation = raw[ACTIVITY_OF_VIOLATION].eq("true").any(axis=1) | ~raw["Delinquency_Reports"].isin(["0", ""])
    return pd.DataFrame({"arrest_months": year, "violation": violation.astype(int)}, index=raw.index)


def audit_attributes(raw: pd.DataFrame) -> pd.DataFrame:
    """Sex and race: for measuring alone, in a frame that no model is given."""
    return pd.DataFrame({"sex": raw["Gender"], "race": raw["Race"]}, index=raw.index)
