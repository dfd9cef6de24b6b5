"""Sets of text positions as the bits of an int: one shift or `and` handles every position at once."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

import numpy as np
from numpy.typing import NDArray


def ones(start: int, stop: int) -> int:
    """Return the set of positions from start up to but without stop.

    >>> bin(ones(2, 5)), ones(3, 3)
    ('0b11100', 0)
    """
    return ((1 << (stop - start)) - 1) << start if stop > start else 0


def of(positions: Iterable[int], n: int) -> int:
    """Return the set of these positions, none of them beyond n.

    >>> bin(of([1, 3], 5))
    '0b1010'
    """
    octets = bytearray(n // 8 + 1)
    for position in positions:
        octets[position >> 3] |= 1 << (position & 7)
    return int.from_bytes(octets, "little")


def array(positions: int, n: int) -> NDArray[np.int64]:
    """Return the positions up to n, smallest first, as an array.

    >>> array(0b1010, 5).tolist()
    [1, 3]
    """
    return np.flatnonzero(mask(positions, max(n, -1)))


def mask(positions: int, n: int) -> NDArray[np.bool_]:
    """Return whether each position from 0 to n is a member.

    >>> mask(0b1010, 3).tolist()
    [False, True, False, True]
    """
    octets = np.frombuffer((positions & ones(0, n + 1)).to_bytes(n // 8 + 1, "little"), np.uint8)
    return np.unpackbits(octets, count=n + 1, bitorder="little").view(np.bool_)


def of_mask(members: NDArray[np.bool_]) -> int:
    """Return the set of the positions that are true.

    >>> bin(of_mask(np.array([False, True, False, True])))
    '0b1010'
    """
    return int.from_bytes(np.packbits(members, bitorder="little").tobytes(), "little")


def members(positions: int) -> Iterator[int]:
    """Yield the positions, smallest first.

    >>> list(members(0b10100))
    [2, 4]
    """
    while positions:
        lowest = positions & -positions
        yield lowest.bit_length() - 1
        positions ^= lowest


def first(positions: int) -> int:
    """Return the smallest position, -1 of none."""
    return (positions & -positions).bit_length() - 1


def last(positions: int) -> int:
    """Return the largest position, -1 of none."""
    return positions.bit_length() - 1


def spread_up(positions: int, width: int) -> int:
    """Return all positions 0 to `width` beyond a member, in a logarithmic number of steps.

    >>> list(members(spread_up(0b1, 3)))
    [0, 1, 2, 3]
    """
    done = 1
    while done <= width:
        step = min(done, width + 1 - done)
        positions |= positions << step
        done += step
    return positions


def spread_down(positions: int, width: int) -> int:
    """Return all positions 0 to `width` before a member."""
    done = 1
    while done <= width:
        step = min(done, width + 1 - done)
        positions |= positions >> step
        done += step
    return positions


def runs_of(inside: int, length: int) -> int:
    """Return where at least `length` members follow each other, that position included.

    >>> list(members(runs_of(0b11101, 2)))
    [2, 3]
    """
    done = 1
    while done < length:
        step = min(done, length - done)
        inside &= inside >> step
        done += step
    return inside


def walk_up(positions: int, inside: int, width: int) -> int:
    """Return where up to `width` steps to the right lead, each from a position that is in `inside`.

    >>> list(members(walk_up(0b1, 0b11011, 9)))
    [0, 1, 2]
    """
    done, runs = 1, inside
    while done <= width and runs:
        step = min(done, width + 1 - done)
        positions |= (positions & (runs if step == done else runs_of(inside, step))) << step
        runs &= runs >> done
        done += step
    return positions


def walk_down(positions: int, inside: int, width: int) -> int:
    """Return where up to `width` steps to the left lead, each onto a position that is in `inside`.

    >>> list(members(walk_down(0b100000, 0b11011, 9)))
    [3, 4, 5]
    """
    done, runs = 1, inside
    while done <= width and runs:
        step = min(done, width + 1 - done)
        positions |= (positions >> step) & (runs if step == done else runs_of(inside, step))
        runs &= runs >> done
        done += step
    return positions
