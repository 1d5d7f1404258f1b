"""The commands of `python -m bot`, one file each: `add` declares the arguments, `run` returns the exit code."""
