"""Personal data: what counts, what does not, and that a language model never sees it."""

import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from policies import pii, privacy
from policies.privacy import Vault


def luhn(body: str) -> str:
    """Complete a card number with its check digit, tried one by one."""
    return next(body + digit for digit in "0123456789" if _sum(body + digit) % 10 == 0)


def _sum(number: str) -> int:
    digits = [int(digit) * (2 if place % 2 else 1) for place, digit in enumerate(reversed(number))]
    return sum(sum(divmod(digit, 10)) for digit in digits)


def found(text: str, kinds: tuple[str, ...] = privacy.PERSONAL, orders: tuple[str, ...] = ()) -> list[tuple[str, str]]:
    """Give (text, kind) of all data."""
    return [(text[one.start : one.end], one.kind) for one in pii.find(text, kinds, orders)]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("电话13812345678，谢谢", [("13812345678", "phone")]),
        ("138 1234 5678或138-1234-5678", [("138 1234 5678", "phone"), ("138-1234-5678", "phone")]),
        ("+86 13812345678", [("86 13812345678", "phone")]),
        ("座机010-62345678", [("010-62345678", "phone")]),
        ("１３８１２３４５６７８", [("１３８１２３４５６７８", "phone")]),
        ("身份证11010519491231002X", [("11010519491231002X", "id_card")]),
        ("卡号4111 1111 1111 1111", [("4111 1111 1111 1111", "bank_card")]),
        ("写信到a.b+c@ex-ample.com.cn。", [("a.b+c@ex-ample.com.cn", "email")]),
        ("京A12345和粤B·D12345", [("京A12345", "plate"), ("粤B·D12345", "plate")]),
        ("寄到广东省深圳市南山区科技园路15号3栋502室", [("广东省深圳市南山区科技园路15号3栋502室", "address")]),
        ("有2 13812345678两个", [("13812345678", "phone")]),
    ],
)
def test_personal_data_is_found(text: str, expected: list[tuple[str, str]]) -> None:
    """Every usual way of writing it, at its own place."""
    assert found(text) == expected


@pytest.mark.parametrize(
    "text",
    [
        "913812345678901",  # inside a longer run of digits
        "110105194912310021",  # a wrong check digit
        "110105194913310025",  # no such month
        "4111 1111 1111 1112",  # a wrong Luhn digit
        "订单20261122138123456789012",
        "a@b",
        "京剧A12",
        "下午3点到2号楼，5层",
        "400-800-1234",  # a hotline is nobody's
        "1" * 100_000,
    ],
)
def test_what_only_looks_like_it_is_left_alone(text: str) -> None:
    """Checksums and boundaries decide."""
    assert found(text) == []


def test_order_numbers_follow_the_settings() -> None:
    """`#` is a digit, `@` a letter; never inside a longer number."""
    assert found("单号ZD20261122，AZD202611220", (), ("ZD########",)) == [("ZD20261122", "order")]


@given(st.integers(10**13, 10**16 - 1))
def test_every_card_of_an_issuer_with_its_check_digit_is_found(number: int) -> None:
    """Any body completed by Luhn counts, and with another last digit it does not."""
    card = luhn(f"62{number}")
    assert pii.is_bank_card(card)
    assert not pii.is_bank_card(card[:-1] + str((int(card[-1]) + 1) % 10))


def test_masks_leave_what_staff_need_to_recognise() -> None:
    """A log shows the ends of a number, not the number."""
    assert privacy.mask("电话13812345678，邮箱anna@b.com") == "电话138****5678，邮箱a***@b.com"


def test_a_model_sees_labels_and_the_answer_has_the_values() -> None:
    """Concealed, answered, restored; the same number has the same label throughout."""
    vault = Vault()
    hidden = vault.conceal("我是13812345678，邮箱a@b.com，再说一遍13812345678")
    assert hidden == "我是[PHONE_1]，邮箱[EMAIL_1]，再说一遍[PHONE_1]"
    assert vault.restore("好的，会打【phone_1】或写信到[EMAIL_1]") == "好的，会打13812345678或写信到a@b.com"


def test_a_label_that_the_customer_wrote_is_not_taken_for_ours() -> None:
    """Nobody can ask for another's number by writing its label."""
    vault = Vault()
    assert vault.conceal("[PHONE_1]是什么？我是13812345678") == "[PHONE_1]是什么？我是[PHONE_2]"
    assert vault.restore("[PHONE_1] [PHONE_2]") == "[PHONE_1] 13812345678"


def test_restoring_a_stream_is_restoring_the_whole() -> None:
    """However the answer is cut, a label is put back whole."""
    vault = Vault()
    vault.conceal("13812345678 a@b.com")
    text = "打[PHONE_1]，写[EMAIL_1]，[不是标签]，[PHONE_9]，尾[PHO"
    chance = random.Random(1)
    for _ in range(200):
        stream, sent, rest = vault.stream(), [], text
        while rest:
            cut = chance.randint(1, 6)
            sent.append(stream.feed(rest[:cut]))
            rest = rest[cut:]
        assert "".join([*sent, stream.close()]) == vault.restore(text)
