"""`cache`: the kept answers. List them, explain one question, drop some."""

import argparse
import asyncio
import json
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta

from bot.cache.answers import AnswerCache, Candidate
from bot.cache.opening import lifetimes, open_store
from bot.cache.store import Kept
from bot.commands.parsers import Parsers
from bot.database import Database
from bot.settings import Settings
from faq.embedding import Usem3Embedder


def add(parsers: Parsers) -> None:
    parser = parsers.add_parser("cache", help="the answers that are kept: list, explain a question, drop")
    ways = parser.add_mutually_exclusive_group(required=True)
    ways.add_argument("--list", type=int, metavar="N", help="the newest N, as JSON lines")
    ways.add_argument("--explain", metavar="QUESTION", help="which kept answers are near a question, and why not given")
    ways.add_argument("--drop", action="store_true", help="forget answers: those that fit every condition, else all")
    parser.add_argument("--knowledge-base", metavar="ID", help="with --drop: of this knowledge base")
    parser.add_argument("--document", metavar="PATH", help="with --drop: made from this document")
    parser.add_argument("--older-than", type=float, metavar="DAYS", help="with --drop: older than so many days")
    parser.set_defaults(run=run)


def run(args: argparse.Namespace) -> int:
    """Raises DatabaseUnavailable when there is no database, or no Milvus, to look at."""
    return asyncio.run(_run(args, args.settings))


async def _run(args: argparse.Namespace, settings: Settings) -> int:
    database = await Database.open(settings.database_url)
    embedder = Usem3Embedder(cache=settings.data / "cache")
    cache = AnswerCache(open_store(settings, database, embedder.dim), embedder, lifetimes(settings))
    try:
        if args.drop:
            print(f"{await _drop(cache, args)} answers dropped")
        elif args.explain is not None:
            _print(map(_explained, await cache.explain(args.explain)))
        else:
            _print(map(_listed, await cache.store.listed(args.list)))
    finally:
        await cache.store.close()
        await database.close()
    return 0


async def _drop(cache: AnswerCache, args: argparse.Namespace) -> int:
    before = None if args.older_than is None else datetime.now(UTC) - timedelta(days=args.older_than)
    return await cache.store.drop(knowledge_base=args.knowledge_base, document=args.document, before=before)


def _listed(kept: Kept) -> dict[str, object]:
    entry = kept.entry
    return {
        "question": kept.question,
        "answer": entry.text,
        "knowledge_base": entry.knowledge_base,
        "documents": [origin.document for origin in entry.origins],
        "negative": entry.negative,
        "money": round(entry.money, 6),
        "at": kept.at.isoformat(timespec="seconds"),
    }


def _explained(candidate: Candidate) -> dict[str, object]:
    """`refusal` is empty for an answer that is given while its documents still say it."""
    scores = {"likeness": round(candidate.likeness, 4), "freshness": round(candidate.freshness, 4)}
    return {"refusal": candidate.refusal, **scores, **_listed(candidate.kept)}


def _print(rows: Iterable[dict[str, object]]) -> None:
    for row in rows:
        print(json.dumps(row, ensure_ascii=False))
