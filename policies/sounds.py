"""How characters sound: a sign for each syllable, near ones sharing it, and pictures by the word they show.

Near are zh z, ch c, sh s; n l at the beginning; n ng at the end; u ü. One reading a character, the most usual.
"""

import unicodedata
from collections.abc import Mapping
from functools import lru_cache

from pypinyin.constants import PINYIN_DICT

from policies.characters import TABLE_SIZE

FIRST_SIGN = 0xE000  # signs are private characters: no text has them

# What a picture is read as in Chinese chat, by its first character where it has several.
PICTURES = {
    "狗": "🐶🐕", "猪": "🐷🐖🐽", "鸡": "🐔🐓🐣🐤", "牛": "🐮🐂🐄", "马": "🐴🐎", "羊": "🐑🐏🐐",
    "鸭": "🦆", "猫": "🐱🐈", "鼠": "🐭🐀🐁", "虎": "🐯🐅", "兔": "🐰🐇", "龙": "🐲🐉", "蛇": "🐍",
    "猴": "🐵🐒🙈", "鱼": "🐟🐠🐡", "虫": "🐛🐞", "蜂": "🐝", "龟": "🐢", "鬼": "👻", "熊": "🐻🐼",
    "鸟": "🐦", "蛋": "🥚🍳", "男": "👨🚹👦", "女": "👩🚺👧", "人": "🧑👤", "妈": "🤱", "手": "✋🖐🤚",
    "拳": "👊✊🤛🤜", "舌": "👅", "眼": "👀👁", "耳": "👂", "鼻": "👃", "嘴": "👄💋", "脚": "🦶👣",
    "脑": "🧠", "骨": "🦴💀", "心": "❤💗", "血": "🩸", "刀": "🔪🗡", "枪": "🔫", "炸": "💥", "弹": "💣",
    "火": "🔥", "水": "💧💦", "冰": "🧊", "雪": "❄🌨", "雨": "🌧", "风": "🌬💨", "日": "🌞", "月": "🌙🌛",
    "星": "⭐🌟", "云": "☁", "电": "⚡", "山": "⛰🏔", "花": "🌸🌺🌹", "草": "🌿🌱", "树": "🌲🌳",
    "米": "🍚🌾", "面": "🍜", "肉": "🍖🥩🍗", "辣": "🌶", "瓜": "🍉🍈", "桃": "🍑", "梨": "🍐", "蕉": "🍌",
    "茶": "🍵", "酒": "🍺🍷🍶", "菜": "🥬", "糖": "🍬", "饼": "🍪", "药": "💊", "毒": "☠", "烟": "🚬",
    "钱": "💰💵💴", "金": "🏅", "房": "🏠🏡", "门": "🚪", "床": "🛏", "车": "🚗🚕", "船": "🚢⛵", "机": "✈",
    "表": "⌚", "钟": "🕐⏰", "书": "📖📚", "笔": "🖊✏", "纸": "📄", "伞": "☂☔", "球": "⚽🏀",
    "笑": "😁😄😆😂", "哭": "😭😢", "怒": "😡😠", "吐": "🤮🤢", "操": "🏃", "圆": "⭕", "线": "🧵",
    "针": "💉📍", "棍": "🏒", "屎": "💩", "死": "⚰", "跪": "🧎", "国": "🏳", "旗": "🚩", "屁": "💨",
    "吃": "😋", "睡": "😴💤", "病": "🤒😷", "痛": "🤕", "爱": "🥰",
}  # fmt: skip


def syllables() -> Mapping[str, str]:
    """Give for each Chinese character the sign of its syllable."""
    return {chr(code): _signs()[near(sound)] for code, sound in _readings().items() if code < TABLE_SIZE}


def pictures() -> Mapping[str, str]:
    """Give for each picture the sign of the character it is read as."""
    sounds = syllables()
    return {picture: sounds[name] for name, shown in PICTURES.items() for picture in shown}


def spelled(character: str) -> tuple[str, ...]:
    """Give the syllable of a Chinese character in Latin letters, () for any other."""
    sound = _readings().get(ord(character)) if len(character) == 1 else None
    return (sound.replace("ü", "v"),) if sound else ()


def near(sound: str) -> str:
    """Give what all syllables share that are taken for `sound`."""
    for initial in ("zh", "ch", "sh"):
        if sound.startswith(initial):
            sound = initial[0] + sound[2:]
    if sound.startswith("l"):
        sound = "n" + sound[1:]
    return sound.removesuffix("g").replace("ü", "u")


@lru_cache(maxsize=1)
def _readings() -> Mapping[int, str]:
    return {code: _toneless(readings.split(",")[0]) for code, readings in PINYIN_DICT.items()}


@lru_cache(maxsize=1)
def _signs() -> Mapping[str, str]:
    known = sorted({near(sound) for sound in _readings().values()})
    return {sound: chr(FIRST_SIGN + number) for number, sound in enumerate(known)}


def _toneless(sound: str) -> str:
    letters = unicodedata.normalize("NFD", sound)
    return unicodedata.normalize("NFC", "".join(one for one in letters if one not in "\u0300\u0301\u0304\u030c"))
