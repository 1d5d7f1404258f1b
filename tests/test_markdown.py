"""Markdown becomes text that reads well where no Markdown is shown; other text is left as it was."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from adapters.markdown import to_plain


@pytest.mark.parametrize(
    ("markdown", "plain"),
    [
        ("# 标题\n正文", "标题\n正文"),
        ("打开**设置**，点*安全*。", "打开设置，点安全。"),
        ("- 一\n  - 二\n* 三", "• 一\n  • 二\n• 三"),
        ("1. 一\n2. 二", "1. 一\n2. 二"),
        ("见[帮助](https://a.example/b)。", "见帮助（https://a.example/b）。"),
        ("![图](https://a.example/p.png)", "图 https://a.example/p.png"),
        ("[https://a.example](https://a.example)", "https://a.example"),
        ("用 `pip install` 安装", "用 pip install 安装"),
        ("```python\na = b * c * d\n```", "a = b * c * d"),
        ("> 引用", "引用"),
        ("| 档位 | 价格 |\n|---|:-:|\n| 基础 | 9 元 |", "档位｜价格\n基础｜9 元"),
        ("上\n\n---\n\n下", "上\n\n\n下"),
        ("~~旧价~~ 新价", "旧价 新价"),
        ("`**不是粗体**`", "**不是粗体**"),
    ],
)
def test_marks_become_plain(markdown: str, plain: str) -> None:
    """Headings, emphasis, lists, links, code, quotes and tables."""
    assert to_plain(markdown) == plain


@pytest.mark.parametrize(
    "text",
    [
        "2*3*4=24，a_b_c 是变量名",
        "打开「我的 → 设置 → 账号安全」，点「重置密码」。",
        "5 * 3 * 2",
        "价格 < 10 & > 5，#1 号窗口",
        "第一行\n\n  第二行 缩进\n-3 度",
        "文件名 __init__.py 与 snake_case_name",
        "C:\\Users\\name",
    ],
)
def test_what_staff_wrote_comes_out_word_for_word(text: str) -> None:
    """Stars between numbers, underscores in names, arrows and indents are no marks."""
    assert to_plain(text) == text


@given(text=st.text(alphabet=st.characters(exclude_characters="*_`#[]()!|~>-+"), max_size=200))
def test_text_without_marks_is_untouched(text: str) -> None:
    """No mark, no change."""
    assert to_plain(text) == text
