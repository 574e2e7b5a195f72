"""Regenerates model/onnx/testdata/goldens: python -m goldens_onnx (from notebooks/)."""

import warnings

from . import base, boosters, handmade, pipelines


def main():
    warnings.simplefilter("ignore")
    base.TARGET.mkdir(parents=True, exist_ok=True)
    for old in base.TARGET.glob("*.zip"):
        old.unlink()
    base.plain_attributes()
    handmade.run()
    pipelines.run()
    boosters.run()
    base.finish()


main()
