"""`search`: the hit test of documents. Questions on standard input, a line each; what each finds, as JSON lines.

No language model is called. Documents that changed since `index` ran are read first.
"""

import argparse
import asyncio
import json
import sys

from bot.commands.parsers import Parsers
from bot.rag.documents import Documents
from bot.rag.index import Findings
from bot.rag.opening import open_documents
from faq import content
from faq.embedding import Usem3Embedder


def add(parsers: Parsers) -> None:
    parser = parsers.add_parser("search", help="which passages would questions find? one question a line on stdin")
    parser.add_argument("--top", type=int, default=5, metavar="N", help="passages shown for each question")
    parser.set_defaults(run=run)


def run(args: argparse.Namespace) -> int:
    """Exit code 2 when the store cannot be used."""
    return asyncio.run(_search(args))


async def _search(args: argparse.Namespace) -> int:
    documents = open_documents(args.settings, Usem3Embedder())
    if await documents.refresh(content.load(args.settings.content.knowledge)) is None:
        print("the documents cannot be read; the log tells why", file=sys.stderr)
        return 2
    for line in sys.stdin:
        question = line.rstrip("\r\n")
        print(json.dumps(_row(question, await documents.search(question, args.top), documents), ensure_ascii=False))
    return 0


def _row(question: str, findings: Findings, documents: Documents) -> dict[str, object]:
    return {
        "question": question,
        "answerable": documents.answerable(findings),
        "passages": [
            {
                "document": found.passage.document,
                "section": found.passage.section,
                "page": found.passage.page,
                "score": round(found.score, 4),
                "text": found.passage.text,
            }
            for found in findings.found
        ],
    }
