"""Commands of the study: python -m tarozi_study COMMAND. Data and extractor: see sources."""

import argparse
import filecmp
import sys
import tempfile
from pathlib import Path

from . import activity, bundle, monitoring, notebooks, sources, study
from .inputs import RELEASE

BUNDLES = sources.ROOT / "model" / "bundles"


def real_sample(activity=False):
    sample, real = sources.training_sample(activity)
    if not real:
        sys.exit(f"{sources.data_folder() / sources.NIJ} is not there: name its folder in TAROZI_DATA")
    return sample


def georgia_parole(folder):
    sample = real_sample()
    trained = bundle.train(sample)
    card = bundle.card(trained, sample)
    bundle.write(folder, card, RELEASE, {name: of["model"] for name, of in trained.items()})


def monitoring_demo(folder):
    with tempfile.TemporaryDirectory() as work:
        monitoring.write(folder, sources.extractor(), work)


def georgia_activity(folder):
    activity.write(folder, real_sample(activity=True))


MADE_BY = {"georgia-parole": georgia_parole, "georgia-activity": georgia_activity, "monitoring-demo": monitoring_demo}


def check_bundle(name: str) -> int:
    """Makes the bundle anew and says which files differ from the committed ones."""
    committed = BUNDLES / name
    with tempfile.TemporaryDirectory() as made:
        MADE_BY[name](made)
        files = sorted({file.name for folder in (made, committed) for file in Path(folder).iterdir()})
        _, differing, absent = filecmp.cmpfiles(made, committed, files, shallow=False)
    for file in differing + absent:
        print(f"{name}/{file} is not what the notebooks make", file=sys.stderr)
    return 1 if differing or absent else 0


def check_study() -> int:
    wrong = study.check(real_sample())
    for line in wrong:
        print(line, file=sys.stderr)
    return 1 if wrong else 0


def main() -> int:
    parser = argparse.ArgumentParser(prog="tarozi_study", description=__doc__)
    commands = parser.add_subparsers(dest="command", required=True)
    made = commands.add_parser("bundle", help="train and write the bundles that ship")
    checked = commands.add_parser("bundle-check", help="train again and compare with the committed bundles, byte for byte")
    for of in (made, checked):
        of.add_argument("name", nargs="*", help=f"of {', '.join(MADE_BY)}; all where none is named")
    parts = commands.add_parser("study", help="the long runs; their tables go to results/")
    parts.add_argument("part", nargs="?", choices=["measure", "explore"], help="one part of it alone")
    commands.add_parser("study-check", help="recompute one fold of each model and compare with the tables")
    executed = commands.add_parser("notebooks", help="run every notebook")
    executed.add_argument("--out", type=Path, default=notebooks.FOLDER, help="where to write them (default: in place)")
    given = parser.parse_args()
    match given.command:
        case "bundle":
            for name in given.name or MADE_BY:
                MADE_BY[name](BUNDLES / name)
        case "bundle-check":
            return max([check_bundle(name) for name in given.name or MADE_BY])
        case "study":
            sample = real_sample()
            for name in [given.part] if given.part else ["measure", "explore"]:
                getattr(study, name)(sample)
        case "study-check":
            return check_study()
        case "notebooks":
            notebooks.run(given.out)
    return 0


if __name__ == "__main__":
    sys.exit(main())
