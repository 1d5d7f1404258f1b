"""Loading the word rules: a large list is built in another process and screens just the same."""

from pathlib import Path

import pytest

import policies
from bot import rules
from policies import Direction, RulesError


@pytest.fixture
def large(tmp_path: Path) -> Path:
    """Rules with a list of 400 kB."""
    (tmp_path / "x.yaml").write_text("category: x\nin: mask\nlists: [x.txt]\n", encoding="utf-8")
    words = "".join(f"词{number:05}{number % 97}\n" for number in range(30_000))
    (tmp_path / "x.txt").write_text(words, encoding="utf-8")
    return tmp_path


def test_a_large_list_is_built_elsewhere_and_screens_alike(large: Path) -> None:
    """What comes back is the Policy that would have been built here."""
    loaded, built = rules.load(large, ["今天天气不错"]), policies.load(large)
    for text in ("有词000981吗", "词０00－981", "没有"):
        assert loaded.screen(text, Direction.IN) == built.screen(text, Direction.IN)
    assert loaded.screen("有词000981吗", Direction.IN).text == "有*******吗"


def test_what_is_wrong_comes_back_from_there(large: Path) -> None:
    """All problems with their lines, as if read here."""
    (large / "y.yaml").write_text("category: y\nin: blok\nwords: [赌博]\n", encoding="utf-8")
    with pytest.raises(RulesError) as caught:
        rules.load(large, [])
    assert [(Path(one.path).name, one.line) for one in caught.value.problems] == [("y.yaml", 2)]
    assert "write `block`" in str(caught.value)
