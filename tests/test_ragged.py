"""Many short lists in two arrays."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from faq.ragged import Lists

_LISTS = st.lists(st.lists(st.integers(0, 2**31 - 1), max_size=6), max_size=8)


@given(lists=_LISTS)
def test_lists_come_back_as_they_were(lists: list[list[int]]) -> None:
    """By number, in a slice, all in order, and flat with their owners."""
    ragged = Lists(lists)
    assert [one.tolist() for one in ragged] == lists
    assert [one.tolist() for one in ragged[1:5]] == lists[1:5]
    pairs = zip(ragged.owners.tolist(), ragged.values.tolist(), strict=True)
    assert [*pairs] == [(owner, value) for owner, one in enumerate(lists) for value in one]


def test_there_is_no_list_beyond_the_last() -> None:
    """As in any sequence."""
    with pytest.raises(IndexError):
        Lists([[1]])[1]
