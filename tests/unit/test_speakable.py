from __future__ import annotations

import dataclasses
import string

import pytest
from hypothesis import given
from hypothesis import strategies as st

from assistant.turn.speakable import speakable
from assistant.types import Language, Sentence

ENGLISH = [
    # nothing to do
    ("A cup is on your left.", "A cup is on your left."),
    ("I can't see: it's too dark.", "I can't see: it's too dark."),
    ("The well-lit room is empty", "The well-lit room is empty."),
    ("On the table,", "On the table,"),
    # markdown
    ("**Bold** and *soft* and `code`.", "Bold and soft and code."),
    ("## The room", "The room."),
    ("> It was said", "It was said."),
    ("See [the menu](https://example.com/menu?page=2).", "See the menu."),
    ("![A red cup](cup.png)", "A red cup."),
    ("| Item | Price |", "Item, Price."),
    ("|---|---|", ""),
    ("```json", ""),
    ('{"object": "red cup", "count": 2}', "object: red cup, count: two."),
    ("snake_case stays readable", "snake case stays readable."),
    ("A line<br>and another", "A line and another."),
    ("salt &amp; pepper", "salt and pepper."),
    # emoji, brackets, dashes, dots
    ("A dog 🐕 and a cat 🐈.", "A dog and a cat."),
    ("⚠️ Stop!", "Stop!"),
    ("The door (red) is open.", "The door, red, is open."),
    ("The door — the red one — is open.", "The door, the red one, is open."),
    ("Well... maybe.", "Well, maybe."),
    ("It says “EXIT”.", "It says EXIT."),
    # signs
    ("Tom & Ann", "Tom and Ann."),
    ("Press + or -", "Press plus or."),
    ("~10 people", "about ten people."),
    ("push/pull", "push slash pull."),
    ("and/or", "and or."),
    ("home → work", "home to work."),
    ("→ Exit", "right arrow Exit."),
    ("3 × 4 = 12", "three times four equals twelve."),
    ("5 - 3 = 2", "five minus three equals two."),
    ("30 x 40 cm", "thirty by forty centimetres."),
    ("2x zoom", "two times zoom."),
    ("@anna", "at anna."),
    ("≥ 18", "at least eighteen."),
    # numbers
    ("0 cups", "zero cups."),
    ("21 cups and 105 plates", "twenty-one cups and one hundred five plates."),
    ("1,234,567 people", "one million two hundred thirty-four thousand five hundred sixty-seven people."),
    ("3.14", "three point one four."),
    ("-5 is below zero", "minus five is below zero."),
    ("Line B12, plane A380", "Line B twelve, plane A three eight zero."),
    ("COVID-19", "COVID nineteen."),
    ("version 1.2.3", "version one point two point three."),
    ("No. 5 or #7", "number five or number seven."),
    ("No. It is closed.", "No. It is closed."),
    ("serial 00471", "serial zero zero four seven one."),
    # ranges, ordinals, fractions
    ("3-5 people", "three to five people."),
    ("10–15 minutes", "ten to fifteen minutes."),
    ("the 1st, 2nd, 3rd, 12th and 21st", "the first, second, third, twelfth and twenty-first."),
    ("1/2 cup", "one half cup."),
    ("1 1/2 cups and ¾ full", "one and a half cups and three quarters full."),
    ("8/10", "eight out of ten."),
    ("24/7", "twenty-four slash seven."),
    ("16:9", "sixteen to nine."),
    # units
    ("5 km away", "five kilometres away."),
    ("1 m ahead", "one metre ahead."),
    ("1.5 kg", "one point five kilograms."),
    ("250ml", "two hundred fifty millilitres."),
    ("60 km/h", "sixty kilometres an hour."),
    ("1 km/h", "one kilometre an hour."),
    ("3-5 m", "three to five metres."),
    ("6 ft or 1 ft", "six feet or one foot."),
    ("20 m²", "twenty square metres."),
    ("5'10\" tall", "five foot ten tall."),
    ('a 27" screen', "a twenty-seven inch screen."),
    ('It says "Exit 5"', "It says Exit five."),
    ("23°C", "twenty-three degrees Celsius."),
    ("-5 °C", "minus five degrees Celsius."),
    ("90°", "ninety degrees."),
    ("50% off", "fifty percent off."),
    ("10-15%", "ten to fifteen percent."),
    ("16GB", "sixteen gigabytes."),
    ("1,5 l", "one point five litres."),
    ("20%-30%", "twenty to thirty percent."),
    ("80 g/m²", "eighty grams per square metre."),
    ("USB3.0", "USB three point zero."),
    # money
    ("It costs $12.50.", "It costs twelve dollars fifty."),
    ("$1", "one dollar."),
    ("$1.05", "one dollar and five cents."),
    ("$0.99", "ninety-nine cents."),
    ("£0.01", "one penny."),
    ("€5", "five euros."),
    ("3,49 €", "three euros forty-nine."),
    ("£20.00", "twenty pounds."),
    ("¥30", "thirty yen."),
    ("¥12.50", "twelve yuan fifty."),
    ("$3 million", "three million dollars."),
    ("$5-10", "five to ten dollars."),
    ("$19.99-$29.99", "nineteen point nine nine to twenty-nine point nine nine dollars."),
    ("1.299,00 €", "one thousand two hundred ninety-nine euros."),
    ("$12.50/kg", "twelve dollars fifty per kilogram."),
    ("$1,299", "one thousand two hundred ninety-nine dollars."),
    ("100 RMB", "one hundred yuan."),
    ("-$5", "minus five dollars."),
    ("50¢", "fifty cents."),
    # dates and times
    ("2026-11-23", "November twenty-third, twenty twenty-six."),
    ("23/11/2026", "November twenty-third, twenty twenty-six."),
    ("11/23/2026", "November twenty-third, twenty twenty-six."),
    ("03/04/2026", "three slash four slash twenty twenty-six."),
    ("Use by 23.11.2026.", "Use by November twenty-third, twenty twenty-six."),
    ("Nov 23, 2026", "November twenty-third, twenty twenty-six."),
    ("1 May 2005", "May first, two thousand five."),
    ("on the 4th of July", "on the fourth of July."),
    ("in 1905 and 1900", "in nineteen oh five and nineteen hundred."),
    ("the 1980s", "the nineteen eighties."),
    ("a man in his 30s", "a man in his thirties."),
    ("1990-2000", "nineteen ninety to two thousand."),
    ("14:30", "fourteen thirty."),
    ("9:05", "nine oh five."),
    ("9:00", "nine o'clock."),
    ("7:05 pm", "seven oh five p.m."),
    ("7 AM or later", "seven a.m. or later."),
    ("Best before 12/2027.", "Best before December twenty twenty-seven."),
    ("10:00 AM - 6:00 PM", "ten a.m. to six p.m."),
    ("9:00-17:30", "nine o'clock to seventeen thirty."),
    ("1:02:03", "one oh two and three seconds."),
    # telephones, codes
    ("Call 555-123-4567.", "Call five five five, one two three, four five six seven."),
    ("+1 (555) 123-4567", "plus one, five five five, one two three, four five six seven."),
    ("555-1234", "five five five, one two three four."),
    ("020 7946 0958", "zero two zero, seven nine four six, zero nine five eight."),
    ("+49 30 12345678", "plus four nine, three zero, one two three four five six seven eight."),
    ("ISBN 978-3-16-148410-0", "ISBN nine seven eight, three, one six, one four eight four one zero, zero."),
    ("Call 911", "Call nine one one."),
    ("room 205", "room two zero five."),
    ("4006931180091", "four zero zero six nine three one one eight zero zero nine one."),
    # addresses
    ("Visit https://www.example.com/a/b?c=1.", "Visit example dot com."),
    ("www.example.org", "example dot org."),
    ("my-shop24.co.uk", "my dash shop two four dot co dot uk."),
    ("jo.smith@example.com", "jo dot smith at example dot com."),
    # lists, abbreviations
    ("1. A cup", "First, A cup."),
    ("2) A plate", "Second, A plate."),
    ("cups, e.g. red ones, etc.", "cups, for example red ones, et cetera."),
    ("approx. 3 m", "approximately three metres."),
    ("cups, e.g", "cups, for example."),
]

CHINESE = [
    ("您左边有一个杯子。", "您左边有一个杯子。"),
    ("太暗了，请开灯", "太暗了，请开灯。"),
    ("**左边**有`杯子`。", "左边有杯子。"),
    ("## 房间", "房间。"),
    ("请看[菜单](https://example.com/menu)。", "请看菜单。"),
    ("| 名称 | 价格 |", "名称，价格。"),
    ('{"物体": "杯子", "数量": 2}', "物体:杯子，数量:二。"),
    ("小狗🐕在前面。", "小狗在前面。"),
    ("门（红色）开着。", "门，红色，开着。"),
    ("嗯……我看不清。", "嗯，我看不清。"),
    ("牌子上写着“出口”。", "牌子上写着出口。"),
    ("前面是门——红色的。", "前面是门，红色的。"),
    ("猫&狗", "猫和狗。"),
    ("约~10人", "约约十人。"),
    ("男/女", "男或女。"),
    ("家→公司", "家到公司。"),
    ("→出口", "向右箭头出口。"),
    ("3×4=12", "三乘四等于十二。"),
    ("5-3=2", "五减三等于二。"),
    ("@小明", "艾特小明。"),
    # numbers
    ("0个", "零个。"),
    ("12个苹果", "十二个苹果。"),
    ("2个苹果", "两个苹果。"),
    ("22个", "二十二个。"),
    ("200人", "两百人。"),
    ("105页", "一百零五页。"),
    ("1,234,567", "一百二十三万四千五百六十七。"),
    ("10005", "一万零五。"),
    ("20000", "两万。"),
    ("100000000", "一零零零零零零零零。"),
    ("3.14", "三点一四。"),
    ("-5", "负五。"),
    ("１２个", "十二个。"),
    ("第3个", "第三个。"),
    ("第2名", "第二名。"),
    ("2楼", "二楼。"),
    ("2月2日", "二月二日。"),
    ("B12和A380", "B十二和A三八零。"),
    ("No.5", "五号。"),
    # ranges and fractions
    ("3-5米", "三到五米。"),
    ("10~20人", "十到二十人。"),
    ("2-3个", "两到三个。"),
    ("1/2", "二分之一。"),
    ("3/4杯", "四分之三杯。"),
    ("3:2", "三比二。"),
    # units
    ("5km", "五公里。"),
    ("2 m", "两米。"),
    ("1.5kg", "一点五公斤。"),
    ("250ml", "两百五十毫升。"),
    ("60km/h", "六十公里每小时。"),
    ("20m²", "二十平方米。"),
    ("23°C", "摄氏二十三度。"),
    ("-5℃", "摄氏零下五度。"),
    ("90°", "九十度。"),
    ("20%~30%", "百分之二十到百分之三十。"),
    ("USB3.0接口", "USB三点零接口。"),
    ("￥25/份", "二十五元每份。"),
    ("12/2027到期", "二零二七年十二月到期。"),
    ("50%", "百分之五十。"),
    ("10-15%", "百分之十到百分之十五。"),
    # money
    ("5元", "五元。"),
    ("2元", "两元。"),
    ("12.50元", "十二点五元。"),
    ("¥30", "三十元。"),
    ("￥1280.00", "一千二百八十元。"),
    ("$5.99", "五点九九美元。"),
    ("€5", "五欧元。"),
    ("100 RMB", "一百元。"),
    ("$3万", "三万美元。"),
    # dates and times
    ("2026年11月23日", "二零二六年十一月二十三日。"),
    ("2026-11-23", "二零二六年十一月二十三日。"),
    ("保质期至2026.11.23。", "保质期至二零二六年十一月二十三日。"),
    ("23/11/2026", "二零二六年十一月二十三日。"),
    ("03/04/2026", "三斜杠四斜杠二零二六。"),
    ("2024-2025年", "二零二四到二零二五年。"),
    ("14:30", "十四点三十分。"),
    ("14:00", "十四点。"),
    ("12:05", "十二点零五分。"),
    ("2:00 PM", "下午两点。"),
    ("10:00-18:00", "十点到十八点。"),
    # telephones, rooms, addresses
    ("13812345678", "幺三八幺二三四五六七八。"),
    ("电话：010-12345678", "电话：零幺零，幺二三四五六七八。"),
    ("请拨打110", "请拨打幺幺零。"),
    ("110报警", "幺幺零报警。"),
    ("房间号302", "房间号三零二。"),
    ("205房间", "二零五房间。"),
    ("302路公交", "三零二路公交。"),
    ("12路公交", "十二路公交。"),
    ("网址是https://www.example.com/a。", "网址是example点com。"),
    ("jo@example.com", "jo艾特example点com。"),
    # lists
    ("1. 杯子", "第一，杯子。"),
    ("2、盘子", "第二，盘子。"),
]


def say(text: str, language: Language) -> str:
    return speakable(Sentence(text, language)).text


@pytest.mark.parametrize(("written", "spoken"), ENGLISH)
def test_english_is_spoken_as_a_person_says_it(written: str, spoken: str) -> None:
    assert say(written, "en") == spoken


@pytest.mark.parametrize(("written", "spoken"), CHINESE)
def test_chinese_is_spoken_as_a_person_says_it(written: str, spoken: str) -> None:
    assert say(written, "zh") == spoken


@pytest.mark.parametrize(
    ("sentence", "spoken"),
    [
        (Sentence("A cup", "en", 1), "First, A cup."),
        (Sentence("A plate", "en", 23), "Twenty-third, A plate."),
        (Sentence("杯子", "zh", 2), "第二，杯子。"),
        (Sentence("---", "en", 1), ""),
    ],
)
def test_an_item_of_a_list_is_counted(sentence: Sentence, spoken: str) -> None:
    assert speakable(sentence) == Sentence(spoken, sentence.language)


WRITTEN = st.text(alphabet="ab A0123.,:/-–$€¥%°()[]{}*_#~→×=+@&'\"| \n杯个元年月，。（）", max_size=40) | st.text(max_size=40)
LANGUAGES = st.sampled_from(["en", "zh"])


@given(WRITTEN, LANGUAGES)
def test_what_is_speakable_stays_as_it_is(text: str, language: Language) -> None:
    spoken = say(text, language)
    assert say(spoken, language) == spoken


@given(WRITTEN, LANGUAGES)
def test_no_digit_and_no_symbol_reaches_the_voice(text: str, language: Language) -> None:
    assert not set(say(text, language)) & (set(string.digits) | set('$€£¥%°*#_`|<>{}[]()/\\=+~@&→×"\n'))


@given(st.lists(st.text(alphabet="abcdefghij", min_size=1, max_size=8), min_size=1, max_size=12))
def test_plain_words_are_spoken_as_they_are(words: list[str]) -> None:
    text = " ".join(["Look", *words]) + "."
    assert say(text, "en") == text


@given(st.integers(0, 10**15 - 1))
def test_every_number_is_said_in_words(number: int) -> None:
    assert say(f"{number:,}", "en").replace("-", "").replace(" ", "").rstrip(".").isalpha()
    assert set(say(f"{number:,}", "zh")) <= set("零一二三四五六七八九十百千万亿两。")


def test_the_language_stays() -> None:
    sentence = Sentence("5 km", "zh")
    assert speakable(sentence) == dataclasses.replace(sentence, text="五公里。")
