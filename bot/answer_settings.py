"""The settings of answers that cost money: whose models, how long they are kept, what they may cost."""

from typing import Annotated, Literal

from pydantic import Field, SecretStr

from bot.setting_group import Group

Provided = Annotated[str, Field(pattern=r"^(dashscope|openai)/\S+$")]  # provider/model


class ModelSettings(Group):
    use: tuple[Provided, ...] = Field(
        (), description="Models such as dashscope/qwen-plus, asked in this order; none means passages are quoted."
    )
    functions: bool = Field(
        True, description="Whether these models call functions; without, no tool is offered to them."
    )
    dashscope_address: str | None = Field(None, description="Base address of DashScope; unset means the SDK's own.")
    dashscope_key: SecretStr | None = Field(None, description="Key of DashScope. [env DASHSCOPE_API_KEY]")
    openai_address: str | None = Field(
        None, description="Base address of the OpenAI-compatible endpoint, ending in /v1."
    )
    openai_key: SecretStr | None = Field(None, description="Key of that endpoint. [env OPENAI_API_KEY]")
    first_piece_seconds: float = Field(8.0, gt=0, description="Seconds a model may take to begin its answer.")
    between_pieces_seconds: float = Field(8.0, gt=0, description="Seconds a model may pause within its answer.")
    whole_seconds: float = Field(25.0, gt=0, description="Seconds of one answer in all, repeated attempts included.")
    attempts: int = Field(2, ge=1, le=5, description="Calls of one model for one answer while nothing was said.")
    concurrency: int = Field(8, ge=1, description="Calls of one model at the same time.")


class CacheSettings(Group):
    use: bool = Field(True, description="Whether answers of a model are kept and given again to the same question.")
    store: str | None = Field(
        None,
        description="Milvus that keeps them: http://host:19530, or a file of Milvus Lite; unset means the database.",
    )
    days: float = Field(14.0, gt=0, description="Days after which a kept answer is never given.")
    negative_minutes: float = Field(10.0, ge=0, description="Minutes for which it is kept that nothing was found.")
    half_life_hours: float = Field(168.0, gt=0, description="Hours in which a kept answer loses half its freshness.")
    half_lives: dict[str, float] = Field(
        {"web": 24.0}, description="The same for single knowledge bases; web stands for answers from the web."
    )
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


class WebSettings(Group):
    search: str | None = Field(
        None,
        pattern=r"^(https?://\S+|dashscope/\S+)$",
        description="Search engine: address of a SearXNG with format json, or dashscope/qwen-plus; unset means no web.",
    )
    knowledge_bases: tuple[str, ...] = Field(
        (), description="Knowledge bases whose unanswered questions may be looked up in the web; * means all."
    )
    allow: tuple[str, ...] = Field(
        (), description="Addresses host:port that may be fetched although they are not public or of another port."
    )
    pages: int = Field(5, ge=1, le=10, description="Pages that are fetched for one question.")
    page_seconds: float = Field(5.0, gt=0, description="Seconds one page may take, redirects included.")
    page_bytes: int = Field(1_000_000, ge=1000, description="Bytes of one page at most, unpacked.")
    search_seconds: float = Field(8.0, gt=0, description="Seconds the search engine may take.")
    answer_from: float = Field(0.3, ge=0, le=1, description="The pages are used when at least this sure to answer.")


class ToolSettings(Group):
    hosts: tuple[str, ...] = Field(
        (),
        description="Hosts that tools may ask: name for public ones by https, host:port for that one, public or not.",
    )
    seconds: float = Field(5.0, gt=0, description="Seconds a system may take to answer.")
    bytes: int = Field(200_000, ge=100, description="Bytes of its answer at most, unpacked.")
    secrets: dict[str, SecretStr] = Field(
        {}, description="What tools call ${ZHIDA_TOOL_…}. [env: every variable whose name begins with ZHIDA_TOOL_]"
    )
