"""python -m tarozi_study bundle --data FILE --out FOLDER"""

import argparse

from . import bundle, columns, data
from .inputs import RELEASE


def main():
    parser = argparse.ArgumentParser(prog="tarozi_study", description=__doc__)
    commands = parser.add_subparsers(dest="command", required=True)
    make = commands.add_parser("bundle", help="train on the NIJ training file and write the bundle georgia-parole")
    make.add_argument("--data", required=True, help="nij_challenge_train.csv")
    make.add_argument("--out", required=True, help="folder of the bundle")
    given = parser.parse_args()

    raw = data.read_raw(given.data)
    frame, outcomes, audit = columns.features(raw), data.outcomes(raw), data.audit_attributes(raw)
    trained = bundle.train(frame, outcomes)
    card = bundle.card(trained, frame, outcomes, audit, data.sha256(given.data))
    bundle.write(given.out, card, RELEASE, {name: of["model"] for name, of in trained.items()})
    for score in card["scores"]:
        print(score["outcome"], score["landmark_months"], score["horizon_months"], score["metrics"])


main()
