"""What a person says for the numbers and signs of an English text.

`RULES` are applied in their order, each to what the ones before have left; what they say holds nothing that a rule looks for.
Left to itself, espeak-ng says "$12.50" as "dollar twelve point five zero", "3-5" as "three dash five" and "5 km" as letters.
"""

from __future__ import annotations

import re
from collections.abc import Mapping

from assistant.turn.notation import (
    ABROAD,
    AMOUNT,
    GROUPS,
    MONTH_OF_YEAR,
    NUMBER,
    SAME_UNIT,
    START,
    STOP,
    TIME,
    TO,
    TO_TIME,
    VERSION,
    YEAR_FIRST,
    YEAR_LAST,
    Rule,
    ends_of,
    month_and_day,
    one_of,
    rules,
    table,
)
from assistant.turn.numerals import cardinal, digits, number, ordinal, year

_MONTHS = (
    *("January", "February", "March", "April", "May", "June"),
    *("July", "August", "September", "October", "November", "December"),
)
_MONTH = rf"(?P<month>{'|'.join(_MONTHS)}|Sept|{'|'.join(month[:3] for month in _MONTHS)})\b\.?"
_DAY = r"(?P<day>[12][0-9]|3[01]|0?[1-9])(?:st|nd|rd|th)?(?![0-9])"
_YEAR = r"(?:,? (?P<year>[12][0-9]{3})(?![0-9]|[.,:/][0-9]))?"

_CURRENCIES = table("$ $ | US$ $ | USD $ | € € | EUR € | £ £ | GBP £ | ¥ ¥ | JPY ¥ | CNY 元 | RMB 元")
_CURRENCY = rf"(?P<currency>{one_of(_CURRENCIES)})"
_MONEY: Mapping[str, tuple[str, str, str, str]] = {
    "$": ("dollar", "dollars", "cent", "cents"),
    "€": ("euro", "euros", "cent", "cents"),
    "£": ("pound", "pounds", "penny", "pence"),
    "¥": ("yen", "yen", "sen", "sen"),
    "元": ("yuan", "yuan", "fen", "fen"),
}
_PRICE = (
    rf"(?<![0-9][-–—~])(?<![0-9]\s[-–—~]\s){_CURRENCY}\s?(?P<whole>[0-9]{{1,3}}(?:,[0-9]{{3}})+|[0-9]+)\.(?P<coins>[0-9]{{2}})"
    rf"(?![0-9]|{TO}[$€£¥]?[0-9]|\s?(?:bn|[kKM]|[mbt]r?illion)\b)"
)
_SCALES = table("k thousand | K thousand | M million | bn billion")
_SCALE = r"(?:\s?(?P<scale>thousand|million|billion|trillion|bn|[kKM])\b)?"
_UNITS = table(
    "mm millimetre(s) | cm centimetre(s) | m metre(s) | km kilometre(s) | mi mile(s) | ft foot(s) | yd yard(s)"
    " | cm² square centimetre(s) | m² square metre(s) | m2 square metre(s) | km² square kilometre(s) | ft² square foot(s)"
    " | cm³ cubic centimetre(s) | m³ cubic metre(s) | µg microgram(s) | μg microgram(s) | mcg microgram(s) | mg milligram(s)"
    " | g gram(s) | kg kilogram(s) | oz ounce(s) | lb pound(s) | lbs pound(s) | ml millilitre(s) | mL millilitre(s)"
    " | cl centilitre(s) | l litre(s) | L litre(s) | km/h kilometre(s) an hour | kph kilometre(s) an hour | mph mile(s) an hour"
    " | m/s metre(s) a second | ms millisecond(s) | s second(s) | sec second(s) | min minute(s) | mins minute(s) | h hour(s)"
    " | hr hour(s) | hrs hour(s) | KB kilobyte(s) | MB megabyte(s) | GB gigabyte(s) | TB terabyte(s) | V volt(s) | W watt(s)"
    " | kW kilowatt(s) | kWh kilowatt hour(s) | mAh milliamp hour(s) | Hz hertz | kHz kilohertz | MHz megahertz"
    " | GHz gigahertz | dB decibel(s) | kcal kilocalorie(s) | kJ kilojoule(s) | °C degree(s) Celsius | ℃ degree(s) Celsius"
    " | °F degree(s) Fahrenheit | ℉ degree(s) Fahrenheit | ° degree(s) | % percent | ¢ cent(s)"
)
_UNIT = rf"(?P<unit>{one_of(_UNITS)})(?![A-Za-z0-9])"
_PARTS = {"2": ("half", "halves"), "3": ("third", "thirds"), "4": ("quarter", "quarters"), "8": ("eighth", "eighths")}
_CODE = "call|dial|phone|telephone|tel|fax|hotline|pin|code|room|flat|flight|extension|ext"
_SIGNS = table(
    "& and | @ at | % percent | + plus | = equals | ÷ divided by | × times | ± plus or minus | ~ about | ≈ about | < less than"
    " | > more than | ≤ at most | ≥ at least | ° degrees | $ dollars | € euros | £ pounds | ¥ yen | # hash | / slash"
    " | \\ backslash | ← left arrow | → right arrow | ↑ up arrow | ↓ down arrow"
)


def _amount(text: str) -> str:
    return " to ".join(number(end) for end in ends_of(text))


def _day(year_digits: str, month: int, day: int) -> str:
    return f"{_MONTHS[month - 1]} {ordinal(day)}, {year(int(year_digits))}"


def _year_last(match: re.Match[str]) -> str:
    """Return 23/11/2026 as that day; 3/4/2026 could be two days, and is said as it is written."""
    date = month_and_day(int(match[1]), int(match[2]))
    if date is None:
        return f"{cardinal(int(match[1]))} slash {cardinal(int(match[2]))} slash {year(int(match[3]))}"
    return _day(match[3], *date)


def _named_month(match: re.Match[str]) -> str:
    month = next(name for name in _MONTHS if name.startswith(match["month"][:3]))
    day, written_year = ordinal(int(match["day"])), match["year"]
    said = f"the {day} of {month}" if match["the"] else f"{month} {day}"
    return said + (f", {year(int(written_year))}" if written_year else "")


def _time(match: re.Match[str]) -> str:
    hour, minute, half = int(match["hour"]), int(match["minute"] or 0), (match["half"] or "").lower()
    if minute:
        said = f"{cardinal(hour)} {'' if minute > 9 else 'oh '}{cardinal(minute)}"  # noqa: PLR2004 - two digits
    else:
        said = cardinal(hour) if half else f"{cardinal(hour)} o'clock"
    seconds = f" and {cardinal(int(match['second']))} seconds" if match["second"] else ""
    return said + seconds + (f" {half}.m." if half else "")  # espeak-ng says "a.m." rightly, "A M" and "a m" as "uh em"


def _phone(text: str) -> str:
    return ("plus " if text[0] == "+" else "") + ", ".join(digits(group) for group in re.findall("[0-9]+", text))


def _price(match: re.Match[str]) -> str:
    """Return an amount with two decimals."""
    whole, coins, currency = re.sub("[.,]", "", match["whole"]), match["coins"], _CURRENCIES[match["currency"]]
    one, many, coin, small = _MONEY["元" if currency == "¥" else currency]  # a yen has no hundredths
    change = f"{cardinal(int(coins))} {coin if coins == '01' else small}"
    notes = f"{number(whole)} {one if whole == '1' else many}"
    if int(coins) == 0:
        return notes
    if int(whole) == 0:
        return change
    return f"{notes} and {change}" if coins[0] == "0" else f"{notes} {cardinal(int(coins))}"


def _money(match: re.Match[str]) -> str:
    one, many, *_ = _MONEY[_CURRENCIES[match["currency"]]]
    scale = f" {_SCALES.get(match['scale'], match['scale'])}" if match["scale"] else ""
    return f"{_amount(re.sub('[$€£¥]', '', match['amount']))}{scale} {one if match['amount'] == '1' and not scale else many}"


def _measure(match: re.Match[str]) -> str:
    unit = _UNITS[match["unit"]]
    one = match["amount"].lstrip("-−") == "1"
    return f"{_amount(match['amount'])} {unit.replace('(s)', '') if one else unit.replace('foot(s)', 'feet').replace('(s)', 's')}"


def _inches(match: re.Match[str]) -> str:
    quotation_open = match.string.count('"', 0, match.start()) % 2
    return match[0] if quotation_open else f"{_amount(match['amount'])} inch"


def _fraction(match: re.Match[str]) -> str:
    whole, upper, lower = match["whole"], match["upper"], match["lower"]
    if lower in _PARTS and 0 < int(upper) < int(lower):
        part = _PARTS[lower][upper != "1"]
        return f"{number(whole)} and {'a' if upper == '1' else number(upper)} {part}" if whole else f"{number(upper)} {part}"
    between = "out of" if lower in ("5", "10", "100") else "slash"
    return f"{number(whole) if whole else ''} {number(upper)} {between} {number(lower)}"


def _decade(match: re.Match[str]) -> str:
    said = year(int(match[1])) if len(match[1]) > 2 else cardinal(int(match[1]))  # noqa: PLR2004 - of a century, or of a life
    return f"{said[:-1]}ies" if said.endswith("y") else f"{said}s"


def _bare(text: str) -> str:
    """Return a number of which nothing else is known."""
    if re.fullmatch("1[1-9][0-9]{2}|20[0-9]{2}", text):  # a year, most likely; "fifteen hundred" is right for a number, too
        return year(int(text))
    return digits(text) if re.fullmatch("[0-9]{7,}", text) else number(text)  # large numbers are written with commas


def _bare_range(match: re.Match[str]) -> str:
    return " to ".join(_bare(end) for end in ends_of(match[0]))


def _in_word(match: re.Match[str]) -> str:
    """Return the digits beside letters, as in B12 and A380."""
    return number(match[0]) if len(match[0]) < 3 or "." in match[0] else digits(match[0])  # noqa: PLR2004


RULES: tuple[Rule, ...] = rules(
    (r"\be\.g\b\.?,?", lambda _: "for example"),
    (r"\bi\.e\b\.?,?", lambda _: "that is"),
    (r"\betc\.(?=\s+[a-z])|\betc\b", lambda _: "et cetera"),
    (r"\bapprox\b\.?", lambda _: "approximately"),
    (r"\bvs\b\.?", lambda _: "versus"),
    (r"\band/or\b", lambda _: "and or"),
    (r"(?:\b[Nn]o\.|#|№)\s?(?=[0-9])", lambda _: "number"),
    (YEAR_FIRST + STOP, lambda m: _day(m[1], int(m[2]), int(m[3]))),
    (YEAR_LAST, _year_last),
    (MONTH_OF_YEAR, lambda m: f"{_MONTHS[int(m[1]) - 1]} {year(int(m[2]))}"),
    (rf"(?P<the>(?!))?\b{_MONTH} {_DAY}{_YEAR}", _named_month),
    (rf"{START}(?P<the>the )?{_DAY} (?:of )?{_MONTH}{_YEAR}", _named_month),
    (TO_TIME, lambda _: "to"),
    (TIME, _time),
    (rf"{START}(?P<hour>1[0-2]|0?[1-9])(?P<minute>)(?P<second>)\s?(?P<half>[AaPp])(?:\.[Mm]\.|[Mm]\b)", _time),
    (ABROAD, lambda m: _phone(m[0])),
    (rf"{START}\(?[0-9]{{3}}\)?[ .-][0-9]{{3}}[ .-][0-9]{{4}}{STOP}|{START}[0-9]{{3}}-[0-9]{{4}}{STOP}", lambda m: _phone(m[0])),
    (rf"{START}0[0-9]{{1,4}}(?:[ .-][0-9]{{2,8}}){{1,4}}{STOP}", lambda m: _phone(m[0])),
    (
        rf"\b((?i:(?:{_CODE})\b(?:\.|:| number| is| at| on)*))\s?([0-9]{{3,}}(?:[ -][0-9]{{2,}})*){STOP}",
        lambda m: f"{m[1]} {_phone(m[2])}",
    ),
    (GROUPS, lambda m: _phone(m[0])),
    (SAME_UNIT, lambda m: f"{m[1]}-{m[3]}{m[2]}"),
    (rf"{START}([0-9]{{1,3}}),([0-9]{{1,2}})\s?(?={_UNIT})", lambda m: f"{m[1]}.{m[2]}"),
    (r"(?<=[0-9])\s?[x×*]\s?(?=[0-9.]+\s?=)", lambda _: "times"),
    (r"(?<=[0-9])\s?[-−]\s?(?=[0-9.]+\s?=)", lambda _: "minus"),
    (r"(?<=[0-9])\s?[x×*]\s?(?=[0-9])", lambda _: "by"),
    (r"(?<=[0-9])\s?[x×](?![A-Za-z0-9])", lambda _: "times"),
    (r"(?<![0-9])[-−](?=(?:US)?[$€£¥][0-9])", lambda _: "minus"),
    (_PRICE, _price),
    (rf"{START}(?P<whole>[0-9]{{1,3}}(?:\.[0-9]{{3}})+|[0-9]+)[.,](?P<coins>[0-9]{{2}})\s?{_CURRENCY}(?![A-Za-z0-9])", _price),
    (rf"{_CURRENCY}\s?(?P<amount>{NUMBER}(?:{TO}[$€£¥]?{NUMBER})?){_SCALE}", _money),
    (rf"{START}(?P<amount>{AMOUNT}){_SCALE}\s?{_CURRENCY}(?![A-Za-z0-9])", _money),
    (rf"{START}([0-9]{{1,2}})['′]\s?([0-9]{{1,2}})(?:[\"″]|'')", lambda m: f"{number(m[1])} foot {number(m[2])}"),
    (rf"{START}(?P<amount>{AMOUNT})[\"″]", _inches),
    (rf"{START}((?:1[0-9]|20)?[1-9]0)'?s\b", _decade),
    (rf"{START}(?P<amount>{AMOUNT})[\s-]?{_UNIT}", _measure),
    (rf"(?<=\w)\s?/\s?{_UNIT}", lambda m: f"per {_UNITS[m['unit']].replace('(s)', '')}"),
    (rf"{START}([0-9]{{1,6}})(?:st|nd|rd|th)\b", lambda m: ordinal(int(m[1]))),
    (rf"{START}(?:(?P<whole>[0-9]{{1,2}}) )?(?P<upper>[0-9]{{1,3}})/(?P<lower>[0-9]{{1,3}}){STOP}", _fraction),
    (rf"{START}({NUMBER}):({NUMBER}){STOP}", lambda m: f"{number(m[1])} to {number(m[2])}"),
    (VERSION, lambda m: " point ".join(number(part) for part in m[0].split("."))),
    (rf"{START}{AMOUNT}(?![A-Za-z0-9])|(?<![A-Za-z0-9)])[-−]{NUMBER}", _bare_range),
    (r"(?<=[A-Za-z])-?(?=[0-9])|(?<=[0-9])-(?=[A-Za-z])", lambda _: ""),
    (r"[0-9]+(?:\.[0-9]+)?", _in_word),
    (r"(?<=\w) ?→ ?(?=\w)", lambda _: "to"),
    (rf"[{re.escape(''.join(_SIGNS))}]", lambda m: _SIGNS[m[0]]),
)
