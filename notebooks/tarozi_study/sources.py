"""Where a notebook finds the extractor and the data: the real file where it is, else made-up people, saying which."""

import os
import tempfile
from pathlib import Path

from . import data, made_up

ROOT = Path(__file__).parents[2]
NIJ = "nij_challenge_train.csv"
MADE_UP_PEOPLE = 4000


def extractor() -> Path:
    """The tarozi binary: $TAROZI, else bin/tarozi of this checkout."""
    found = Path(os.environ.get("TAROZI", ROOT / "bin" / "tarozi"))
    if not found.exists():
        raise FileNotFoundError(f"{found}: build it first with `make build`, or name it in TAROZI")
    return found


def data_folder() -> Path:
    """$TAROZI_DATA, else ../shared/data beside the checkout."""
    return Path(os.environ.get("TAROZI_DATA", ROOT.parent / "shared" / "data"))


def training_sample(activity: bool = False) -> tuple:
    """(sample, real): real is False where the challenge's file is absent and made-up people stand in."""
    file = data_folder() / NIJ
    real = file.exists()
    with tempfile.TemporaryDirectory() as work:
        if not real:
            file = Path(work) / NIJ
            made_up.write(file, made_up.people(MADE_UP_PEOPLE, 1))
        sample = data.load_nij(extractor(), file, Path(work) / "extracted", activity)
    print(f"{len(sample.frame):,} people of the challenge's training sample." if real else
          f"The challenge's file is not here: {len(sample.frame):,} MADE-UP people stand in. No figure below says anything "
          "about real people.")
    return sample, real


def made_up_sample(number: int, seed: int, **differing) -> data.Sample:
    """Made-up people through the extractor, see made_up.people."""
    with tempfile.TemporaryDirectory() as work:
        file = Path(work) / "made_up.csv"
        made_up.write(file, made_up.people(number, seed, **differing))
        return data.load_nij(extractor(), file, Path(work) / "extracted")
