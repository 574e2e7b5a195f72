"""Commands of the study: python -m tarozi_study COMMAND. Data and extractor: see sources."""

import argparse
import filecmp
import sys
import tempfile
from pathlib import Path

from . import bundle, notebooks, sources, study
from .inputs import RELEASE

COMMITTED = sources.ROOT / "model" / "bundles" / "georgia-parole"


def real_sample():
    sample, real = sources.training_sample()
    if not real:
        sys.exit(f"{sources.data_folder() / sources.NIJ} is not there: name its folder in TAROZI_DATA")
    return sample


def make_bundle(folder):
    sample = real_sample()
    trained = bundle.train(sample)
    card = bundle.card(trained, sample)
    bundle.write(folder, card, RELEASE, {name: of["model"] for name, of in trained.items()})


def check_bundle() -> int:
    """Makes the bundle anew and says which files differ from the committed ones."""
    with tempfile.TemporaryDirectory() as made:
        make_bundle(made)
        names = sorted({file.name for folder in (made, COMMITTED) for file in Path(folder).iterdir()})
        _, differing, absent = filecmp.cmpfiles(made, COMMITTED, names, shallow=False)
    for name in differing + absent:
        print(f"{COMMITTED.name}/{name} is not what the notebooks make", file=sys.stderr)
    return 1 if differing or absent else 0


def check_study() -> int:
    wrong = study.check(real_sample())
    for line in wrong:
        print(line, file=sys.stderr)
    return 1 if wrong else 0


def main() -> int:
    parser = argparse.ArgumentParser(prog="tarozi_study", description=__doc__)
    commands = parser.add_subparsers(dest="command", required=True)
    commands.add_parser("bundle", help="train and write the bundle georgia-parole")
    commands.add_parser("bundle-check", help="train again and compare with the committed bundle, byte for byte")
    parts = commands.add_parser("study", help="the long runs; their tables go to results/")
    parts.add_argument("part", nargs="?", choices=["measure", "explore", "seal"], help="one part of it alone")
    commands.add_parser("study-check", help="recompute one fold of each model and compare with the tables")
    executed = commands.add_parser("notebooks", help="run every notebook")
    executed.add_argument("--out", type=Path, default=notebooks.FOLDER, help="where to write them (default: in place)")
    given = parser.parse_args()
    match given.command:
        case "bundle":
            make_bundle(COMMITTED)
        case "bundle-check":
            return check_bundle()
        case "study":
            sample = real_sample()
            for name in [given.part] if given.part else ["measure", "explore", "seal"]:
                getattr(study, name)(sample)
        case "study-check":
            return check_study()
        case "notebooks":
            notebooks.run(given.out)
    return 0


if __name__ == "__main__":
    sys.exit(main())
