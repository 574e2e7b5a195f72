"""Runs the notebooks from top to bottom."""

from pathlib import Path

import nbformat
from nbclient import NotebookClient

FOLDER = Path(__file__).parent.parent


def run(into: Path, say=print):
    """Executes each notebook in its folder and writes it, with its output, into a folder. Raises at the first error."""
    into.mkdir(parents=True, exist_ok=True)
    for file in sorted(FOLDER.glob("0*.ipynb")):
        say(file.name)
        notebook = nbformat.read(file, as_version=4)
        NotebookClient(notebook, timeout=1200, kernel_name="python3", resources={"metadata": {"path": str(FOLDER)}}).execute()
        for cell in notebook.cells:
            cell.metadata.pop("execution", None)
        notebook.metadata["language_info"] = {"name": "python"}
        nbformat.write(notebook, into / file.name)
