"""Products and prices as they stand in print, without the model: rows that end in an amount."""

from __future__ import annotations

import dataclasses
import re
from collections.abc import Iterator, Mapping, Sequence
from decimal import Decimal

from assistant.turn.figures import figures_in
from assistant.turn.layout import reading_order
from assistant.turn.page import SURE, UNSURE, is_legible
from assistant.types import Language, Sentence, TextLine

_SIGN, _CODE = "[€$£¥￥]", "(?:[€$£¥￥元]|EUR|USD|GBP|CNY)"
_NUMBER = r"(?:\d{1,3}(?:[.,']\d{3})+|\d{1,5})[.,]\d{2}"
_AMOUNT = rf"[-−]?(?:{_SIGN}\s?)?{_NUMBER}(?!\d)\s?{_CODE}?|{_SIGN}\s?\d{{1,5}}|\d{{1,5}}\s?{_CODE}"
_TAX_CLASS = r"(?:\*|\s?[A-FH-KM-Z])?"  # not G and L: "0.75g" and "1.50L" are no prices
_PRICE = re.compile(rf"(?P<name>.*?)[\s.…·:：,，]*(?<![\d.,])(?P<price>{_AMOUNT}){_TAX_CLASS}", re.IGNORECASE)
_TOTAL = re.compile(
    r"(?<!sub[ -])\b(?:grand )?total\b(?! (?:saved|items|vat|tax))|\bto pay\b|\b(?:amount|balance) due\b|合计|总计|总额|应付",
    re.IGNORECASE,
)
_NO_PRODUCT = re.compile(r"\b(?:sub[- ]?total|cash|change|card|visa|vat|tax|tip|paid)\b|现金|找零|小计|税|实收", re.IGNORECASE)


@dataclasses.dataclass(frozen=True, slots=True)
class PriceRow:
    """A row that ends in a price."""

    name: str
    price: str
    """As it is printed."""
    sure: bool

    @property
    def amount(self) -> float | None:
        """The price as a number."""
        figures = figures_in(self.price)
        if not figures or not isinstance(figures[0].value, Decimal):
            return None
        return float(-figures[0].value if self.price[0] in "-−" else figures[0].value)

    @property
    def is_total(self) -> bool:
        """Whether that is what all costs together."""
        return bool(_TOTAL.search(self.name))

    @property
    def is_product(self) -> bool:
        """Whether it is something that is sold, and not money that went over the counter."""
        return not (self.is_total or _NO_PRODUCT.search(self.name))

    def spoken(self) -> list[Sentence]:
        """Return what is said of it; where it is doubtful, that first."""
        language: Language = "zh" if re.search("[\u3400-\u9fff]", self.name) else "en"
        said = Sentence(f"{self.name}，{self.price}。" if language == "zh" else f"{self.name}: {self.price}.", language)
        return [said] if self.sure else [Sentence(UNSURE[language], language), said]


def price_rows(lines: Sequence[TextLine]) -> list[PriceRow]:
    """Return the rows of a page that end in a price, in reading order."""
    legible = [line for line in lines if is_legible(line)]
    return list(_rows(legible))


def _rows(lines: Sequence[TextLine]) -> Iterator[PriceRow]:
    for block in reading_order([line.box for line in lines]):
        for row in block:
            parts = [lines[number] for cell in row for number in cell]
            match = _PRICE.fullmatch(" ".join(part.text for part in parts))
            if match and any(character.isalpha() for character in match["name"]):
                sure = all(part.confidence >= SURE for part in parts)
                yield PriceRow(match["name"].strip(" .:…·,，："), match["price"].strip(), sure)


NO_PRICES: Mapping[Language, str] = {
    "en": "I read no prices here. Say read this to hear all of it.",
    "zh": "这里没有读到价格。说“读一下”可以听全部内容。",
}
NO_TOTAL: Mapping[Language, str] = {
    "en": "I read no total here. Say read this to hear all of it.",
    "zh": "这里没有读到总额。说“读一下”可以听全部内容。",
}
