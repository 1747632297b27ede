"""Whether a mistake in the answer to a question could hurt somebody or cost them dearly (rule 7 of the design).

Plain patterns, for it has to be known before the model has said a word, and in the same way each time. They ask what is wanted of a
thing, not what is named: "where is the milk" is harmless, "has the milk gone off" is not.
"""

from __future__ import annotations

import enum
import re
from collections.abc import Mapping

from assistant.types import Language


class Stake(enum.Enum):
    """What is at stake."""

    MEDICINE = "medicine"
    """Which medicine it is, what it is for, how much of it to take."""
    ALLERGEN = "allergen"
    MONEY = "money"
    EXPIRY = "expiry"
    CROSSING = "crossing"
    """Whether to step on a road, a track or a staircase."""
    HEAT = "heat"
    """Whether something burns, cuts or gives a shock."""


IN_PRINT = frozenset({Stake.MEDICINE, Stake.ALLERGEN, Stake.MONEY, Stake.EXPIRY})
"""Where what is printed on a thing has the answer, so that it can be read and compared."""
UNJUDGED = frozenset({Stake.CROSSING, Stake.HEAT})
"""What no camera can judge."""

_ALLERGENS_EN = (
    "allerg(?:y|ies|ic|ens?)|gluten|wheat|lactose|dairy|(?:pea|tree |wal|hazel|cashew |brazil )?nuts?|almonds?|pecans?|pistachios?|"
    "soya?|soybeans?|sesame|shellfish|crustaceans?|mollus[ck]s?|celery|mustard|sulphites?|sulfites?|lupins?|eggs?|milk|fish|"
    "sugar[- ]free|vegan|halal|kosher|intoleran(?:t|ce)|c(?:o)?eliac"
)
_CONTAIN_EN = (
    r"contains?\b|containing|are there (?:any )?|is there (?:any )?|\bany\b|\bhas\b|"
    r"do(?:es)? (?:it|this|that|these|those|they|the) ?[\w ]*? have|"
    r"\bfree\b|without|ingredients?|made (?:with|from|of)|traces?|\bin (?:it|this|that|here|the)\b"
)
_ALLERGENS_ZH = (
    "过敏|麸质|小麦|乳糖|花生|坚果|杏仁|核桃|腰果|大豆|黄豆|芝麻|贝类|甲壳|虾|蟹|芹菜|芥末|亚硫酸|羽扇豆|鸡蛋|牛奶|鱼|乳制品|乳"
)

_PATTERNS: Mapping[Stake, Mapping[Language, str]] = {
    Stake.MEDICINE: {
        "en": (
            r"\b(?:medicines?|medications?|meds|drugs?|pills?|tablets?|capsules?|antibiotics?|painkillers?"
            r"|prescri\w+|dos(?:e|es|age)|"
            r"insulin|syringe|inhaler|ointment|eye ?drops?|cough syrup|paracetamol|ibuprofen|aspirin"
            r"|blood (?:pressure|sugar|thinner)|"
            r"thermometer|overdose|side effects?|(?:milli|micro)grams?|mg)\b"
            r"|\b(?:syrups?|lozenges?|leaflet|(?:blood )?thinners?|liver|kidneys?|drowsy|side effect|pregnan\w+"
            r"|teaspoons?|remed(?:y|ies)|vitamins?"
            r"|heart|sleeping) ?(?:pills?)?\b(?! shape)"
            r"|\b(?:supposed|allowed|safe|time) to take\b|\bwhen (?:do|should|must|can|am) i .*\btake\b"
            r"|\b(?:one|two|three|half|how many|how much) (?:or \w+ )?of (?:these|them|this|it)\b"
            r"|\bhow (?:many|much|often)\b.*\b(?:should|can|may|do|must) i (?:take|swallow|inject|give)\b"
            r"|\b(?:can|should|may) i (?:take|swallow|drink) (?:this|it|these|them)\b"
            r"|\b(?:what|which) (?:is|are) (?:this|these|it) (?:cream|syrup|drops?) for\b"
        ),
        "zh": (
            "药|胶囊|糖浆|肝|肾|孕妇|说明书|一次(?:喝|吃|用|服)|剂量|用量|服用|毫克|胰岛素|注射|副作用|处方|血压|血糖|体温|退烧|止痛|抗生素|阿司匹林|布洛芬|维生素"
            "|(?:吃|喝|用|滴|打|服)(?:几|多少)(?:片|粒|颗|次|滴|针|毫升|勺)|(?:一|每)(?:天|次|日).{0,4}(?:几|多少)(?:片|粒|次|毫升)"
        ),
    },
    Stake.ALLERGEN: {
        "en": (
            rf"\b(?:allerg\w*|intoleran\w*|c(?:o)?eliac|gluten|lactose|dairy|soya?|sesame|shellfish|peanuts?"
            rf"|crabs?|prawns?|shrimps?|mussels?|oysters?"
            rf"|crustaceans?|sulph?ites?|lupins?)\b"
            rf"|\b(?:can't|cannot|can not|may not|not allowed to) (?:have|eat)\b|(?:{_CONTAIN_EN}).*\b(?:{_ALLERGENS_EN})\b.*"
            rf"|\b(?:{_ALLERGENS_EN})[- ]free\b|\bingredients?\b|\b(?:vegan|halal|kosher)\b|\b(?:can|may"
            rf"|should) i eat (?:this|it|these|that)\b"
        ),
        "zh": (
            f"过敏|麸质|乳糖|不耐|不能吃|花生|芝麻|坚果|虾|蟹|蛋黄|配料|成分|成份|清真|素食|纯素|(?:含|里有|里面有|有没有|有没有放|放了|加了|带).{{0,6}}(?:{_ALLERGENS_ZH})"
            f"|无(?:{_ALLERGENS_ZH})|(?:能|可以)吃(?:这个|它|吗)?(?:吗|么)"
        ),
    },
    Stake.MONEY: {
        "en": (
            r"\b(?:bank ?notes?|(?:bill|note)s? (?:this|these|that|an? (?:five|ten|twenty|fifty|hundred))"
            r"|cash|coins?|money|prices?|costs?|total|amount|change|receipt|invoice|"
            r"euros?|dollars?|cents?|pence|yuan|quid|card number|account number|iban|pin|balance|due)\b"
            r"|\bhow much (?:is|are|does|do|did|was|were|to pay|must|should i pay|do i owe)\b(?!.*\b(?:milk"
            r"|water|left|light|room|space)\b)"
            r"|\b(?:ten|five|twenty|fifty|hundred|\d+)[- ](?:euro|dollar|pound|yuan|note|bill)s?\b"
            r"|\bwhat (?:note|bill|coin) is\b|\bpounds? note\b"
            r"|\b(?:note|bill|coin)s? (?:is this|are these|do i have|am i holding|in my (?:hand|wallet|purse))\b"
            r"|\b(?:pay|owe|expensive|cheap(?:er|est)?|afford|on the bill|worth|come to|hand(?:ed)? over)\b|\bis (?:it|this"
            r"|that) an? (?:five|ten|twenty|fifty|hundred)\b"
        ),
        "zh": (
            "多少钱|价格|价钱|标价|售价|纸币|钞票|硬币|现金|几块钱|几元|多少元|面额|找零|找钱|总价|总额|合计|一共(?:要)?(?:多少|几)|账单|发票|小票|收据|余额"
            "|[一二五两十百\\d]+(?:块|元|欧元|美元)|欧元|美元|人民币|卡号|账号|付(?:多少|款|钱)|找的钱|票要多少|要多少(?:钱)?$|(?:还|就)?是(?:五|十|二十|五十"
            "|一百)(?:块|元)?(?:还是|吗)|贵不贵|便宜"
        ),
    },
    Stake.EXPIRY: {
        "en": (
            r"\b(?:expir\w+|out of date|in date|still (?:good|fresh|ok(?:ay)?|fine|edible)|gone (?:off|bad)"
            r"|go(?:es)? (?:off|bad)|shelf life|spoil(?:ed|t)|rotten|mou?ldy?)\b"
            r"|\b(?:best|use|sell|eat|consume)[- ](?:by|before)\b|\bpast (?:its|their) (?:date|best|prime)\b|\bhow (?:old|fresh"
            r"|long) (?:is|are|does|will|can) (?:this|the|these|it|that)\b.*"
            r"\b(?:milk|meat|yogh?urt|cheese|eggs?|fish|food|bread|keep|last|chicken|ham|juice|date)\b"
            r"|\bstill (?:be )?(?:used|eaten|drunk|cooked|sold)\b|\b(?:by|until) when (?:should|can|must|may"
            r"|do)\b|\bfinish (?:this|these|the)\b|\bdate (?:is )?on (?:the|this)\b|\bwhat(?:'s"
            r"| is) the date on\b"
        ),
        "zh": (
            "过期|保质期|有效期|到期|日期|变质|坏了[没吗]|坏没坏|还新鲜|新不新鲜|新鲜吗|还(?:能|可以)[吃喝用]"
            "|放(?:太|得)?(?:太)?久了|发霉|馊|什么时候之?前[吃用喝]"
        ),
    },
    Stake.CROSSING: {
        "en": (
            r"\b(?:cross(?:ing)?\b(?! ?word)(?! stitch)|traffic lights?|walk (?:sign|light|signal)|green man"
            r"|red man|(?:light|signal) for pedestrians|pedestrian (?:light|signal)|zebra)\b"
            r"|\b(?:any|there|are|is) .*(?:cars?|traffic|vehicles?|bus(?:es)?|trams?|trains?|bikes?|bicycles?"
            r"|trucks?|lorry|lorries) (?:\w+ ){0,2}(?:coming|approaching|near|close|moving)\b"
            r"|\b(?:can|may|should|could|shall) i (?:go|walk|step|move|continue|proceed)\b(?! to (?:bed|sleep))"
            r"|\bis (?:it|the light|the signal|the traffic light) (?:green|red)\b"
            r"|\bis (?:the )?(?:road|street|way|path|track|platform|sidewalk|pavement|lane|coast)\b.*\b(?:clear"
            r"|free|empty|safe)\b|\bsafe to (?:walk|cross|go|step|move|get)\b"
            r"|\b(?:road|street|track|platform) edge\b|\bedge of the (?:platform|road|stairs|kerb|curb)\b"
            r"|\bstairs? (?:in front|ahead)\b|\bhow (?:far|close|near|fast|far away) (?:is|are) (?:the|that"
            r"|those) (?:cars?|bus(?:es)?|trains?|trams?|trucks?|lorr(?:y|ies)|bikes?|bicycles?|traffic)\b"
            r"|\b(?:cars?|traffic|drivers?|we|i) (?:have|has|got) (?:a )?(?:red|green)\b|\bwalk (?:over|across)\b"
            r"|\b(?:pedestrian|traffic|crossing) (?:signal|light)s?\b"
        ),
        "zh": (
            "过马路|过街|过路口|斑马线|人行横道|行人灯|(?:左|右|前|后)(?:边|面|方)有车|车.{0,2}离我|车.{0,2}多[近远快]|红灯|绿灯|红绿灯|信号灯|(?:能|可以|可不可以"
            "|能不能|该)(?:往前)?(?:走|过去|过|前进|迈)(?!夜)"
            "|(?:有没有|有|来|没)(?:.{0,4})(?:车|电动车|公交|自行车|卡车|火车|地铁)(?:.{0,3})(?:来|过来|开过来|靠近|经过)|车都?(?:停|走|来)了|路(?:上"
            "|口)(?:.{0,3})(?:安全|有车|空)|(?:走|过|路|前面|过去)(?:.{0,3})安全|站台边|台阶(?:在|多远)"
        ),
    },
    Stake.HEAT: {
        "en": (
            r"\b(?:is|are|was|does|did|how)\b.*\b(?:hot|warm|burning|boiling|on fire|lit|sharp|broken"
            r"|electrified|live wire|poison(?:ous)?|toxic)\b(?! dogs?| sauce| chocolate)"
            r"|\b(?:stove|oven(?! gloves?| mitts?)|hob|burner|iron|kettle|cooker|heater|gas|grill|fireplace|candle|radiator"
            r"|hotplate)\b.*\b(?:on|off|hot|cold|cool|lit|out|burning|boiling|warm)\b"
            r"|\b(?:on|off|hot|lit|burning)\b.*\b(?:stove|oven|hob|burner|kettle|cooker|heater|grill|fireplace|candle)\b"
            r"|\b(?:can|may|should|could) i (?:touch|grab|pick (?:it|this|that|them) up|hold|put my hand)\b"
            r"|\b(?:safe|dangerous|danger) (?:to|for|here|in|is)\b|\b(?:is|are) .*\b(?:safe|dangerous"
            r"|flammable)\b"
            r"|\b(?:cut|burn|hurt|scald|prick|shock) (?:myself|me|my|yourself|us)\b|\bgas\b|\bscald\w*"
            r"|\bflames?\b|\b(?:cable|cord|wire|plug|socket|outlet)s?\b.*\b(?:damaged|broken|loose|bare|live"
            r"|safe)\b|\bplugged in\b"
            r"|\bknife|knives|blades?\b|\bbroken glass\b|\b(?:smoke|flames?|fire)\b|\bboil(?:s|ing)?\b|\bblade\b"
            r"|\bbleach\b|\bscissors\b.*\bpoint"
        ),
        "zh": (
            "烫|(?:炉子|炉灶|灶|火|烤箱|熨斗|煤气|燃气|电磁炉|水壶|电热|暖气|蜡烛).{0,6}(?:关|开|热|着|灭|亮)|(?:关|开)(?:了|没|着).{0,4}(?:炉|火|煤气|烤箱|灶)"
            "|忘.{0,4}关|割|扎手|划伤|烧伤|漏气|明火|电线.{0,3}破|破.{0,3}电线|热不热|热吗|很热|还热|开了吗水|水(?:开|烧开)了|锋利|刀|尖锐|碎玻璃|触电|漏电"
            "|电线.{0,3}露|(?:能|可以|敢)(?:不能"
            "|不可以)?(?:摸|碰|拿)|着火|冒烟|有毒|危险|安全"
        ),
    },
}
_HARMLESS: Mapping[Language, str] = {
    "en": (
        r"\b(?:what|which) colou?rs?\b|\bwhere (?:is|are|did|do)\b(?!.*\b(?:edge|expir\w*|date|price|cross\w*)\b)"
        r"|\bhow do (?:you|i) (?:say|spell)\b"
    ),
    "zh": "什么颜色|(?:在|放)哪|哪里|哪儿|哪边|怎么(?:写|拼|读)",
}
"""What no figure and no judgement is wanted of: the colour of a pill box, the place of a knife."""

_COMPILED = {
    (stake, language): re.compile(pattern, re.IGNORECASE) for stake, by in _PATTERNS.items() for language, pattern in by.items()
}
_COMPILED_HARMLESS = {language: re.compile(pattern, re.IGNORECASE) for language, pattern in _HARMLESS.items()}


_FOLLOWS: Mapping[Language, re.Pattern[str]] = {
    "en": re.compile(r"(?:and|but|what about|how about|are you sure|really|is that)\b", re.IGNORECASE),
    "zh": re.compile("那|还有|真的|确定|.{0,8}呢"),
}
_LONGEST_FOLLOWING = 40
"""Characters of a question that lives on the one before: "and the other one?"."""


def stakes_of(question: str, language: Language, before: frozenset[Stake] = frozenset()) -> frozenset[Stake]:
    """Return what is at stake in a question; nothing in most.

    Args:
        question: As it was written down.
        language: Its language.
        before: What was at stake in the question before, which a short one may ask on about.
    """
    if _COMPILED_HARMLESS[language].search(question):
        return frozenset()
    stakes = frozenset(stake for stake in Stake if _COMPILED[stake, language].search(question))
    if not stakes and len(question) <= _LONGEST_FOLLOWING and _FOLLOWS[language].match(question):
        return before
    return stakes
