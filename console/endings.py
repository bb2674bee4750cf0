"""How a verb ends when it cannot do what was asked: one sentence, and an exit code that programs can rely on."""

from enum import IntEnum


class Code(IntEnum):
    """The exit codes of `siwrnai`."""

    done = 0
    found_wrong = 1
    """What was checked is not as it should be."""
    mistake = 2
    """What was asked cannot be understood, or names what is not there. Nothing has changed."""
    refused = 3
    """The procedures refuse it. Nothing has changed."""
    away = 4
    """Siwrnai does not run here, or a part of it cannot be reached."""
    broken = 70
    """Something happened that should not: a fault of ours."""


class Ended(Exception):
    """A verb ends here; the message is for a person, in their language."""

    def __init__(self, code: Code, sentence: str) -> None:
        super().__init__(sentence)
        self.code = code


class Mistake(Ended):
    """One or more mistakes in what was asked: each a sentence that says where, what is wrong and what would be right."""

    def __init__(self, *sentences: str) -> None:
        super().__init__(Code.mistake, "\n".join(sentences))
