"""What a person says for the numbers and signs of a Chinese text; see `assistant.turn.speakable_english`.

Left to itself, espeak-ng says 50% with an English "percent", 3-5 as 三五 and 14:30 as 十四三十.
"""

from __future__ import annotations

import re

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
from assistant.turn.numerals import chinese_cardinal, chinese_count, chinese_digits, chinese_number

_MONEY = table("$ 美元 | US$ 美元 | USD 美元 | € 欧元 | EUR 欧元 | £ 英镑 | GBP 英镑 | JPY 日元 | ¥ 元 | CNY 元 | RMB 元")
_CURRENCY = rf"(?P<currency>{one_of(_MONEY)})"
_MYRIAD = "(?P<myriad>[百千万亿]*)"
_UNITS = table(
    "mm 毫米 | cm 厘米 | m 米 | km 公里 | in 英寸 | ″ 英寸 | ft 英尺 | mi 英里 | cm² 平方厘米 | m² 平方米 | ㎡ 平方米"
    " | km² 平方公里 | cm³ 立方厘米 | m³ 立方米 | µg 微克 | μg 微克 | mcg 微克 | mg 毫克 | g 克 | kg 公斤 | oz 盎司 | lb 磅"
    " | lbs 磅 | ml 毫升 | mL 毫升 | l 升 | L 升 | km/h 公里每小时 | kph 公里每小时 | mph 英里每小时 | m/s 米每秒 | ms 毫秒"
    " | s 秒 | min 分钟 | h 小时 | V 伏 | W 瓦 | kW 千瓦 | kWh 千瓦时 | mAh 毫安时 | Hz 赫兹 | kHz 千赫兹 | MHz 兆赫兹"
    " | GHz 吉赫兹 | dB 分贝 | kcal 千卡 | kJ 千焦 | ° 度"
)
_UNIT = rf"(?P<unit>{one_of(_UNITS)})(?![A-Za-z0-9])"
_MEASURES = (
    "个|位|张|瓶|杯|只|条|本|台|辆|件|次|步|块|元|页|米|升|克|斤|公里|公斤|厘米|毫米|毫升|英|把|双|碗|盘|颗|份|周|天|年(?!级)"
    "|岁|小时|分钟|秒|人|家|扇|盏|名|种|套|座|棵|间|句|盒|袋|包|罐|点|美元|欧元|倍|根|支|片|粒|卷|箱|桶|组|段|栋|处|道|门|面|幅|顶"
)
"""Before these, 2 is 两 (but 二 in 二月, 二号, 二楼, 二路)."""
_EMERGENCY = "报警|急救|火警|热线|电话|客服"
_CODE = "房间|房|门牌|车牌|编|密码|验证码|航班|车次|座位"
_CALL = "电话|手机|号码|拨打|致电|热线|拨|传真|座机"
_SIGNS = table(
    "& 和 | @ 艾特 | % 百分号 | + 加 | = 等于 | ÷ 除以 | × 乘 | ± 正负 | ~ 约 | ～ 约 | ≈ 约 | < 小于 | > 大于 | ≤ 不超过"
    " | ≥ 不少于 | ° 度 | $ 美元 | € 欧元 | £ 英镑 | ¥ 元 | # 井号 | / 斜杠 | \\ 反斜杠 | ← 向左箭头 | → 向右箭头"
    " | ↑ 向上箭头 | ↓ 向下箭头"
)


def _amount(text: str) -> str:
    return "到".join(chinese_number(end) for end in ends_of(text))


def _count(text: str) -> str:
    return "到".join(chinese_count(end) for end in ends_of(text))


def _day(year: str, month: int, day: int) -> str:
    return f"{chinese_digits(year)}年{chinese_cardinal(month)}月{chinese_cardinal(day)}日"


def _year_last(match: re.Match[str]) -> str:
    """Return 23/11/2026 as that day; 3/4/2026 could be two days, and is said as it is written."""
    date = month_and_day(int(match[1]), int(match[2]))
    if date is None:
        return f"{chinese_cardinal(int(match[1]))}斜杠{chinese_cardinal(int(match[2]))}斜杠{chinese_digits(match[3])}"
    return _day(match[3], *date)


def _time(match: re.Match[str]) -> str:
    half = {"a": "上午", "p": "下午"}.get((match["half"] or "").lower(), "")
    said = f"{half}{chinese_count(str(int(match['hour'])))}点"
    minute = int(match["minute"])
    if minute or match["second"]:
        said += f"{'' if minute > 9 else '零'}{chinese_cardinal(minute) if minute else ''}分"  # noqa: PLR2004 - two digits
    return said + (f"{chinese_cardinal(int(match['second']))}秒" if match["second"] else "")


def _phone(text: str) -> str:
    """Return digits as they are said on the telephone: 1 is 幺, which is not mistaken for 七."""
    groups = re.findall("[0-9]+", text)
    return ("加" if text[0] == "+" else "") + "，".join(chinese_digits(group).replace("一", "幺") for group in groups)


def _money(match: re.Match[str]) -> str:
    amount = re.sub(r"\.0+(?![0-9])|(?<=\.[0-9])0(?![0-9])", "", re.sub("[$€£¥]", "", match["amount"]))
    return f"{_count(amount)}{match['myriad']}{_MONEY[match['currency']]}"


def _percent(match: re.Match[str]) -> str:
    return "到".join(("负" if end[0] in "-−" else "") + f"百分之{chinese_number(end.lstrip('-−'))}" for end in ends_of(match[1]))


def _temperature(match: re.Match[str]) -> str:
    below, amount = match[1][0] in "-−", match[1].lstrip("-−")
    scale = "华氏" if match[2] in ("°F", "℉") else "摄氏"
    return f"{scale}零下{_amount(amount)}度" if below else f"{scale}{_amount(amount)}度"


def _fraction(match: re.Match[str]) -> str:
    upper, lower = match[1], match[2]
    if 0 < int(upper) < int(lower):
        return f"{chinese_cardinal(int(lower))}分之{chinese_cardinal(int(upper))}"
    return f"{chinese_number(upper)}斜杠{chinese_number(lower)}"


def _bare(match: re.Match[str]) -> str:
    return chinese_digits(match[0]) if re.fullmatch("[0-9]{9,}", match[0]) else _amount(match[0])


def _in_word(match: re.Match[str]) -> str:
    """Return the digits beside letters, as in B12 and A380."""
    return chinese_number(match[0]) if len(match[0]) < 3 or "." in match[0] else chinese_digits(match[0])  # noqa: PLR2004


RULES: tuple[Rule, ...] = rules(
    (r"(?:\b[Nn]o\.|№)\s?([0-9]+)", lambda m: f"{chinese_number(m[1])}号"),
    (r"#([0-9]+)", lambda m: f"{chinese_number(m[1])}号"),
    (rf"{YEAR_FIRST}日?{STOP}", lambda m: _day(m[1], int(m[2]), int(m[3]))),
    (YEAR_LAST, _year_last),
    (MONTH_OF_YEAR, lambda m: f"{chinese_digits(m[2])}年{chinese_cardinal(int(m[1]))}月"),
    (rf"{START}([12][0-9]{{3}}){TO}([12][0-9]{{3}})\s?(?=年)", lambda m: f"{chinese_digits(m[1])}到{chinese_digits(m[2])}"),
    (rf"{START}([12][0-9]{{3}})\s?(?=年)", lambda m: chinese_digits(m[1])),
    (TO_TIME, lambda _: "到"),
    (TIME, _time),
    (ABROAD, lambda m: _phone(m[0])),
    (rf"{START}1[3-9][0-9][ -]?[0-9]{{4}}[ -]?[0-9]{{4}}{STOP}", lambda m: _phone(m[0])),
    (rf"{START}0[0-9]{{2,3}}[ -][0-9]{{7,8}}{STOP}|{START}[48]00[ -]?[0-9]{{3}}[ -]?[0-9]{{4}}{STOP}", lambda m: _phone(m[0])),
    (rf"((?:{_CALL})(?:[：:是为]|号码)*\s?)([0-9]{{3,}}(?:[ -][0-9]{{2,}})*){STOP}", lambda m: m[1] + _phone(m[2])),
    (rf"{START}[0-9]{{3,5}}(?={_EMERGENCY})", lambda m: _phone(m[0])),
    (rf"((?:{_CODE})号?码?[：:是为]*\s?)([0-9]{{3,}}){STOP}", lambda m: m[1] + chinese_digits(m[2])),
    (GROUPS, lambda m: _phone(m[0])),
    (SAME_UNIT, lambda m: f"{m[1]}-{m[3]}{m[2]}"),
    (r"(?<=[0-9])\s?[x×*]\s?(?=[0-9])", lambda _: "乘"),
    (r"(?<=[0-9])\s?[-−]\s?(?=[0-9.]+\s?=)", lambda _: "减"),
    (r"(?<![0-9])[-−](?=(?:US)?[$€£¥][0-9])", lambda _: "负"),
    (rf"{_CURRENCY}\s?(?P<amount>{NUMBER}(?:{TO}[$€£¥]?{NUMBER})?){_MYRIAD}", _money),
    (rf"{START}(?P<amount>{AMOUNT}){_MYRIAD}\s?{_CURRENCY}(?![A-Za-z0-9])", _money),
    (rf"{START}([0-9]+)\.(?:00|([0-9])0)(?=\s?[元块])", lambda m: chinese_count(m[1] + (f".{m[2]}" if m[2] else ""))),
    (rf"{START}({AMOUNT})\s?%", _percent),
    (rf"{START}({AMOUNT})\s?(°[CF]|℃|℉)", _temperature),
    (rf"{START}(?P<amount>{AMOUNT})\s?{_UNIT}", lambda m: f"{_count(m['amount'])}{_UNITS[m['unit']]}"),
    (rf"{START}([0-9]{{1,3}})/([0-9]{{1,3}}){STOP}", _fraction),
    (rf"{START}({NUMBER}):({NUMBER}){STOP}", lambda m: f"{chinese_number(m[1])}比{chinese_number(m[2])}"),
    (rf"{START}([0-9]{{3,5}})(?=\s?(?:号|房|室|路|次列车|航班))", lambda m: chinese_digits(m[1])),
    (r"(?<=第)\s?([0-9]+)", lambda m: chinese_number(m[1])),
    (rf"{START}({AMOUNT})\s?(?=(?:{_MEASURES}))", lambda m: _count(m[1])),
    (VERSION, lambda m: "点".join(chinese_number(end) for end in m[0].split("."))),
    (rf"{START}{AMOUNT}(?![A-Za-z0-9])|(?<![A-Za-z0-9)])[-−]{NUMBER}", _bare),
    (r"(?<=[A-Za-z])-?(?=[0-9])|(?<=[0-9])-(?=[A-Za-z])", lambda _: ""),
    (r"[0-9]+(?:\.[0-9]+)?", _in_word),
    (r"(?<=\w) ?→ ?(?=\w)", lambda _: "到"),
    (r"(?<=[元米克升斤里角]) */ *(?=[\u3400-\u9fff])", lambda _: "每"),
    (r"(?<=[\u3400-\u9fff]) */ *(?=[\u3400-\u9fff])", lambda _: "或"),
    (rf"[{re.escape(''.join(_SIGNS))}]", lambda m: _SIGNS[m[0]]),
)
