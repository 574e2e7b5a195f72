"""Packs the official node tests of ONNX for the engine's operators into one zip.

python -m goldens_onnx.nodetests FOLDER (from notebooks/): FOLDER is
onnx/backend/test/data/node of the Python package onnx 1.16.2, the last series that
carries the tests as files and stops at opset 21.
"""

import re
import sys
import zipfile
from pathlib import Path

import onnx

EPOCH = (2026, 1, 1, 0, 0, 0)
TARGET = Path(__file__).resolve().parents[2] / "model" / "onnx" / "testdata"

SOURCE = Path(__file__).resolve().parents[2] / "model" / "onnx" / "operators.go"


def main():
    known = set(re.findall(r'"([A-Z][A-Za-z0-9]+)":', SOURCE.read_text()))
    target = TARGET / "nodetests.zip"
    count = 0
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED, compresslevel=9) as z:
        for folder in sorted(Path(sys.argv[1]).iterdir()):
            model = onnx.load(folder / "model.onnx")
            # The test of an operator that ONNX itself expands into others is not one of this operator.
            if folder.name.endswith("_expanded") or not {n.op_type for n in model.graph.node} <= known:
                continue
            files = sorted(folder.rglob("*"))
            if sum(f.stat().st_size for f in files) > 1_000_000:
                continue
            count += 1
            for f in files:
                if f.is_file():
                    name = zipfile.ZipInfo(str(f.relative_to(folder.parent)), EPOCH)
                    z.writestr(name, f.read_bytes(), zipfile.ZIP_DEFLATED)
    print(f"{count} node tests, {target.stat().st_size / 1e6:.2f} MB")


main()
