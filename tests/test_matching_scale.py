"""Matching when there are more phrasings than are looked at one by one."""

from collections.abc import Sequence
from datetime import date
from itertools import product

import numpy as np
import pytest

from faq.embedding import Vectors
from faq.index import SMALL
from faq.matching import Matcher
from tests.contents import content, entry

pytestmark = pytest.mark.timeout(180)  # learning from thousands of entries takes its time on a busy machine

DAY = date(2026, 6, 1)
THINGS = [a + b for a, b in product("手电水风火山海木石金纸布瓷铁铜", "机扇箱灯桶壶盆架柜桌椅床锅刀笔")]
DEEDS = ["退掉", "换新", "维修", "安装", "拆除", "清洗", "寄送", "转卖", "租借", "回收"]
PLACES = ["在门店", "在网上", "在学校", "在仓库", "在医院", "在车站", "在机场", "在酒店", "在国外"]


class CheapEmbedder:
    """Every text means the same: entries are told apart by their words alone."""

    id, dim = "cheap", 16

    def embed(self, texts: Sequence[str]) -> Vectors:
        return np.full((len(texts), self.dim), 0.25, np.float32)


@pytest.fixture(scope="module")
def matcher(tmp_path_factory: pytest.TempPathFactory) -> Matcher:
    """Twenty thousand entries in nine knowledge bases."""
    entries = [
        entry(f"{place}{deed}{thing}要多少钱", id=f"{place}{deed}{thing}", knowledge_base=place)
        for place, deed, thing in product(PLACES, DEEDS, THINGS)
    ]
    assert len(entries) > SMALL
    folder = tmp_path_factory.mktemp("kept")
    built = Matcher.build(content(*entries), CheapEmbedder(), folder=folder)
    assert [*folder.glob("cells-*/rows.npy")]
    return built


@pytest.mark.parametrize("asked", ["在车站清洗铜壶", "在国外退掉纸箱", "在门店拆除木床"])
def test_the_right_one_of_many_is_found_first(matcher: Matcher, asked: str) -> None:
    """A question in other words than the entry's finds it by the rare grams they share."""
    found = matcher.index.find(matcher.index.read(f"请问{asked}贵不贵"))
    assert matcher.index.entries[found.owners[0]].id == asked


def test_only_the_knowledge_bases_asked_for_are_searched(matcher: Matcher) -> None:
    """Among many, too, what is routed elsewhere does not exist."""
    matches = matcher.match("在车站清洗铜壶贵不贵", DAY, ["在酒店"]).matches
    assert {match.entry.knowledge_base for match in matches} == {"在酒店"}


def test_what_the_staff_wrote_is_exact(matcher: Matcher) -> None:
    """Exact answers do not depend on how many there are."""
    found = matcher.exact("在医院维修水桶要多少钱？", DAY)
    assert found is not None
    assert found.id == "在医院维修水桶"
