"""Reads the folder that ``tarozi export --pseudonymised`` writes (docs/integration.md): what was scored, and what happened later.

What happened is counted as the product counts it (fairness.OutcomeWithin in Go): an occurrence after the as-of date and within
the horizon is 1; followed over the whole horizon without one is 0; anything else is unknown, never "did not happen".
"""

import calendar
import subprocess
import time
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path

import numpy as np
import pandas as pd

from . import data

FILES = ("histories", "assessments", "outcomes")
LEAST = 20  # people scored in one way; fewer are passed over, as horizons that end with supervision differ from person to person


@dataclass(frozen=True)
class Scored:
    """People scored by one version of one model for one outcome and horizon, each by their first assessment.

    table: ``person_id``, ``as_of``, ``months`` under supervision, ``probability`` as it was said, ``happened`` (0, 1, NaN where
    nobody followed the person to the horizon), ``passed`` (the person's follow-up goes as far as the horizon, or ended with the
    event itself). frame: what the model read, as ``tarozi features`` would write it.
    """

    table: pd.DataFrame
    frame: pd.DataFrame

    outcome: str
    horizon_months: int | None

    def known(self) -> tuple:
        """(what happened, probability, frame) of the people whose horizon is over.

        An event is known before the horizon is over, no event only then: events of people whose horizon still runs are left
        out, or the rate would be too high. Where follow-up ended with the event nothing says when it would have ended; those
        events count, so an error is to the high side. Raises ValueError where nobody was followed to the horizon without an
        event: every rate would be 100 %.
        """
        here = self.table["passed"].to_numpy()
        happened = self.table["happened"][here]
        if not (happened == 0).any():
            what = f"{self.outcome} over {self.horizon_months} months" if self.horizon_months else f"{self.outcome} without a horizon"
            raise ValueError(
                f"{what}: nobody in this export was followed to the end without one ({int((self.table['happened'] == 1).sum())} of "
                f"{len(self.table)} had one), so no rate can be told. Choose a score with a shorter horizon, or export again when people have been "
                "followed for longer"
            )
        return happened.to_numpy().astype(int), self.table["probability"][here].to_numpy(), self.frame[here].reset_index(drop=True)


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


def passed(kind: str, as_of: date, horizon_months, outcomes: list) -> bool:
    """Whether a statement follows the person from the as-of date to the horizon, or to an event with which it ends."""
    if horizon_months is None:
        return False
    end = add_months(as_of, horizon_months)
    for of in outcomes:
        if of["kind"] != kind:
            continue
        on = date.fromisoformat(of["observed_on"]) if of["observed"] else None
        followed_from, until = date.fromisoformat(of["followed_from"]), date.fromisoformat(of["followed_until"])
        if on is not None and as_of < on <= end and until <= on:
            return True
        if followed_from <= as_of + timedelta(days=1) and until >= end:
            return True
    return False


def scored_for(folders) -> list:
    """(model, version, outcome, horizon in months or None) of every score that at least LEAST people of the export were given."""
    people = {}
    for folder in folders:
        for line in data.lines(Path(folder) / "assessments.ndjson"):
            for said in line["scores"]:
                way = line["model"]["id"], line["model"]["version"], said["outcome"], said.get("horizon_months")
                people.setdefault(way, set()).add(line["person_id"])
    return sorted((way for way, of in people.items() if len(of) >= LEAST), key=lambda way: (*way[:3], way[3] or 0))


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
        asked = outcome, day, horizon_months, happened.get(person, [])
        rows.append({"person_id": person, "as_of": line["as_of"], "months": line["months"], "probability": probability,
                     "happened": happened_within(*asked), "passed": passed(*asked)})  # fmt: skip
        values.append({name: float(v) if isinstance(v, (bool, int)) else v for name, v in line["values"].items()})
    table = pd.DataFrame(rows)
    table["passed"] &= table["happened"].notna()
    return Scored(table, pd.DataFrame(values), outcome, horizon_months)


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
