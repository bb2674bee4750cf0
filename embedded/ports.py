"""Free ports of this machine's own address."""

import random
import socket

HOST = "127.0.0.1"
"""Every embedded part listens here and nowhere else."""

LOWEST, HIGHEST = 10_000, 32_000
"""Below the ports that systems lend to outgoing connections, so that a port found free stays free until its server starts."""

_chance = random.SystemRandom()
"""The system's own: a test that seeds `random` would make two processes choose the same ports at the same time."""


def free_ports(count: int) -> list[int]:
    """That many different ports on which nothing listens now."""
    found: set[int] = set()
    while len(found) < count:
        port = _chance.randint(LOWEST, HIGHEST)
        if _is_free(port):
            found.add(port)
    return list(found)


def _is_free(port: int) -> bool:
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as candidate:
        try:
            candidate.bind((HOST, port))
        except OSError:
            return False
    return True
