"""The settings of answers that cost money: how long they are kept, what they may cost."""

from typing import Literal

from pydantic import Field

from bot.setting_group import Group


class CacheSettings(Group):
    use: bool = Field(True, description="Whether answers of a model are kept and given again to the same question.")
    days: float = Field(14.0, gt=0, description="Days after which a kept answer is never given.")
    negative_minutes: float = Field(10.0, ge=0, description="Minutes for which it is kept that nothing was found.")
    half_life_hours: float = Field(168.0, gt=0, description="Hours in which a kept answer loses half its freshness.")
    half_lives: dict[str, float] = Field({}, description="The same for single knowledge bases, such as {news = 6.0}.")
    fresh_from: float = Field(
        0.5, gt=0, le=1, description="An answer is given while likeness times freshness is at least this."
    )
    most: int = Field(100_000, ge=1, description="Answers kept at most; the oldest go first.")


class Price(Group):
    """What one model costs."""

    model: str = Field(description="Provider and model, such as dashscope/qwen-plus.")
    tokens_in: float = Field(ge=0, description="Price of a million tokens that it reads.")
    tokens_out: float = Field(ge=0, description="Price of a million tokens that it writes.")


class CostSettings(Group):
    prices: tuple[Price, ...] = Field((), description="Prices of the models, in one currency; none counts as free.")
    unit: Literal["money", "tokens", "calls"] = Field("money", description="What the limits below count.")
    user_per_day: float | None = Field(None, ge=0, description="Spent on one user a day at most; 0 is nothing.")
    user_per_month: float | None = Field(None, ge=0, description="Spent on one user a month at most.")
    all_per_day: float | None = Field(None, ge=0, description="Spent on everybody a day at most.")
    all_per_month: float | None = Field(None, ge=0, description="Spent on everybody a month at most.")
