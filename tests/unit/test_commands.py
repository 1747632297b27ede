import itertools
import sys
import time
from pathlib import Path

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from assistant.turn.command_wordings import AFTER, BEFORE, WORDINGS
from assistant.turn.commands import Command, command_of, help_text
from assistant.types import Language

if sys.version_info >= (3, 11):
    import tomllib
else:
    import tomli as tomllib

LANGUAGES: tuple[Language, ...] = ("en", "zh")
ASKED = tomllib.loads(Path(__file__).parents[2].joinpath("scripts/commands.toml").read_text(encoding="utf-8"))["asked"]
"""Questions that are nearly in the words of a command."""

SAID: dict[Command, tuple[str, ...]] = {
    Command.STOP: (
        *(
            "Stop describing.",
            "别描述了。",
            "Stop.",
            "Stop!",
            "okay stop please",
            "Please stop.",
            "Be quiet!",
            "Can you stop it now?",
        ),
        *("停。", "停下来", "请停一下", "别说了吧"),
    ),
    Command.REPEAT: (
        *("Repeat that, please.", "What did you say?", "Pardon?", "Again."),
        *("请再说一遍。", "你说什么？", "麻烦你重复一下", "我没听清。"),
    ),
    Command.MORE: (
        *("More?", "Um, more please.", "Go on.", "Can you tell me more?"),
        *("继续。", "还有呢？", "你能再多说一点吗？", "别停！"),
    ),
    Command.SLOWER: (
        *("Slower.", "Could you slow down a bit?", "You're too fast."),
        *("慢一点。", "说慢点好吗？", "太快了。", "请您说得慢一点"),
    ),
    Command.FASTER: ("Faster!", "Speed it up, please.", "A little faster.", "快一点。", "你能说快一点吗？"),
    Command.LOUDER: (
        *("Louder.", "Speak up!", "I can't hear you.", "I can’t hear you"),
        *("大声点。", "能大声一点吗？", "声音太小了", "OK，大声一点"),
    ),
    Command.QUIETER: ("Quieter.", "Turn it down.", "Not so loud!", "小声一点。", "太吵了。", "请把音量调小。"),
    Command.READ: (
        "Read this.",
        "Could you read this to me, please?",
        "Read it aloud.",
        "读一下。",
        "请帮我读一下这个",
        "念一下吧",
    ),
    Command.NEXT: ("Next.", "Next paragraph, please.", "Skip this.", "下一段。", "跳过"),
    Command.BACK: ("Back.", "Go back please.", "Previous paragraph.", "上一段。", "回到上一段"),
    Command.SPELL: ("Spell that.", "How do you spell that?", "Can you spell it for me?", "怎么写？", "拼一下。"),
    Command.NEW_CONVERSATION: ("New conversation.", "Let's start over.", "Forget everything.", "开始新的对话。", "我们重新开始吧"),
    Command.FORGET: ("Forget this.", "Please forget that.", "Forget the last question.", "忘掉这个。", "把这个忘了吧"),
    Command.HELP: ("Help!", "Help me.", "What can you do?", "Okay, what can I say?", "帮助。", "你会做什么？", "请问你能做什么？"),
    Command.SLEEP: ("Go to sleep.", "Stop listening now.", "睡觉吧。", "去睡觉", "关闭麦克风"),
    Command.WAKE: ("Wake up!", "Hey assistant, wake up.", "Are you there?", "醒醒！", "在吗？"),
    Command.BRIEF: ("Be brief.", "Short answers please.", "简短一点。"),
    Command.NORMAL: ("Normal answers.", "正常回答。"),
    Command.FULL: ("Full detail, please.", "Tell me everything.", "详细一点。"),
    Command.CLOCK: ("Clock directions.", "Use the clock, please.", "用钟点说方向。"),
    Command.SIDES: ("Left and right.", "Use left and right, please.", "用左右说方向。"),
    Command.ENGLISH: ("Speak English.", "Switch to English, please.", "说英文。", "请说英语"),
    Command.CHINESE: ("Speak Chinese, please.", "说中文。", "请你讲普通话"),
    Command.OTHER_VOICE: (
        *("Another voice.", "Change your voice, please.", "I want a different voice."),
        *("换个声音。", "能换一个声音吗？"),
    ),
    Command.LIGHT: ("How bright is it?", "Is the light on?", "亮不亮？", "请问灯开着吗？"),
    Command.COLOUR: ("What colour is this?", "And what color is this, please?", "这是什么颜色？", "看一下颜色"),
    Command.CODE: ("Scan the code.", "Can you read the bar code?", "Scan the barcode, please.", "扫一下码。", "帮我扫一下二维码"),
    Command.PASSWORD: ("Spell the password, please.", "念一下密码。"),
    Command.KEEP_DESCRIBING: (
        *("Keep describing.", "Please describe continuously.", "Keep telling me what you see."),
        *("一直描述。", "请持续描述", "继续描述吧"),
    ),
    Command.ONLY_PEOPLE: ("Only people.", "Just the people, please.", "只说人。", "请只描述人"),
    Command.ONLY_TEXT: ("Only text.", "Only text, please.", "只念文字。", "请只读文字"),
    Command.EVERYTHING_AGAIN: ("Everything again.", "Describe everything again, please.", "什么都说。", "请恢复全部描述"),
}
MISHEARD: dict[Command, tuple[str, ...]] = {
    Command.STOP: ("stoop", "shot up", "听。", "别输了。", "停以下。", "慶庭下来"),
    Command.REPEAT: ("See that again.", "Repeet that.", "再输一遍。", "重覆一遍", "重付", "再來一遍"),
    Command.SLOWER: ("Flower.", "It speaks lower.", "说卖一点。", "慢点数", "太乖了。", "轻说慢一点。"),
    Command.FASTER: ("快点数", "加快语数"),
    Command.LOUDER: ("Lauder", "I can't fear you.", "To quiet.", "大省点", "太孝生了。"),
    Command.QUIETER: ("quiter.", "tool out.", "笑声点", "吊小音量。"),
    Command.SPELL: ("Spelled that", "Spill it.", "Spelling out.", "憑出来。"),
    Command.NEW_CONVERSATION: ("心对话。", "关个话题。"),
    Command.FORGET: ("忘掉他。", "刪除这个。"),
    Command.HELP: ("Help it.", "有神们命令。", "您能做什么。"),
    Command.SLEEP: ("關閉麥克風",),
    Command.WAKE: ("行一行。",),
    Command.BRIEF: ("前短一点。", "簡短一點。"),
    Command.NORMAL: ("正常一店",),
    Command.FULL: ("for detail.", "Full answer Z.", "詳細一點", "完正回答。"),
    Command.ENGLISH: ("切换道英语。", "換成英語。"),
    Command.CHINESE: ("切换到中门。", "姜中文"),
    Command.LIGHT: ("How right is it in here?", "请问灯开始吗？", "这里亮不了。"),
    Command.CODE: ("Can this QR code, please?", "帮我手一下二维码。", "幫我手一下二維碼。"),
    Command.OTHER_VOICE: ("換個聲音。", "环重省眼", "欢一个省眼。"),
}
"""What Whisper base made of commands that synthetic voices spoke, and six
spellings that it is known for: stoop, flower, lauder, quiter, spelled that, 重付."""


@pytest.mark.parametrize(("command", "text"), [(command, text) for command, texts in SAID.items() for text in texts])
def test_commands_as_they_are_said(command: Command, text: str) -> None:
    assert command_of(text) is command


@pytest.mark.parametrize(("command", "text"), [(command, text) for command, texts in MISHEARD.items() for text in texts])
def test_commands_as_the_recogniser_spells_them(command: Command, text: str) -> None:
    assert command_of(text) is command


def test_questions_with_the_words_of_a_command_are_questions() -> None:
    asked = [line for lines in ASKED.values() for line in lines.splitlines()]
    assert [text for text in asked if command_of(text)] == []


@pytest.mark.parametrize(
    "text",
    [
        *(
            "",
            " ",
            "...",
            "?!",
            "please",
            "Okay.",
            "Can you",
            "请",
            "好的。",
            "12",
            "Hello",
            "Good morning.",
            "你好",
            "谢谢。",
            "👍",
        ),
        *("Sheep?", "Shop?", "A cake, then?", "A flower?", "Speak", "Tell me everything here.", "Don't stop the music"),
        *("Describe what you see.", "Describe this.", "描述一下。", "Are there only people?", "Is it only text?", "这里只有人吗？"),
        *("What is it in English?", "In English?", "What else?", "Anything else?", "用英语怎么说？", "还有什么？", "这个怎么用？"),
        *(
            "停了吗？",
            "哪个更多？",
            "正常吗？",
            "水饺？",
            "星星？",
            "听说过吗？",
            "其余呢？",
            "干净吗？",
            "我忘了。",
            "能帮我找一下钥匙吗？",
        ),
        "stop " * 20,
    ],
)
def test_what_is_no_command(text: str) -> None:
    assert command_of(text) is None


def test_no_wording_stands_for_two_commands_and_each_is_understood() -> None:
    for language in LANGUAGES:
        assert set(WORDINGS[language]) == set(Command)
        wordings = list(itertools.chain.from_iterable(WORDINGS[language].values()))
        assert len(set(wordings)) == len(wordings)
    for table in WORDINGS.values():
        for command, each in table.items():
            assert {wording: command_of(wording) for wording in each} == dict.fromkeys(each, command)


@st.composite
def _polite(draw: st.DrawFn) -> tuple[str, Command]:
    language = draw(st.sampled_from(LANGUAGES))
    command = draw(st.sampled_from(list(Command)))
    wording = draw(st.sampled_from(WORDINGS[language][command]))
    before = draw(st.sampled_from(("", *BEFORE[language])))
    after = draw(st.sampled_from(("", *AFTER[language])))
    assume((before, wording) not in {("no", "more"), ("可以", "说什么")})  # these are other commands
    space, end = draw(st.sampled_from((" ", ", "))) if language == "en" else draw(st.sampled_from(("", "，"))), draw(_ENDS)
    return space.join(part for part in (before, wording, after) if part) + end, command


_ENDS = st.sampled_from(("", ".", "!", "...", "。", "！"))


@given(_polite())
def test_politeness_changes_nothing(polite: tuple[str, Command]) -> None:
    text, command = polite
    assert command_of(text) is command
    assert command_of(text.upper()) is command


@given(st.one_of(st.text(), st.text(alphabet="停说慢吗stop more'’,。 \n")))
def test_any_text_gets_an_answer(text: str) -> None:
    assert command_of(text) in {*Command, None}


def test_it_takes_no_time() -> None:
    texts = [line for lines in ASKED.values() for line in lines.splitlines()]
    for text in texts:
        command_of(text)  # how characters sound is looked up once
    start = time.process_time()
    for text in texts:
        command_of(text)
    assert time.process_time() - start < 0.001 * len(texts)


@pytest.mark.parametrize("language", LANGUAGES)
def test_help_names_what_it_offers_in_words_that_are_commands(language: Language) -> None:
    named = {
        command
        for command, wordings in WORDINGS[language].items()
        if any(wording.lower() in help_text(language).lower() for wording in wordings)
    }
    other = Command.ENGLISH if language == "en" else Command.CHINESE
    assert named == set(Command) - {other, Command.PASSWORD}  # which is named where there is one
