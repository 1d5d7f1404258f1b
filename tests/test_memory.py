"""Memory goes back to the system."""

from pathlib import Path

from bot.memory import give_back, settle


def resident() -> int:
    """Megabytes of this process."""
    lines = Path("/proc/self/status").read_text(encoding="ascii").splitlines()
    return next(int(line.split()[1]) // 1024 for line in lines if line.startswith("VmRSS"))


def test_what_was_freed_is_given_back() -> None:
    """A hundred megabytes in small pieces, freed below one that stays, leave the process."""
    pieces = [bytes(2000) for _ in range(50_000)]
    full, pieces = resident(), pieces[-1:]
    give_back()
    settle()
    assert pieces
    assert resident() < full - 50
