"""The type of what every command's `add` receives; argparse gives it no public name."""

import argparse
from typing import TypeAlias

Parsers: TypeAlias = "argparse._SubParsersAction[argparse.ArgumentParser]"
