"""Arrays too large to read at every start: files of their own in one folder, mapped into memory."""

import os
import shutil
from collections.abc import Mapping
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

Arrays = Mapping[str, NDArray[np.generic]]


def write(folder: Path, arrays: Arrays) -> None:
    """Write all of them at once: a reader finds the folder whole or not at all."""
    part = folder.with_name(f"{folder.name}.{os.getpid()}")
    part.mkdir(parents=True)
    for name, array in arrays.items():
        np.save(part / f"{name}.npy", array, allow_pickle=False)
    shutil.rmtree(folder, ignore_errors=True)
    part.replace(folder)


def read(folder: Path) -> dict[str, NDArray[np.generic]]:
    """Map what was written; nothing when it is not there or damaged."""
    try:
        return {file.stem: np.load(file, mmap_mode="r", allow_pickle=False) for file in folder.glob("*.npy")}
    except (OSError, ValueError, EOFError):
        return {}
