"""Reads from an agent's last words that its account has no quota left, and when it has again."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

LONGEST_WAIT = timedelta(days=32)
"""A later reset is not believed: a strange text must not put an agent to rest for years."""

HIT = re.compile(
    r"you.{1,6}ve (?:hit|reached) your [\w\s-]{0,40}limit"
    r"|\blimit reached"
    r"|insufficient_quota"
    r"|quota (?:has been )?exceeded"
    r"|exceeded your current quota"
    r"|exhausted your [\w\s-]{0,20}(?:quota|capacity)"
    r"|resource_exhausted"
    r"|rate_limit_error"
    r"|too many requests"
    r"|credit balance (?:is )?too low"
    r"|insufficient (?:credits?|balance|funds|quota)"
    r"|payment required",
    re.IGNORECASE,
)
_EPOCH = re.compile(r"limit reached\|(\d{10})\b")
_HEADER = re.compile(r"retry-after\W{1,4}(\d{1,7})\b", re.IGNORECASE)
_UNIT = r"\d{1,6}(?:\.\d{1,9})?\s?(?:days?|hours?|hrs?|minutes?|mins?|seconds?|secs?|[dhms])(?![a-z])"
_IN = re.compile(
    rf"(?:try again|retry|resets?|retrydelay)(?:\s+(?:after|in)|\W{{1,4}})\s*((?:{_UNIT}[\s,]{{0,2}}(?:and\s)?){{1,5}})",
    re.IGNORECASE,
)
_PART = re.compile(r"(\d+(?:\.\d+)?)\s?([dhms])", re.IGNORECASE)
_SECONDS = {"d": 86_400, "h": 3600, "m": 60, "s": 1}
_MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
_AT = re.compile(
    r"(?:resets?|try again)(?:\s+(?:at|on))?\s+"
    rf"(?:(?P<weekday>{'|'.join(_DAYS)})[a-z]*,?\s+(?:at\s+)?)?"
    rf"(?:(?P<month>{'|'.join(_MONTHS)})[a-z]*\.?\s+(?P<day>\d{{1,2}})(?:st|nd|rd|th)?,?\s+(?:(?P<year>\d{{4}}),?\s+)?(?:at\s+)?)?"
    r"(?P<hour>\d{1,2})(?::(?P<minute>\d\d))?\s?(?P<half>am|pm)?"
    r"(?:\s*\((?P<zone>[\w+-]+(?:/[\w+-]+){0,2})\))?",
    re.IGNORECASE,
)


def is_hit(text: str) -> bool:
    """Whether the words say that a quota or rate limit ended the run."""
    return HIT.search(text) is not None


def reset_time(text: str, now: datetime) -> datetime | None:
    """When there is quota again, in UTC; None when the words do not tell, or tell a time that is past or too far away.

    A clock time is its next occurrence after `now` in the zone named behind it, UTC when none is: agents run with TZ=UTC.
    """
    for told in (_epoch, _header, _duration, _clock_time):
        until = told(text, now)
        if until is not None:
            return until if now < until <= now + LONGEST_WAIT else None
    return None


def _epoch(text: str, now: datetime) -> datetime | None:
    match = _EPOCH.search(text)
    return datetime.fromtimestamp(int(match[1]), UTC) if match else None


def _header(text: str, now: datetime) -> datetime | None:
    match = _HEADER.search(text)
    return now + timedelta(seconds=int(match[1])) if match else None


def _duration(text: str, now: datetime) -> datetime | None:
    """`try again in 3 days 4 hours`, `reset after 18h20m34s`, `"retryDelay": "34s"`."""
    match = _IN.search(text)
    if match is None:
        return None
    return now + timedelta(seconds=sum(float(number) * _SECONDS[unit.lower()] for number, unit in _PART.findall(match[1])))


def _clock_time(text: str, now: datetime) -> datetime | None:
    """`resets 8am (Europe/Berlin)`, `resets Nov 24, 5pm`, `try again at Nov 25th, 2026 3:45 PM`."""
    for match in _AT.finditer(text):
        if match["half"] or match["minute"]:
            return _next_occurrence(match, now)
    return None


def _next_occurrence(match: re.Match[str], now: datetime) -> datetime | None:
    here = now.astimezone(_zone(match["zone"]))
    hour = int(match["hour"])
    if match["half"]:
        hour = hour % 12 + (12 if match["half"].lower() == "pm" else 0)
    try:
        moment = here.replace(hour=hour, minute=int(match["minute"] or 0), second=0, microsecond=0, fold=0)
        if match["month"]:
            return _on_date(moment, match, here).astimezone(UTC)
    except ValueError:  # 31 Feb, 25:00
        return None
    return _on_day(moment, match["weekday"], here).astimezone(UTC)


def _on_day(moment: datetime, weekday: str | None, here: datetime) -> datetime:
    """The next such time of day, on the weekday if one is named."""
    if weekday:
        moment += timedelta(days=(_DAYS.index(weekday.lower()) - here.weekday()) % 7)
    step = timedelta(days=7 if weekday else 1)
    return moment if moment > here else moment + step


def _on_date(moment: datetime, match: re.Match[str], here: datetime) -> datetime:
    """The date in the year named, else in the year in which it is still to come."""
    month, day = _MONTHS.index(match["month"].lower()) + 1, int(match["day"])
    dated = moment.replace(year=int(match["year"] or here.year), month=month, day=day)
    return dated if match["year"] or dated > here - timedelta(days=1) else dated.replace(year=here.year + 1)


def _zone(name: str | None) -> ZoneInfo:
    try:
        return ZoneInfo(name or "UTC")
    except (ZoneInfoNotFoundError, ValueError, OSError):  # an unknown name, a path out of the zone folder, a folder
        return ZoneInfo("UTC")
