"""Regenerates explain/testdata/goldens and model/testdata/bundles: python -m goldens_explain (from notebooks/)."""

import warnings

from . import base, bundles, others, trees


def main():
    warnings.simplefilter("ignore")
    base.TARGET.mkdir(parents=True, exist_ok=True)
    for old in base.TARGET.glob("*.zip"):
        old.unlink()
    base.plain_attributes()
    trees.run()
    others.run()
    bundles.run()
    base.finish()


main()
