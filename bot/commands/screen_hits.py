"""`screen --hits`: what the word rules found while serving, a JSON line for each day, category and word."""

import json
import sys
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, time, timedelta
from zoneinfo import ZoneInfo

from bot.database import Database, DatabaseUnavailable
from bot.hits import HitLog
from bot.settings import Settings
from policies.hits import HitRecord, count_by_day

LAST = 3  # places shown of each word and day


async def print_hits(settings: Settings, days: int) -> int:
    """Print what was found today and the days before, `days` in all; newest day first, then the most frequent word."""
    zone = ZoneInfo(settings.content.timezone)
    today = datetime.combine(datetime.now(zone), time(), zone)
    try:
        found = await _read(settings.database_url, today - timedelta(days=max(days, 1) - 1))
    except DatabaseUnavailable as error:
        print(f"the database cannot be read: {error}", file=sys.stderr)
        return 2
    records = [replace(record, when=record.when.astimezone(zone)) for record in found]
    counted = sorted(count_by_day(records).items(), key=lambda item: (item[0][0], item[1]), reverse=True)
    for (day, category, word), count in counted:
        same = [one for one in records if (one.when.date(), one.category, one.word) == (day, category, word)]
        row = {"day": day.isoformat(), "category": category, "word": word, "hits": count}
        print(json.dumps(row | {"last": [_place(one) for one in same[-LAST:]]}, ensure_ascii=False))
    return 0


async def _read(url: str, start: datetime) -> Sequence[HitRecord]:
    database = await Database.open(url)
    try:
        return await HitLog(database).since(start)
    finally:
        await database.close()


def _place(record: HitRecord) -> dict[str, str]:
    return {
        "at": record.when.isoformat(timespec="seconds"),
        "conversation": record.conversation,
        "direction": record.direction,
        "action": record.action,
        "context": record.context,
    }
