"""`index`: loads the documents that the knowledge bases name into the vector store. A run that was killed goes on.

Only what is new or changed is read; what is gone is forgotten. What was left out is told with the reason.
"""

import argparse
import sys
from functools import partial

from bot.commands.parsers import Parsers
from bot.llm.model import UpstreamError
from bot.rag.files import Progress, Report, wanted
from bot.rag.indexing import gather
from bot.rag.opening import document_embedder, learnt_bar, store_opener
from bot.rag.store import StoreError
from faq import content
from faq.embedding import Usem3Embedder

_WIDTH = 24  # characters of the bar


def add(parsers: Parsers) -> None:
    parser = parsers.add_parser("index", help="load the documents into the vector store; only what changed is read")
    parser.add_argument(
        "--rebuild", action="store_true", help="forget the store first, as after a change of embeddings"
    )
    parser.set_defaults(run=run)


def run(args: argparse.Namespace) -> int:
    """Exit code 2 when the store or the embedding provider cannot be used; skipped documents are told, not failures."""
    taught = content.load(args.settings.content.knowledge)
    files, missing = wanted(taught)
    embedder = document_embedder(args.settings, Usem3Embedder())
    try:
        open_store = partial(store_opener(args.settings, embedder), clear=args.rebuild)
        gathered = gather(files, open_store, embedder, _show, learnt_bar(args.settings))
    except (StoreError, UpstreamError) as error:
        print(error, file=sys.stderr)
        return 2
    for remark in missing:
        print(remark, file=sys.stderr)
    _tell(gathered.report)
    return 0


def _show(progress: Progress) -> None:
    """One line that is rewritten; on a terminal only."""
    if not sys.stderr.isatty():
        return
    share = progress.done / max(progress.total, 1)
    bar = "#" * round(share * _WIDTH)
    line = (
        f"\r[{bar:<{_WIDTH}}] {progress.done}/{progress.total}  {progress.passages} passages  {progress.document[:40]}"
    )
    print(f"{line:<110}", end="\n" if progress.done == progress.total else "", file=sys.stderr, flush=True)


def _tell(report: Report) -> None:
    for remark in report.skipped:
        print(f"skipped  {remark}", file=sys.stderr)
    for remark in report.notes:
        print(f"note     {remark}", file=sys.stderr)
    print(
        f"{report.written} documents written ({report.passages} passages), {report.kept} unchanged, "
        f"{report.removed} removed, {len(report.skipped)} skipped"
    )
