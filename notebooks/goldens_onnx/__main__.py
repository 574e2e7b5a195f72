"""Regenerates model/onnx/testdata/goldens: python -m goldens_onnx (from notebooks/)."""

from . import base, handmade


def main():
    base.TARGET.mkdir(parents=True, exist_ok=True)
    for old in base.TARGET.glob("*.zip"):
        old.unlink()
    handmade.run()
    base.finish()


main()
