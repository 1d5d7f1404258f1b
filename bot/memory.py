"""Memory that was needed for a while goes back to the system: glibc keeps the 50 MB that a Knowledge was built in."""

import ctypes
import gc


def settle() -> None:
    """Everything is loaded: what is there now stays, and is not searched for garbage again."""
    gc.collect()
    gc.freeze()
    give_back()


def give_back() -> None:
    """Give freed memory to the system, where the C library can."""
    trim = getattr(ctypes.CDLL(None), "malloc_trim", None)
    if trim is not None:
        trim(0)
