"""What the practice model knows: things, colours, places and the words of signs, and how a scene is written down."""

from __future__ import annotations

import dataclasses
from typing import Literal

Column = Literal[0, 1, 2]
"""A third of the picture: left, ahead, right."""
Condition = Literal["clear", "dark", "covered"]


@dataclasses.dataclass(frozen=True, slots=True)
class Kind:
    """A kind of thing."""

    emoji: str
    """Its picture in Noto Color Emoji; empty for what we draw ourselves."""
    en: str
    en_plural: str
    zh: str
    zh_measure: str
    """The Chinese measure word: 一把椅子."""
    colour: str
    """Its own colour; "painted" where it comes in every colour; "several" where it has no one colour."""

    @property
    def painted(self) -> bool:
        """Whether it comes in every colour."""
        return self.colour == "painted"

    @property
    def is_plural(self) -> bool:
        """Whether English writes one and several alike, without an article: scissors, stairs, bread."""
        return self.en == self.en_plural


KINDS: tuple[Kind, ...] = tuple(
    Kind(*row.replace("_", " ").split("|"))
    for row in """\
☕|cup|cups|杯子|个|painted
🪑|chair|chairs|椅子|把|painted
🚪|door|doors|门|扇|painted
🔑|key|keys|钥匙|把|painted
📱|phone|phones|手机|部|painted
|stairs|stairs|楼梯|段|painted
🐕|dog|dogs|狗|只|several
🐈|cat|cats|猫|只|orange
🐦|bird|birds|鸟|只|blue
🚗|car|cars|汽车|辆|painted
🚌|bus|buses|公交车|辆|painted
🚲|bicycle|bicycles|自行车|辆|painted
🚦|traffic_light|traffic_lights|红绿灯|个|several
🧍|person|people|人|个|several
👶|baby|babies|婴儿|个|several
☂|umbrella|umbrellas|雨伞|把|painted
👟|shoe|shoes|鞋|只|painted
🎩|hat|hats|帽子|顶|painted
👓|glasses|glasses|眼镜|副|painted
📕|book|books|书|本|painted
⏰|clock|clocks|时钟|个|painted
⌚|watch|watches|手表|块|painted
💊|medicine|medicine|药|片|several
💵|banknote|banknotes|钞票|张|green
🛏|bed|beds|床|张|painted
💡|lamp|lamps|灯|盏|yellow
🚽|toilet|toilets|马桶|个|white
🛁|bathtub|bathtubs|浴缸|个|painted
✂|scissors|scissors|剪刀|把|painted
🔪|knife|knives|刀|把|several
🥄|spoon|spoons|勺子|把|several
🍽|plate|plates|盘子|个|several
🧴|bottle|bottles|瓶子|个|painted
⚽|ball|balls|球|个|several
🌳|tree|trees|树|棵|green
🌻|flower|flowers|花|朵|yellow
🎒|backpack|backpacks|书包|个|painted
💻|laptop|laptops|电脑|台|several
📺|television|televisions|电视|台|painted
🖊|pen|pens|笔|支|painted
✉|letter|letters|信|封|painted
📦|box|boxes|箱子|个|brown
🧺|basket|baskets|篮子|个|painted
🕯|candle|candles|蜡烛|支|painted
🪥|toothbrush|toothbrushes|牙刷|把|painted
🧼|soap|soap|肥皂|块|painted
👕|shirt|shirts|衬衫|件|painted
👖|trousers|trousers|裤子|条|painted
🧦|socks|socks|袜子|双|painted
🛋|sofa|sofas|沙发|张|painted
🪞|mirror|mirrors|镜子|面|several
🪟|window|windows|窗户|扇|painted
🗑|bin|bins|垃圾桶|个|painted
🦽|wheelchair|wheelchairs|轮椅|辆|several
🪜|ladder|ladders|梯子|架|painted
🚆|train|trains|火车|列|painted
🚚|truck|trucks|卡车|辆|painted
🏍|motorcycle|motorcycles|摩托车|辆|painted
🍎|apple|apples|苹果|个|red
🍌|banana|bananas|香蕉|根|yellow
🍞|bread|bread|面包|块|brown
🥚|egg|eggs|鸡蛋|个|brown
🍕|pizza|pizzas|披萨|块|several
🥕|carrot|carrots|胡萝卜|根|orange
🎂|cake|cakes|蛋糕|个|several
📷|camera|cameras|相机|台|several
🎸|guitar|guitars|吉他|把|several
🔨|hammer|hammers|锤子|把|several
👜|handbag|handbags|手提包|个|painted""".splitlines()
)

COLOURS: dict[str, tuple[str, tuple[int, int, int]]] = {
    "red": ("红色", (205, 35, 40)),
    "orange": ("橙色", (245, 135, 25)),
    "yellow": ("黄色", (245, 215, 45)),
    "green": ("绿色", (40, 150, 60)),
    "blue": ("蓝色", (40, 85, 210)),
    "purple": ("紫色", (125, 50, 165)),
    "pink": ("粉色", (250, 155, 190)),
    "brown": ("棕色", (120, 72, 38)),
    "black": ("黑色", (35, 35, 38)),
    "white": ("白色", (242, 242, 240)),
}
"""English name: Chinese name and the middle of what is painted in it, RGB."""

SIGN_WORDS = (
    "EXIT", "STOP", "OPEN", "CLOSED", "PUSH", "PULL", "TAXI", "BUS", "CAFE", "BANK", "HOTEL", "SHOP", "PARK", "POLICE", "DANGER",
    "TOILET", "LIFT", "STAIRS", "WAIT", "GO", "MEN", "WOMEN", "PHARMACY", "BAKERY", "ROOM", "GATE", "FLOOR", "PLATFORM", "LINE",
    "SALE", "MILK", "SALT", "SUGAR",
)  # fmt: skip


@dataclasses.dataclass(frozen=True, slots=True)
class Thing:
    """A thing in a scene."""

    kind: int
    """Index into `KINDS`."""
    column: Column
    near: bool
    colour: str
    """A key of `COLOURS`, or "several"."""
    box: tuple[float, float, float, float]
    """Left, top, right, bottom, as fractions of width and height."""


@dataclasses.dataclass(frozen=True, slots=True)
class Sign:
    """A sign in a scene. What it says is a word, a number of one to three digits, or both: "ROOM 12"."""

    text: str
    column: Column
    box: tuple[float, float, float, float]


@dataclasses.dataclass(frozen=True, slots=True)
class Scene:
    """What there is to be seen, from left to right, near before far. A dark or covered picture shows nothing."""

    things: tuple[Thing, ...] = ()
    sign: Sign | None = None
    condition: Condition = "clear"
    other_signs: tuple[Sign, ...] = ()
    """Only a crowded picture has any: it is there to be spelled, never asked about."""
