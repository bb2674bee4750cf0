"""Leaving a process that used the engine's client."""

import gc
import time


def settle() -> None:
    """Before the exit: the engine's client can crash a process that ends at once (sdk-python 300)."""
    gc.collect()
    time.sleep(0.25)
