"""Chance without a clock: every draw is a hash of the seed and of what the message itself says."""

from __future__ import annotations

import math
import struct
from hashlib import blake2b
from statistics import NormalDist

_inverse_normal = NormalDist().inv_cdf
_STEP = 2.0**-53


def key(seed: int, *parts: str) -> bytes:
    """Return the 16 bytes that stand for these parts under this seed.

    >>> key(1, "919800000001", "Hello") == key(1, "919800000001", "Hello") != key(2, "919800000001", "Hello")
    True
    """
    text = "\x1f".join(parts).encode("utf-8", "surrogatepass")
    return blake2b(text, digest_size=16, key=str(seed).encode()[:64]).digest()


def uniforms(of: bytes, salt: str) -> tuple[float, ...]:
    """Return eight numbers in [0, 1) for that key; another salt gives others.

    >>> draws = uniforms(key(1, "a"), "fate")
    >>> len(draws), all(0 <= u < 1 for u in draws), draws == uniforms(key(1, "a"), "other")
    (8, True, False)
    """
    words = struct.unpack("<8Q", blake2b(salt.encode(), digest_size=64, key=of).digest())
    return tuple([(word >> 11) * _STEP for word in words])


def chance(of: bytes, salt: str) -> float:
    """Return one number in [0, 1) for that key."""
    word: int = struct.unpack("<Q", blake2b(salt.encode(), digest_size=8, key=of).digest())[0]
    return (word >> 11) * _STEP


def uuid(of: bytes, salt: str) -> str:
    """Return a lower-case UUID for that key, the form in which Route Mobile writes its message ids.

    >>> len(uuid(key(1, "a"), "id")), uuid(key(1, "a"), "id")[14]
    (36, '4')
    """
    text = blake2b(salt.encode(), digest_size=16, key=of).hexdigest()
    return f"{text[:8]}-{text[8:12]}-4{text[13:16]}-a{text[17:20]}-{text[20:]}"


def lognormal(u: float, median: float, sigma: float) -> float:
    """Return the log-normal quantile at `u`: half of all draws lie below the median.

    >>> lognormal(0.5, 6.0, 0.9), lognormal(0.9, 0.0, 0.9)
    (6.0, 0.0)
    """
    return median * math.exp(sigma * _inverse_normal(min(max(u, 1e-9), 1 - 1e-9)))
