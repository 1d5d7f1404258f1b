"""A reply while it is written: nothing forbidden is shown, and who has left is not talked to."""

from pathlib import Path

import pytest

import policies
from adapters.messages import Citation, Reply, Source
from bot.speaking import Forbidden, Speaker
from policies import Policy


@pytest.fixture
def policy(tmp_path: Path) -> Policy:
    """One category with one word that ends a reply."""
    rules = "category: secret\ntitle: 内部\nin: pass\nout: block\nwords: [内部价]\n"
    (tmp_path / "secret.yaml").write_text(rules, encoding="utf-8")
    return policies.load(tmp_path)


class Ear:
    """Hears `patience` pieces, then is gone."""

    def __init__(self, patience: int = 100) -> None:
        self.pieces: list[str] = []
        self._patience = patience

    async def __call__(self, piece: str) -> None:
        """Keep one piece."""
        if len(self.pieces) == self._patience:
            raise ConnectionResetError
        self.pieces.append(piece)


async def test_pieces_and_the_rest_make_the_reply(policy: Policy) -> None:
    """What was held back follows at the end, once."""
    ear = Ear()
    speaker = Speaker(ear)
    say = speaker.screened(policy)
    assert say is not None
    for piece in ("七天", "内可以", "退货，内"):
        await say(piece)
    await speaker.finish("七天内可以退货，内")
    assert "".join(ear.pieces) == speaker.shown == "七天内可以退货，内"


async def test_a_forbidden_word_ends_it_before_its_first_character(policy: Policy) -> None:
    """However it is cut."""
    ear = Ear()
    say = Speaker(ear).screened(policy)
    assert say is not None
    with pytest.raises(Forbidden):  # noqa: PT012 - the last character decides
        for char in "可以按内部价退":
            await say(char)
    assert "".join(ear.pieces) == "可以按"


async def test_a_listener_who_left_ends_the_writing_but_not_the_reply(policy: Policy) -> None:
    """The writer learns it; the whole reply, already made, goes nowhere and breaks nothing."""
    speaker = Speaker(Ear(patience=1))
    say = speaker.screened(policy)
    assert say is not None
    await say("七天")
    with pytest.raises(ConnectionError):
        await say("退货")
    await Speaker(Ear(patience=0)).finish("七天退货")


async def test_a_reply_that_turned_out_otherwise_is_not_appended(policy: Policy) -> None:
    """Who shows the pieces puts it right with the whole."""
    ear = Ear()
    speaker = Speaker(ear)
    say = speaker.screened(policy)
    assert say is not None
    await say("十五天")
    await speaker.finish("没有找到确切答案")
    assert ear.pieces == ["十五天"]


@pytest.mark.parametrize(
    ("text", "footed"),
    [
        ("七天内免费[1]。", "七天内免费[1]。\n\n[1] 退货.pdf › 期限 p.2\n[2] 运费.md"),
        ("按资料：七天内免费", "按资料：七天内免费"),
    ],
)
def test_a_platform_of_text_alone_shows_the_sources_below(text: str, footed: str) -> None:
    """Where the text cites by number; a quote names its place itself."""
    cited = (Citation("退货.pdf", "期限", 2), Citation("运费.md"))
    assert Reply(text, Source.DOCUMENTS, citations=cited).footed == footed
