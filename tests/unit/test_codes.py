import pytest
from hypothesis import given
from hypothesis import strategies as st

from assistant.turn.codes import password_of, told
from assistant.turn.speakable import speakable
from assistant.types import Code, Language

NETWORK = Code(r"WIFI:T:WPA;S:Caf\;e Net;P:geheim\:1;;")


def said(text: str, language: Language = "en") -> str:
    return " ".join(sentence.text for sentence in told([Code(text)], language))


@pytest.mark.parametrize(
    ("text", "english"),
    [
        ("https://www.example.org/pay?to=7", "A link to example.org."),
        ("https://bank.example@evil.test/login", "A link to evil.test."),
        ("URLTO:example.org/a", "A link to example.org."),
        ("www.example.org/menu", "A link to example.org."),
        ("weixin://dl/business", "A link for an app, beginning with weixin."),
        ("tel:+49 30 1234567", "A phone number: +49 30 1234567."),
        ("SMSTO:+4930123:Hello", "A text message to +4930123."),
        ("mailto:anna%40example.org?subject=x", "A mail address: anna@example.org."),
        ("MATMSG:TO:anna@example.org;SUB:x;;", "A mail address: anna@example.org."),
        ("geo:52.5,13.4", "A place on the map."),
        ("MECARD:N:Weber,Anna;TEL:030;;", "A contact: Anna Weber."),
        ("BEGIN:VCARD\r\nVERSION:3.0\r\nN:Weber;Anna;;;\r\nFN:Anna Weber\r\nEND:VCARD", "A contact: Anna Weber."),
        ("BEGIN:VCARD\nN;CHARSET=UTF-8:Weber;Anna\nEND:VCARD", "A contact: Anna Weber."),
        ("BEGIN:VCARD\nTEL:030\nEND:VCARD", "A contact without a name."),
        ("BEGIN:VEVENT\nSUMMARY:Choir\nEND:VEVENT", "A date for the calendar: Choir."),
        ("Gate 12 opens at nine.", "The code says: Gate 12 opens at nine."),
        ("http://[broken", "The code says: http://[broken"),
        ("!?!", "The code says: Exclamation mark, question mark, exclamation mark."),
    ],
)
def test_what_a_code_is_for(text: str, english: str) -> None:
    assert said(text) == english


def test_in_chinese_too_and_a_text_keeps_its_own_language() -> None:
    assert said("https://example.org/x", "zh") == "一个链接，指向 example.org。"
    assert [sentence.language for sentence in told([Code("Gate 12.")], "zh")] == ["zh", "en"]


def test_a_network_is_named_and_its_password_is_not() -> None:
    sentences = " ".join(sentence.text for sentence in told([NETWORK], "en"))
    assert sentences == "A Wi-Fi network: Caf;e Net. Say spell the password, and I do."
    assert "geheim" not in sentences
    assert password_of([Code("x"), NETWORK]) == "geheim:1"


def test_an_open_network_has_no_password() -> None:
    open_network = Code("WIFI:S:Guests;T:nopass;;")
    assert [sentence.text for sentence in told([open_network], "zh")] == ["无线网络：Guests。", "里面没有密码。"]
    assert password_of([open_network]) == ""


def test_an_article_has_its_name_or_its_number_digit_by_digit_in_groups() -> None:
    assert [sentence.text for sentence in told([Code("4006381333931", is_product=True, product="Marker pen")], "en")] == [
        "Marker pen."
    ]
    (number,) = told([Code("4006381333931", is_product=True)], "en")
    assert speakable(number).text == "An article number: four, zero zero six three eight one, three three three nine three one."
    (number,) = told([Code("012345678905", is_product=True)], "zh")
    assert speakable(number).text == "商品条码：零，一二三四五，六七八九零，五。"


def test_long_texts_are_cut_and_that_is_said() -> None:
    sentences = told([Code("All work and no play. " * 40)], "en")
    assert sum(len(sentence.text) for sentence in sentences) < 500
    assert sentences[-1].text == "There is more of it."


def test_what_could_not_be_read_says_nothing() -> None:
    assert told([Code("")], "en") == []


@given(
    st.text(min_size=1, max_size=80),
    st.sampled_from(["", "WIFI:", "tel:", "http://", "BEGIN:VCARD\n", "MECARD:", "url:", "mailto:"]),
)
def test_any_code_is_told_of_without_an_error(text: str, scheme: str) -> None:
    code = Code(scheme + text)
    assert told([code], "en")
    assert told([code], "zh")
    assert isinstance(password_of([code]), str)
