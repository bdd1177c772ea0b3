"""Key messages: what a page says first, and in which order.

An entry has a key message where it has a clause ``message``: a sentence of its own facts, so that
nothing is claimed that its figure does not carry. How much *news* a message is decides its place:

1. A change counts by its size and surprise: 1 for each doubling or halving since the year before.
2. It counts in full where a test calls it reliable, half where there is no test (a sum that hangs
   on a few projects) and it is more than a quarter, and not at all where it may be chance. A
   reliable difference between clusters counts as a doubling.
3. Messages of equal news, those of none among them, keep the order in which they are declared:
   what a page is about first.

The first five are said.
"""

from __future__ import annotations

import math
from collections.abc import Iterable
from typing import NamedTuple

MOST = 5
"""Messages that a page begins with."""
UNTESTED = 0.5
"""What a change counts that no test can call reliable."""
QUARTER = math.log2(1.25)
"""An untested change has to be more than a quarter, up or down alike."""
LARGEST = 3.0
"""No change counts for more than eight times as much: from zero there is no measure."""
A_DIFFERENCE = 1.0
"""What a reliable difference between clusters counts."""


class Message(NamedTuple):
    """A key message: its entry, its sentence, and how much news it is.

    News are 0 if a test finds that it may be chance, None if nothing was tested and it is small.
    """

    name: str
    text: str
    news: float | None = None


class Told(NamedTuple):
    """What is said of a figure: its sentence, its key message, and its headline, if it has any."""

    sentence: str
    message: Message
    headline: str = ""


def news(first: float, last: float, is_reliable: bool | None) -> float:
    """Return how much news a change is.

    Parameters
    ----------
    first, last : float
        The earlier and the later number, in one unit; neither is negative.
    is_reliable : bool or None
        What the test says; None if there is none.

    Examples
    --------
    >>> news(40, 80, True), news(40, 80, None), news(40, 80, False), news(100, 120, None)
    (1.0, 0.5, 0.0, 0.0)
    """
    if first == last or is_reliable is False:
        return 0.0
    steps = min(abs(math.log2(last / first)), LARGEST) if first and last else LARGEST
    if is_reliable:
        return steps
    return UNTESTED * steps if steps > QUARTER else 0.0


def course(first: float, last: float) -> str:
    """Return what a change is called: more than doubled or halved, risen, fallen, or the same.

    Examples
    --------
    >>> course(68.9, 161.5), course(40, 80), course(5, 2), course(0, 3), course(3, 3)
    ('doubled', 'risen', 'halved', 'risen', 'same')
    """
    if first == last:
        return "same"
    if last > first:
        return "doubled" if last > 2 * first > 0 else "risen"
    return "halved" if 2 * last < first else "fallen"


def in_order(messages: Iterable[Message]) -> list[Message]:
    """Return the messages that are said, most news first.

    Examples
    --------
    >>> [message.name for message in in_order([Message("a", "A."), Message("b", "B.", 0.3)])]
    ['b', 'a']
    """
    return sorted(messages, key=lambda message: -(message.news or 0.0))[:MOST]
