"""Commands of the study: ``python -m tarozi_study bundle``, ``check``, ``study``."""

import argparse
import filecmp
import sys
import tempfile
from pathlib import Path

from . import bundle, data
from .inputs import RELEASE


def make_bundle(sample, folder):
    trained = bundle.train(sample)
    card = bundle.card(trained, sample)
    bundle.write(folder, card, RELEASE, {name: of["model"] for name, of in trained.items()})


def check_bundle(sample, committed) -> bool:
    """Makes the bundle anew and says which files differ from the committed ones."""
    with tempfile.TemporaryDirectory() as made:
        make_bundle(sample, made)
        names = sorted({file.name for folder in (made, committed) for file in Path(folder).iterdir()})
        _, differing, absent = filecmp.cmpfiles(made, committed, names, shallow=False)
    for name in differing + absent:
        print(f"{committed}/{name} is not what the notebooks make", file=sys.stderr)
    return not differing and not absent


def main() -> int:
    parser = argparse.ArgumentParser(prog="tarozi_study", description=__doc__)
    parser.add_argument("command", choices=["bundle", "check"])
    parser.add_argument("--tarozi", required=True, help="the binary, whose extractor makes the vectors")
    parser.add_argument("--data", required=True, help="nij_challenge_train.csv")
    parser.add_argument("--folder", required=True, help="folder of the bundle")
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as work:
        sample = data.load_nij(given.tarozi, given.data, work)
    if given.command == "bundle":
        make_bundle(sample, given.folder)
        return 0
    return 0 if check_bundle(sample, given.folder) else 1


sys.exit(main())
