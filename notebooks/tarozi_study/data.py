"""Vectors, outcomes and audit attributes as ``tarozi`` extracts them, and the guard in front of the test file."""

import hashlib
import json
import subprocess
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import numpy as np
import pandas as pd

OUTCOME_COLUMNS = ("Recidivism_Arrest_Year1", "Recidivism_Arrest_Year2", "Recidivism_Arrest_Year3")


class TestFileRefused(ValueError):
    """Somebody tried to train on the rows that the models are measured on."""


@dataclass(frozen=True)
class Sample:
    """People in the order of the file.

    frame: vectors, flags 0/1, categories as text. outcomes: ``arrest_months`` (12, 24, 36: end of the year of the first
    arrest; 0 none seen), ``followed_months`` (whole months until which an arrest would have been seen; 0 nobody looked) and
    ``violation`` (NaN where nobody looked). audit: sex and race, for measuring alone; no model is given this frame.
    """

    frame: pd.DataFrame
    outcomes: pd.DataFrame
    audit: pd.DataFrame
    sha256: str

    def rows(self, chosen) -> "Sample":
        return Sample(
            *(part.loc[chosen].reset_index(drop=True) for part in (self.frame, self.outcomes, self.audit)), self.sha256
        )


def sha256(path) -> str:
    return hashlib.sha256(Path(path).read_bytes()).hexdigest()


def sha256_of(paths) -> str:
    """Of several files one after the other."""
    total = hashlib.sha256()
    for path in paths:
        total.update(Path(path).read_bytes())
    return total.hexdigest()


def refuse_test_file(path):
    """Raises TestFileRefused for the challenge's test sample, whole or in part, with or without outcomes."""
    header = pd.read_csv(path, dtype=str, nrows=0).columns
    absent = [name for name in OUTCOME_COLUMNS if name not in header]
    if absent:
        raise TestFileRefused(f"{path}: no column {absent[0]}: this is not the training file")
    if "Training_Sample" not in header:
        raise TestFileRefused(f"{path}: no column Training_Sample: nothing says that these are training rows")
    marked = pd.read_csv(path, dtype=str, usecols=["Training_Sample"])["Training_Sample"]
    if (marked != "1").any():
        raise TestFileRefused(f"{path}: {(marked != '1').sum()} rows are not of the training sample")


def load_nij(tarozi, path, work, activity: bool = False) -> Sample:
    """The training file through the product's own extractor.

    tarozi: the binary; work: a folder for what it writes. activity adds what became known during supervision, for the
    benchmark alone.
    """
    refuse_test_file(path)
    work = Path(work)
    work.mkdir(parents=True, exist_ok=True)
    histories, outcomes, protected, vectors = (
        work / name for name in ("histories.ndjson", "outcomes.ndjson", "protected.ndjson", "vectors.csv")
    )
    extract = [tarozi, "dataset", "nij", "--in", path, "--out", histories, "--outcomes", outcomes, "--protected", protected]
    _run(extract + ["--activity"] * activity)
    _run([tarozi, "features", histories, "--out", vectors])
    return read(vectors, outcomes, protected, sha256(path))


def _run(command):
    done = subprocess.run([str(part) for part in command], capture_output=True, text=True)
    if done.returncode:
        raise RuntimeError(f"tarozi {command[1]} ended with status {done.returncode}: {done.stderr.strip()}")


def read(vectors, outcomes, protected, digest: str) -> Sample:
    """A sample from the files that ``tarozi features``, ``dataset`` and ``export`` write."""
    frame = pd.read_csv(vectors, dtype={"person_id": str})
    people = pd.Index(frame["person_id"])
    if not people.is_unique:
        raise ValueError(f"{vectors}: a person stands twice; validation needs one row for each")
    place = {person: row for row, person in enumerate(people)}
    arrest, followed, violation = np.zeros(len(people), int), np.zeros(len(people), int), np.full(len(people), np.nan)
    for record in lines(outcomes):
        row = place.get(record["person_id"])
        if row is None:
            continue
        if record["kind"] == "recidivism":
            followed[row] = months(record["followed_from"], record["followed_until"])
            if record["observed"]:
                arrest[row] = 12 * year_of(record["followed_from"], record["observed_on"])
        elif record["kind"] == "violation":
            violation[row] = record["observed"]
    happened = pd.DataFrame({"arrest_months": arrest, "followed_months": followed, "violation": violation})
    audit = {record["person_id"]: record["attributes"] for record in lines(protected)}
    attributes = pd.DataFrame([{name: audit[person].get(name) for name in ("sex", "race")} for person in people])
    return Sample(frame, happened, attributes, digest)


def lines(path):
    with open(path, encoding="utf-8") as file:
        for line in file:
            yield json.loads(line)


def year_of(start: str, day: str) -> int:
    """The year after start, from 1, in which a day falls: a year ends with the anniversary, and the start itself is of the first."""
    return max(1, -(-months(start, day) // 12) if day[8:] == start[8:] else months(start, day) // 12 + 1)


def months(start: str, end: str) -> int:
    """Whole months from start to end, as the product counts them."""
    first, last = date.fromisoformat(start), date.fromisoformat(end)
    return (last.year - first.year) * 12 + last.month - first.month - (last.day < first.day)


def matrix(inputs, frame) -> np.ndarray:
    """The model's input matrix, [rows, inputs]: categories by their index in the card, missing NaN."""
    columns = []
    for given in inputs:
        column = frame[given.feature]
        if given.categories:
            number = {name: k for k, name in enumerate(given.categories)}
            unknown = set(column.dropna()) - set(number)
            if unknown:
                raise ValueError(f"{given.feature}: {sorted(unknown)[0]!r} is no category of this model")
            column = column.map(number)
        columns.append(column.to_numpy(dtype=float))
    return np.column_stack(columns)
