"""The fourteen allergens that must be named on food in the European Union: Regulation (EU) No 1169/2011, Annex II."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping

from assistant.types import Language

_WORDS: tuple[tuple[Mapping[Language, str], str], ...] = (
    ({"en": "gluten", "zh": "麸质"}, r"gluten|wheat|rye|barley|oats?|spelt|kamut|malt|麸质|小麦|黑麦|大麦|燕麦|麦芽|面粉|面筋"),
    ({"en": "crustaceans", "zh": "甲壳类"}, "crustaceans?|shrimps?|prawns?|crabs?|lobsters?|crayfish|甲壳|虾|蟹"),
    ({"en": "egg", "zh": "蛋"}, "eggs?|albumen|egg white|mayonnaise|蛋"),
    ({"en": "fish", "zh": "鱼"}, "fish|anchov(?:y|ies)|cod|salmon|tuna|herring|鱼"),
    ({"en": "peanut", "zh": "花生"}, "peanuts?|groundnuts?|花生"),
    ({"en": "soya", "zh": "大豆"}, "soya?|soybeans?|tofu|edamame|大豆|黄豆|豆腐|酱油"),
    ({"en": "milk", "zh": "奶"}, "milk|lactose|whey|casein|butter|cream|cheese|yogh?urt|dairy|奶|乳|黄油|干酪|芝士"),
    (
        {"en": "nuts", "zh": "坚果"},
        "nuts?|almonds?|hazelnuts?|walnuts?|cashews?|pecans?|pistachios?|macadamias?|坚果|杏仁|榛子|榛果|核桃|腰果|开心果|夏威夷果",
    ),
    ({"en": "celery", "zh": "芹菜"}, "celery|celeriac|芹菜"),
    ({"en": "mustard", "zh": "芥末"}, "mustard|芥末|芥菜籽"),
    ({"en": "sesame", "zh": "芝麻"}, "sesame|tahini|芝麻"),
    ({"en": "sulphites", "zh": "亚硫酸盐"}, "sul(?:ph|f)ites?|sul(?:ph|f)ur dioxide|e ?22[0-8]|亚硫酸|二氧化硫"),
    ({"en": "lupin", "zh": "羽扇豆"}, "lupins?|羽扇豆"),
    (
        {"en": "molluscs", "zh": "软体动物"},
        "mollus[ck]s?|mussels?|oysters?|squid|clams?|scallops?|snails?|octopus|贝|牡蛎|鱿鱼|蛤|扇贝|章鱼",
    ),
)
_PATTERNS = tuple((names, re.compile(rf"(?<![a-z])(?:{words})(?![a-z])", re.IGNORECASE)) for names, words in _WORDS)


def allergens_in(lines: Iterable[str], language: Language) -> list[str]:
    """Return the names of the allergens that stand in printed lines, in the order of the regulation."""
    print_ = "\n".join(lines)
    return [names[language] for names, pattern in _PATTERNS if pattern.search(print_)]
