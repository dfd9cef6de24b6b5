"""What a storage said, as one line with its fix. Its own words are not passed on: they may hold a key."""

from __future__ import annotations

import errno
import os
import re

from rmanalytics.errors import LakeFault, LakeUnavailable

_CURL = re.compile(r"curlCode: \d+, ([^;(]+)")
_WRONG = "the storage does not accept the credentials"
_SET = "AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, or AWS_PROFILE"
_RIGHTS = "it needs GetObject, PutObject and ListBucket (to read: GetObject and ListBucket)"

_REFUSALS: tuple[tuple[str, str], ...] = (
    (
        r"Expired ?Token|EXPIRED|token has expired",
        f"the credentials have expired: renew them and set {_SET} again",
    ),
    (
        r"REQUEST_TIME_TOO_SKEWED|RequestTimeTooSkewed",
        "this machine's clock is wrong: set it, such as with NTP",
    ),
    (
        r"INVALID_ACCESS_KEY|SIGNATURE|INVALID_CLIENT_TOKEN|UNRECOGNIZED_CLIENT|InvalidToken|MISSING_AUTH|anonymous",
        f"{_WRONG}: correct {_SET}",
    ),
    (
        r"ACCESS_DENIED|HTTP status 40[13]|Access Denied",
        f"access denied: check the rights of the account: {_RIGHTS}",
    ),
    (r"NO_SUCH_BUCKET|NoSuchBucket", "there is no such bucket: create it, or correct the URL"),
    (
        r"HTTP status 30[17]|PermanentRedirect",
        "the bucket is in another region: add ?region=… to the URL, or set AWS_REGION",
    ),
    (
        r"curlCode: (60|35|77|58|59|51)",
        "the storage's certificate is not trusted: check the endpoint, or set AWS_CA_BUNDLE",
    ),
)
_ABSENT = re.compile(
    r"NETWORK_CONNECTION|curlCode|SLOW_DOWN|SERVICE_UNAVAILABLE|INTERNAL_FAILURE|REQUEST_TIMEOUT|THROTTLING|"
    r"HTTP status 5\d\d|HTTP status 429|Could not resolve|timed out|UNAVAILABLE|DEADLINE"
)
_ABSENT_ERRNOS = frozenset(
    {
        errno.EIO,
        errno.ESTALE,
        errno.ETIMEDOUT,
        errno.EHOSTDOWN,
        errno.EHOSTUNREACH,
        errno.ENOTCONN,
        errno.EBUSY,
    }
)
_UNWRITABLE = frozenset({errno.EACCES, errno.EPERM, errno.EROFS})
_AWS = re.compile(r"AWS Error ([A-Z_]+)")


def fault(where: str, error: BaseException) -> LakeFault:
    """Return the error for what a storage raised; `where` is the lake's name, or of something in it.

    >>> str(fault("s3://b/lake", OSError("AWS Error NETWORK_CONNECTION: curlCode: 7, Could not connect to server")))
    's3://b/lake: no answer (could not connect to server): check the network and the endpoint, then run this again'
    """
    said = str(error)
    number = error.errno if isinstance(error, OSError) else None
    for pattern, meaning in _REFUSALS:
        if number is None and re.search(pattern, said):
            return LakeFault(f"{where}: {meaning}")
    if number in _ABSENT_ERRNOS or (number is None and _ABSENT.search(said)):
        return LakeUnavailable(
            f"{where}: no answer ({_why(number, said)}): check the network and the endpoint, then run this again"
        )
    if number in _UNWRITABLE:
        return LakeFault(f"{where}: {os.strerror(number)}: give this user the right to write there")
    if number in (errno.ENOSPC, errno.EDQUOT):
        return LakeFault(f"{where}: {os.strerror(number)}: free space there and run this again")
    what = "path" if number is not None else "URL and the account's rights"
    return LakeFault(f"{where}: {_other(number, said)}: check the {what}")


def _why(number: int | None, said: str) -> str:
    if number is not None:
        return os.strerror(number)
    found = _CURL.search(said)
    return found[1].strip().lower() if found else _other(None, said)


def _other(number: int | None, said: str) -> str:
    if number is not None:
        return os.strerror(number)
    found = _AWS.search(said)
    return f"the storage answered {found[1].lower().replace('_', ' ')}" if found else "the storage refused"
