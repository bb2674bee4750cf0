"""Whether two children were given the same words: each child is heard, and decided for, by itself."""

import unicodedata
from collections import defaultdict
from collections.abc import Iterable, Mapping


def likened(words: str, fewest: int) -> str | None:
    """The words without case, punctuation and spacing; none where they are fewer than so many, too few to tell anything."""
    kept = "".join(each if each.isalnum() else " " for each in unicodedata.normalize("NFKC", words).casefold()).split()
    return " ".join(kept) if len(kept) >= fewest else None


def alike(words: Mapping[str, Iterable[str]], fewest: int) -> frozenset[str]:
    """The children, by id, of whom another was given some of the same words, so many at least."""
    found = defaultdict[str, set[str]](set)
    for child, said in words.items():
        for each in said:
            if (same := likened(each, fewest)) is not None:
                found[same].add(child)
    return frozenset(child for children in found.values() if len(children) > 1 for child in children)
