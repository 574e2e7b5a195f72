"""Reads the folder that ``tarozi export --pseudonymised`` writes (docs/integration.md): what was scored, and what happened later.

What happened is counted as the product counts it (fairness.OutcomeWithin in Go): an occurrence after the as-of date and within
the horizon is 1; followed over the whole horizon without one is 0; anything else is unknown, never "did not happen".
"""

import calendar
import json
import subprocess
import time
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path

import numpy as np
import pandas as pd

from . import data

FILES = ("histories", "assessments", "outcomes")


@dataclass(frozen=True)
class Scored:
    """People scored by one version of one model for one outcome and horizon, each by their first assessment.

    table: ``person_id``, ``as_of``, ``months`` under supervision, ``probability`` as it was said, ``happened`` (0, 1, NaN where
    nobody followed the person to the horizon). frame: what the model read, as ``tarozi features`` would write it.
    """

    table: pd.DataFrame
    frame: pd.DataFrame

    @property
    def followed(self) -> np.ndarray:
        return self.table["happened"].notna().to_numpy()

    def known(self) -> tuple:
        """(what happened, probability, frame) of the people of whom it is known."""
        here = self.followed
        return (self.table["happened"][here].to_numpy().astype(int), self.table["probability"][here].to_numpy(),
                self.frame[here].reset_index(drop=True))  # fmt: skip


def add_months(day: date, months: int) -> date:
    """A day that the target month lacks becomes that month's last day, as in Go."""
    number = day.year * 12 + day.month - 1 + months
    year, month = number // 12, number % 12 + 1
    return date(year, month, min(day.day, calendar.monthrange(year, month)[1]))


def happened_within(kind: str, as_of: date, horizon_months, outcomes: list) -> float:
    """1, 0, or NaN where it is not known. Without a horizon nothing says when the time is over: NaN."""
    if horizon_months is None:
        return np.nan
    end, known = add_months(as_of, horizon_months), np.nan
    for of in outcomes:
        if of["kind"] != kind:
            continue
        on = date.fromisoformat(of["observed_on"]) if of["observed"] else None
        if on and as_of < on <= end:
            return 1.0
        first_is_over = on is not None and on <= as_of
        followed_from, until = date.fromisoformat(of["followed_from"]), date.fromisoformat(of["followed_until"])
        if not first_is_over and followed_from <= as_of + timedelta(days=1) and until >= end:
            known = 0.0
    return known


def read(folders, model: str, version: str, outcome: str, horizon_months) -> Scored:
    """folders: one, or one for each agency. Raises ValueError where a file is absent or nobody was scored in this way."""
    first, happened = {}, {}
    for folder in [Path(folders)] if isinstance(folders, (str, Path)) else map(Path, folders):
        for name in FILES:
            if not (folder / f"{name}.ndjson").exists():
                raise ValueError(f"{folder} has no {name}.ndjson: it is no folder of `tarozi export --pseudonymised`")
        for line in data.lines(folder / "outcomes.ndjson"):
            happened.setdefault(line["person_id"], []).append(line)
        for line in data.lines(folder / "assessments.ndjson"):
            if (line["model"]["id"], line["model"]["version"]) != (model, version):
                continue
            said = [s for s in line["scores"] if (s["outcome"], s.get("horizon_months")) == (outcome, horizon_months)]
            before = first.get(line["person_id"])
            if said and (before is None or (line["as_of"], line["id"]) < (before[0]["as_of"], before[0]["id"])):
                first[line["person_id"]] = line, said[0]["probability"]
    if not first:
        raise ValueError(f"nobody in this export was scored by {model} {version} for {outcome} over {horizon_months} months")
    rows, values = [], []
    for person, (line, probability) in sorted(first.items()):
        day = date.fromisoformat(line["as_of"])
        rows.append({"person_id": person, "as_of": line["as_of"], "months": line["months"], "probability": probability,
                     "happened": happened_within(outcome, day, horizon_months, happened.get(person, []))})  # fmt: skip
        values.append({name: float(v) if isinstance(v, (bool, int)) else v for name, v in line["values"].items()})
    return Scored(pd.DataFrame(rows), pd.DataFrame(values))


def demonstration(tarozi, work) -> list:
    """Makes a demonstration's database with the binary, of made-up people, and exports each of its agencies: their folders."""
    work = Path(work)
    database = work / "demo.db"
    command = [str(tarozi), "serve", "--demo", "--addr", "127.0.0.1:0", "--db", str(database)]
    with open(work / "serve.txt", "w") as said, subprocess.Popen(command, stdout=said, stderr=subprocess.STDOUT) as serving:
        try:
            for _ in range(1200):
                if "Ctrl-C ends it." in (work / "serve.txt").read_text():
                    break
                if serving.poll() is not None:
                    raise RuntimeError(f"tarozi serve ended: {(work / 'serve.txt').read_text()[-500:]}")
                time.sleep(0.1)
            else:
                raise RuntimeError("tarozi serve was not ready after two minutes")
        finally:
            serving.terminate()
    accounts = _said(tarozi, "account", "list", "--db", database)
    folders = []
    for agency in sorted({line.split()[2] for line in accounts.splitlines()[1:] if line.split()[1] == "officer"}):
        folder = work / f"export-{agency}"
        _said(tarozi, "export", "--pseudonymised", "--agency", agency, "--db", database, "--out", folder)
        folders.append(folder)
    return folders


def _said(*command) -> str:
    done = subprocess.run([str(part) for part in command], capture_output=True, text=True)
    if done.returncode:
        raise RuntimeError(f"tarozi {command[1]} ended with status {done.returncode}: {done.stderr.strip()}")
    return done.stdout
