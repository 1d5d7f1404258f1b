"""What the models cost, for whom and since when; whether more may be spent.

One row a day, model, knowledge base, channel and user, in the database, so that replicas share the limits. What cannot
be read is not spent: without the database no model is asked when a limit is set.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date

import sqlalchemy as sa
import structlog

from bot.answer_settings import CostSettings
from bot.database import Database, DatabaseUnavailable
from bot.llm.metering import Meter, Usage
from bot.statements import Row, insert
from bot.tables import costs

log = structlog.get_logger()

_TOLD_FROM = 0.8  # share of a limit from which the operator is told
_COUNTED = ("calls", "tokens_in", "tokens_out", "money")
_UNITS = {"money": costs.c.money, "tokens": costs.c.tokens_in + costs.c.tokens_out, "calls": costs.c.calls}
_KEY = ("day", "model", "knowledge_base", "channel", "user")
_ADD = insert(
    costs,
    (*_KEY, *_COUNTED),
    'ON CONFLICT (day, model, knowledge_base, channel, "user") DO UPDATE SET '
    + ", ".join(f"{name} = costs.{name} + excluded.{name}" for name in _COUNTED),
)


@dataclass(frozen=True, slots=True)
class Payer:
    """For whom a model is asked. `user` names the person across platforms."""

    user: str
    channel: str
    knowledge_base: str = ""


@dataclass(frozen=True, slots=True)
class Standing:
    """How much of one limit is spent. `limit` may be 0: nothing may be spent."""

    name: str
    spent: float
    limit: float

    @property
    def share(self) -> float:
        return self.spent / self.limit if self.limit else 1.0


class Costs:
    """The ledger of one database and the limits of the settings."""

    def __init__(
        self, database: Database, settings: CostSettings, tell: Callable[[Standing], None] = lambda _: None
    ) -> None:
        self._database, self._settings, self._tell = database, settings, tell
        self._prices = {price.model: price for price in settings.prices}
        self._told: set[tuple[str, str]] = set()  # limits and users, on that day
        self._told_on: date | None = None
        self.last: dict[str, Standing] = {}

    async def allow(self, payer: Payer, day: date) -> bool:
        """Whether a model may be asked for this payer now."""
        if not any(limit is not None for limit, *_ in self._limits(payer, day)):
            return True
        try:
            standings = await self._standings(payer, day)
        except DatabaseUnavailable as error:
            log.error("costs not readable, no model is asked", error=str(error))
            return False
        self._warn(payer, standings, day)
        return all(standing.share < 1 for standing in standings)

    async def add(self, payer: Payer, day: date, meter: Meter) -> float:
        """Write down what was used; its price in money."""
        rows = [self._row(payer, day, model, usage) for model, usage in meter.used.items()]
        try:
            if rows:
                await self._database.write(*((_ADD, row) for row in rows))
        except DatabaseUnavailable as error:
            log.error("costs not written", error=str(error))
        return sum(self.price(model, usage) for model, usage in meter.used.items())

    def health(self) -> list[dict[str, object]]:
        """For the operator: the limits that were looked at last, users' limits left out."""
        return [{"limit": one.name, "spent": round(one.spent, 4), "of": one.limit} for one in self.last.values()]

    def price(self, model: str, usage: Usage) -> float:
        """What the tokens cost; a model without a price is free."""
        price = self._prices.get(model)
        if price is None:
            return 0.0
        return (usage.tokens_in * price.tokens_in + usage.tokens_out * price.tokens_out) / 1_000_000

    async def erase(self, user: str, platform: str | None = None) -> None:
        """Forget who it was; what was spent stays in the sums."""
        mine = costs.c.user == f"{platform}/{user}" if platform else costs.c.user.endswith(f"/{user}", autoescape=True)
        for row in await self._database.rows(sa.select(costs).where(mine)):
            anonymous = dict(row) | {"user": ""}
            await self._database.write((_ADD, tuple(anonymous[name] for name in (*_KEY, *_COUNTED))))
        await self._database.delete(sa.delete(costs).where(mine))

    def _limits(self, payer: Payer, day: date) -> Sequence[tuple[float | None, str, str, str]]:
        """Limit, name, user (empty: everybody), first day."""
        today, month = day.isoformat(), day.replace(day=1).isoformat()
        said = self._settings
        return (
            (said.user_per_day, "user_per_day", payer.user, today),
            (said.user_per_month, "user_per_month", payer.user, month),
            (said.all_per_day, "all_per_day", "", today),
            (said.all_per_month, "all_per_month", "", month),
        )

    async def _standings(self, payer: Payer, day: date) -> list[Standing]:
        standings = []
        for limit, name, user, since in self._limits(payer, day):
            if limit is None:
                continue
            where = [costs.c.day >= since, *([costs.c.user == user] if user else [])]
            total = sa.func.coalesce(sa.func.sum(_UNITS[self._settings.unit]), 0).label("total")
            (row,) = await self._database.rows(sa.select(total).where(*where))
            standings.append(Standing(name, float(row["total"]), limit))
        return standings

    def _warn(self, payer: Payer, standings: Sequence[Standing], day: date) -> None:
        """Tell the operator once a day of each limit that is nearly or wholly spent: the common ones and a user's."""
        if self._told_on != day:
            self._told_on, self._told = day, set()
        for standing in standings:
            user = "" if standing.name.startswith("all") else payer.user
            if not user:
                self.last[standing.name] = standing
                self._tell(standing)
            if standing.share >= _TOLD_FROM and (standing.name, user) not in self._told:
                self._told.add((standing.name, user))
                whose = {"user": user} if user else {}
                log.warning(
                    "budget nearly spent", limit=standing.name, spent=standing.spent, of=standing.limit, **whose
                )

    def _row(self, payer: Payer, day: date, model: str, usage: Usage) -> Row:
        whose = (day.isoformat(), model, payer.knowledge_base, payer.channel, payer.user)
        return (*whose, usage.calls, usage.tokens_in, usage.tokens_out, self.price(model, usage))
