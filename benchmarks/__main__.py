"""Every benchmark, one after the other, each in a process of its own: `python -m benchmarks`."""

import subprocess
import sys
from pathlib import Path

NOT_BENCHMARKS = {"__init__", "__main__", "data", "rivals", "evasion_matrix", "calculation_peers", "calculation_specs"}


def main() -> int:
    """Run them all; the first exit code that is not 0."""
    codes = [_run(path.stem) for path in sorted(Path(__file__).parent.glob("*.py")) if path.stem not in NOT_BENCHMARKS]
    return next(filter(None, codes), 0)


def _run(name: str) -> int:
    print(f"\n== python -m benchmarks.{name}", flush=True)
    return subprocess.run([sys.executable, "-m", f"benchmarks.{name}"], check=False).returncode


if __name__ == "__main__":
    sys.exit(main())
