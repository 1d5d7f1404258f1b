"""Which knowledge base a question belongs to."""

import pytest

from faq.embedding import Usem3Embedder
from faq.routing import Router
from tests.contents import content, entry

SHOP = (
    "怎么退货",
    "怎么换货",
    "多久发货",
    "快递到哪了",
    "运费多少",
    "能货到付款吗",
    "发票怎么开",
    "订单怎么取消",
    "包裹丢了",
    "能改地址吗",
)
ACCOUNT = (
    "怎么改密码",
    "忘记密码",
    "怎么注册",
    "怎么注销账号",
    "登录不上",
    "怎么改手机号",
    "验证码收不到",
    "怎么实名认证",
    "账号被盗",
    "怎么改昵称",
)


@pytest.fixture(scope="module")
def router() -> Router:
    """Two knowledge bases of ten entries."""
    entries = [entry(text) for text in SHOP] + [entry(text, knowledge_base="account") for text in ACCOUNT]
    return Router.build(content(*entries), Usem3Embedder())


@pytest.mark.parametrize(("question", "base"), [("我的快递怎么还没到", "shop"), ("密码忘了怎么找回", "account")])
def test_a_clear_question_goes_to_its_knowledge_base(router: Router, question: str, base: str) -> None:
    """The likeliest base is the right one, and it is among those searched."""
    route = router.route(question)
    assert max(route.probabilities, key=lambda name: route.probabilities[name]) == base
    assert not route.knowledge_bases or base in route.knowledge_bases
    assert sum(route.probabilities.values()) == pytest.approx(1)


def test_an_unclear_question_goes_to_all(router: Router) -> None:
    """When no base is likely, none is left out."""
    assert router.route("你好").knowledge_bases == ()
    assert router.route("？").knowledge_bases == ()


def test_too_little_to_learn_from_goes_to_all() -> None:
    """One base, or bases of few phrasings, are searched whole."""
    few = content(entry("怎么退货"), entry("怎么改密码", knowledge_base="account"))
    assert Router.build(few, Usem3Embedder()).route("怎么退货").knowledge_bases == ()
