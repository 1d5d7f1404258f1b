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


def test_one_knowledge_base_is_searched_whole() -> None:
    """With nothing to choose between there is nothing to leave out."""
    assert Router.build(content(entry("怎么退货")), Usem3Embedder()).route("怎么退货").knowledge_bases == ()


@pytest.mark.parametrize(
    ("text", "intent"),
    [("你好呀", "greeting"), ("我要转人工客服", "human"), ("我要投诉你们客服", "complaint"), ("谢谢你啊", "thanks")],
)
def test_small_talk_is_known_as_such(router: Router, text: str, intent: str) -> None:
    """A special intent is named with its probability."""
    route = router.route(text)
    assert route.intent == intent
    assert route.intent_probability >= 0.5


def test_a_question_of_a_knowledge_base_is_no_small_talk(router: Router) -> None:
    """What the content knows has no special intent."""
    assert router.route("密码忘了怎么找回").intent is None
