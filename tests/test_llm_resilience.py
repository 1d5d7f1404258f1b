"""Time limits, retries, the breaker, the concurrency limit, the fallback list: what a sick provider costs."""

import asyncio
from collections.abc import Sequence

import pytest

from bot.llm.model import LanguageModel, Prompt, Trouble, UpstreamError
from bot.llm.resilience import Breaker, FallbackModel, Limits, ResilientModel
from tests.scripted_models import ScriptedModel, Step

BUSY = UpstreamError("scripted", Trouble.BUSY, "429")
SICK = UpstreamError("scripted", Trouble.SICK, "500")
REFUSED = UpstreamError("scripted", Trouble.REFUSED, "401")
ASK = [Prompt("user", "怎么退货？")]


class Clock:
    """A clock that a test turns."""

    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        """The seconds now."""
        return self.now


async def _say(model: LanguageModel) -> str:
    return "".join([str(piece) async for piece in model.stream(ASK)])


def _scripted(*scripts: Sequence[Step]) -> ScriptedModel:
    return ScriptedModel(scripts)


async def test_a_passing_trouble_is_tried_again() -> None:
    """The second attempt answers and the user never knows."""
    model = _scripted([BUSY], ["好", "的"])
    assert await _say(ResilientModel(model, Limits(attempts=2))) == "好的"


@pytest.mark.parametrize("script", [[REFUSED], ["半", SICK]])
async def test_what_cannot_pass_or_was_begun_is_not_repeated(script: Sequence[Step]) -> None:
    """A wrong key stays wrong, and a text that has gone out cannot be said again."""
    model = _scripted(script)
    with pytest.raises(UpstreamError):
        await _say(ResilientModel(model, Limits(attempts=3)))
    assert len(model.calls) == 1


@pytest.mark.parametrize("script", [[5.0, "晚"], ["早", 5.0, "晚"]])
async def test_silence_ends_in_time(script: Sequence[Step]) -> None:
    """Neither a late start nor a pause outlasts its limit, and the call is closed."""
    model = _scripted(script)
    limits = Limits(first_piece=0.05, between_pieces=0.05, attempts=1)
    async with asyncio.timeout(2):
        with pytest.raises(UpstreamError) as caught:
            await _say(ResilientModel(model, limits))
    assert caught.value.trouble is Trouble.SLOW
    assert model.closed == 1


async def test_an_endless_answer_ends_with_the_whole_time() -> None:
    """Pieces that keep coming do not extend the limit of the whole."""
    model = _scripted([0.01, "再"] * 1000)
    async with asyncio.timeout(2):
        with pytest.raises(UpstreamError):
            await _say(ResilientModel(model, Limits(whole=0.1, attempts=1)))


async def test_no_more_calls_at_once_than_allowed() -> None:
    """The ninth user waits for a place, and everyone is answered."""
    model = _scripted([0.01, "好"])
    resilient = ResilientModel(model, Limits(concurrency=3))
    assert await asyncio.gather(*(_say(resilient) for _ in range(9))) == ["好"] * 9
    assert model.most_running == 3


async def test_an_open_breaker_spares_the_provider() -> None:
    """After enough failures no call goes out until the rest is over."""
    clock, model = Clock(), _scripted([SICK])
    resilient = ResilientModel(model, Limits(attempts=1, failures=3, rest=20), clock)
    for _ in range(10):
        with pytest.raises(UpstreamError):
            await _say(resilient)
    assert len(model.calls) == 3


async def test_after_the_rest_one_probe_and_only_one() -> None:
    """Twenty users at the end of the rest are one call; when it succeeds all may go again."""
    clock, model = Clock(), _scripted([SICK], [SICK], [SICK], [0.05, "好"])
    resilient = ResilientModel(model, Limits(attempts=1, failures=3, rest=20), clock)
    for _ in range(3):
        with pytest.raises(UpstreamError):
            await _say(resilient)
    clock.now = 21
    results = await asyncio.gather(*(_say(resilient) for _ in range(20)), return_exceptions=True)
    assert results.count("好") == 1
    assert len(model.calls) == 4
    assert await _say(resilient) == "好"


def test_a_call_of_before_does_not_end_the_probe() -> None:
    """A slow call that began before the breaker opened says nothing about the probe."""
    clock = Clock()
    breaker = Breaker(failures=1, rest=10, clock=clock)
    early, fails = breaker.admit(), breaker.admit()
    assert early is not None
    assert fails is not None
    breaker.record(fails, succeeded=False)
    clock.now = 11
    probe = breaker.admit()
    assert probe is not None
    assert probe.probe
    breaker.record(early, succeeded=False)
    assert breaker.admit() is None
    breaker.record(probe, succeeded=True)
    assert breaker.admit() is not None


def test_a_user_who_leaves_during_the_probe_frees_it() -> None:
    """The next user may probe; the provider is neither well nor worse."""
    clock = Clock()
    breaker = Breaker(failures=1, rest=10, clock=clock)
    fails = breaker.admit()
    assert fails is not None
    breaker.record(fails, succeeded=False)
    clock.now = 11
    probe = breaker.admit()
    assert probe is not None
    breaker.record(probe, succeeded=None)
    assert breaker.admit() is not None


async def test_an_unwanted_question_does_not_open_the_breaker() -> None:
    """The provider's filter refusing a question is no sickness of the provider."""
    model = _scripted([UpstreamError("scripted", Trouble.UNWANTED, "400")])
    resilient = ResilientModel(model, Limits(attempts=1, failures=2))
    for _ in range(5):
        with pytest.raises(UpstreamError):
            await _say(resilient)
    assert len(model.calls) == 5


async def test_the_next_provider_answers_for_a_silent_one() -> None:
    """The list is asked in order until one speaks."""
    models = [_scripted([SICK]), _scripted([REFUSED]), _scripted(["好"]), _scripted(["不该"])]
    assert await _say(FallbackModel(models)) == "好"
    assert [len(model.calls) for model in models] == [1, 1, 1, 0]


async def test_half_an_answer_is_not_continued_by_another() -> None:
    """Two providers never speak in one answer."""
    models = [_scripted(["半", SICK]), _scripted(["好"])]
    with pytest.raises(UpstreamError):
        await _say(FallbackModel(models))
    assert not models[1].calls


async def test_leaving_early_closes_every_layer() -> None:
    """Closing the outermost stream closes the provider's."""
    model = _scripted(["一", "二", "三"])
    stream = FallbackModel([ResilientModel(model, Limits())]).stream(ASK)
    assert await anext(stream) == "一"
    await stream.aclose()
    assert model.closed == 1
    assert model.running == 0
