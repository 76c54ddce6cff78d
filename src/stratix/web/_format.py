"""How figures are written for people: as many digits as mean something, and their unit."""

from __future__ import annotations

import datetime as dt
import json
import time
from typing import Any

from stratix.analysis.summary import wording

NOTHING = "\u2013"
"""What stands where there is no figure."""

_CONTROLS = {code: 0x2400 + code for code in range(32) if chr(code) not in "\t\n\r"}
_UNITS = ("", "k", "M", "B", "T")


def percent(value: float | None, digits: int = 1) -> str:
    """Return a share, 0.0 to 1.0, as a percentage."""
    return NOTHING if value is None else f"{value * 100:.{digits}f}%"


def points(value: float | None) -> str:
    """Return a difference of shares, -1.0 to 1.0, in percentage points with its sign."""
    return NOTHING if value is None else f"{wording.signed(value)} points"


def count(value: float | None) -> str:
    """Return a whole number with its thousands apart."""
    return NOTHING if value is None else f"{value:,.0f}"


def short(value: float | None) -> str:
    """Return a large number in three digits: 1,234,567 as 1.23M."""
    if value is None:
        return NOTHING
    size, unit = float(value), 0
    while abs(size) >= 999.5 and unit < len(_UNITS) - 1:
        size, unit = size / 1000, unit + 1
    digits = max(0, 3 - len(str(int(abs(size)))))
    text = f"{size:.{digits}f}"
    return (text.rstrip("0").rstrip(".") if "." in text else text) + _UNITS[unit]


def money(value: float | None) -> str:
    """Return US dollars: cents for what has some, more digits for less."""
    return NOTHING if value is None else wording.money(value)


def duration(seconds: float | None) -> str:
    """Return a span of time in the one or two units that matter."""
    if seconds is None:
        return NOTHING
    if seconds < 0.9995:
        return f"{seconds * 1000:.0f} ms"
    if seconds < 59.95:
        return f"{seconds:.1f} s"
    minutes, rest = divmod(round(seconds), 60)
    if minutes < 60:
        return f"{minutes} min {rest} s"
    hours, minutes = divmod(minutes, 60)
    if hours < 24:
        return f"{hours} h {minutes} min"
    days, hours = divmod(hours, 24)
    return f"{days} d {hours} h"


def roughly(seconds: float | None) -> str:
    """Return a span of time that is not known exactly in one unit."""
    if seconds is None:
        return NOTHING
    if seconds < 90:
        return f"{seconds:.0f} s" if seconds >= 1 else "1 s"
    if seconds < 5400:
        return f"{seconds / 60:.0f} min"
    return f"{seconds / 3600:.1f} h" if seconds < 172_800 else f"{seconds / 86_400:.1f} d"


def milliseconds(value: float | None) -> str:
    """Return a span of time given in milliseconds."""
    return duration(None if value is None else value / 1000)


def size(value: float | None) -> str:
    """Return bytes in decimal units."""
    if value is None:
        return NOTHING
    text = short(value)
    number = text.rstrip("kMBT")
    # A thousand millions are a billion, but a thousand megabytes a gigabyte.
    return f"{number} {text[len(number) :].replace('B', 'G')}B"


def moment(seconds: float | None) -> str:
    """Return a point in time, in UTC, to the minute."""
    if not seconds:
        return NOTHING
    return dt.datetime.fromtimestamp(seconds, dt.UTC).strftime("%Y-%m-%d %H:%M UTC")


def machine_time(seconds: float | None) -> str:
    """Return a point in time for the attribute `datetime`."""
    return dt.datetime.fromtimestamp(seconds or 0, dt.UTC).isoformat(timespec="seconds")


def ago(seconds: float | None) -> str:
    """Return how long a point in time lies back, roughly."""
    if not seconds:
        return NOTHING
    passed = max(0.0, time.time() - seconds)
    for unit, length in (("d", 86_400), ("h", 3_600), ("min", 60)):
        if passed >= length:
            return f"{passed / length:.0f} {unit} ago"
    return "just now"


def chance(p: float) -> str:
    """Return how often something comes about, as people say it: of 0.002 "about 1 in 500 times"."""
    if p < 0.001:
        return "less than 1 in 1,000 times"
    if p < 0.1:
        return f"about 1 in {round(1 / p):,} times"
    if p >= 0.995:
        return "nearly always"
    return f"about {round(p * 100)} in 100 times"


def wire_duration(text: str) -> str:
    """Return a span of time as the API writes it, `PT1.5S`, for people."""
    return duration(float(text[2:-1]))


def visible(text: str) -> str:
    """Return a text with a sign for each control character, which would otherwise not be seen."""
    return text.translate(_CONTROLS)


def pretty(value: Any) -> str:
    """Return a value as JSON on several lines."""
    return json.dumps(value, indent=2, ensure_ascii=False)


def plural(number: float, one: str, many: str | None = None) -> str:
    """Return a count with its noun."""
    return f"{count(number)} {one if number == 1 else many or one + 's'}"


FILTERS: dict[str, Any] = {
    "percent": percent,
    "points": points,
    "count": count,
    "short": short,
    "money": money,
    "duration": duration,
    "roughly": roughly,
    "milliseconds": milliseconds,
    "size": size,
    "moment": moment,
    "machine_time": machine_time,
    "ago": ago,
    "wire_duration": wire_duration,
    "visible": visible,
    "plural": plural,
    "pretty": pretty,
    "chance": chance,
}
"""What the templates may use, by name."""
