"""Documents as the settings say: which store, which embeddings, which models in which order.

The SDKs and the store are heavy (0.5 to 1 s, 70 to 130 MB each), so a module is imported when its name is in use.
"""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from functools import partial
from importlib import import_module
from pathlib import Path
from typing import Any, Protocol

from pydantic import SecretStr

from bot import log
from bot.answer_settings import ModelSettings
from bot.llm.metering import MeteredModel
from bot.llm.model import LanguageModel, Reranker, UpstreamError
from bot.llm.resilience import FallbackModel, Limits, ResilientModel
from bot.rag.apart import WorkDied, run_apart
from bot.rag.documents import Documents, Policy
from bot.rag.files import Progress, Remark, Wanted
from bot.rag.store import Gathered, Store, StoreError
from bot.settings import Settings, SettingsError
from faq.embedding import Embedder, Usem3Embedder

_PROVIDERS: Mapping[str, tuple[str, str]] = {
    "dashscope": ("bot.llm.dashscope", "DashScope"),
    "openai": ("bot.llm.openai_compatible", "OpenAI"),
}


def open_documents(settings: Settings, embedder: Embedder) -> Documents:
    """Put the parts together; `refresh` then reads the documents. Raises SettingsError when a key is missing."""
    said = settings.documents
    own = document_embedder(settings, embedder)
    policy = Policy(said.answer_from, said.nearest_from, said.passages, said.prompt_chars)

    gather = partial(_gather_apart, settings)
    return Documents(own, gather, _model(settings.model), _reranker(settings), policy)


async def _gather_apart(settings: Settings, files: Sequence[Wanted]) -> Gathered:
    """Read in a process of its own; a file that ends the process is left out and the others are read."""
    reading = settings.data / "reading.txt"  # which file the process is at
    skipped: list[Remark] = []
    while True:
        try:
            gathered = await run_apart(partial(_gather, settings, tuple(files), reading), StoreError)
        except WorkDied as error:
            name = reading.read_text(encoding="utf-8") if reading.exists() else ""
            culprit = next((file for file in files if str(file.path) == name), None)
            if culprit is None:
                raise StoreError(f"the process that reads documents ended: {error}") from error
            skipped.append(Remark(culprit.document, f"ended the process that read it ({error}); save it again"))
            files = [file for file in files if file.path != culprit.path]
        else:
            report = replace(gathered.report, skipped=(*skipped, *gathered.report.skipped))
            return replace(gathered, report=report)
        finally:
            reading.unlink(missing_ok=True)


def _gather(settings: Settings, files: Sequence[Wanted], reading: Path) -> Gathered:
    """What runs apart: it imports the parsers and the store, and has an embedder of its own."""
    log.configure(settings.log)
    embedder = document_embedder(settings, Usem3Embedder(cache=settings.data / "cache"))
    settings.data.mkdir(parents=True, exist_ok=True)

    def note(progress: Progress) -> None:
        current = files[progress.done : progress.done + 1]
        reading.write_text(str(current[0].path) if current else "", encoding="utf-8")

    gathered: Gathered
    try:
        gather = import_module("bot.rag.indexing").gather
        gathered = gather(files, store_opener(settings, embedder), embedder, note, learnt_bar(settings))
    except UpstreamError as error:
        raise StoreError(str(error)) from error
    return gathered


def learnt_bar(settings: Settings) -> Path:
    """The file that keeps the bar learnt from the documents."""
    return settings.data / "cache" / "bar.json"


class OpenStore(Protocol):
    def __call__(self, *, clear: bool = False) -> Store: ...


def store_opener(settings: Settings, embedder: Embedder) -> OpenStore:
    """What opens the store of the settings; opening raises StoreError."""
    said = settings.documents
    address = said.store or str(settings.data / "passages.db")

    def open_store(*, clear: bool = False) -> Store:
        store: Store = import_module("bot.rag.milvus").open_store(
            address, embedder.id, embedder.dim, _secret(said.store_token), clear=clear
        )
        return store

    return open_store


def _model(said: ModelSettings) -> LanguageModel | None:
    """The models in their order, each behind its own breaker."""
    limits = Limits(
        first_piece=said.first_piece_seconds,
        between_pieces=said.between_pieces_seconds,
        whole=said.whole_seconds,
        attempts=said.attempts,
        concurrency=said.concurrency,
    )
    models = [ResilientModel(MeteredModel(_make("Model", name, said)), limits) for name in said.use]
    return FallbackModel(models) if models else None


def document_embedder(settings: Settings, embedder: Embedder) -> Embedder:
    """The embedder that the settings name for documents, else the given one."""
    said = settings.documents
    if said.embedding is None:
        return embedder
    made: Embedder = _make("Embedder", said.embedding, settings.model, dim=said.embedding_width)
    return made


def _reranker(settings: Settings) -> Reranker | None:
    if settings.documents.rerank is None:
        return None
    reranker: Reranker = _make("Reranker", settings.documents.rerank, settings.model)
    return reranker


def _make(role: str, name: str, said: ModelSettings, **more: object) -> Any:
    """One class of one provider, such as DashScopeModel."""
    provider, _, model = name.partition("/")
    module, prefix = _PROVIDERS[provider]
    keys = {"dashscope": said.dashscope_key, "openai": said.openai_key}
    addresses = {"dashscope": said.dashscope_address, "openai": said.openai_address}
    if provider == "dashscope" and keys[provider] is None:
        raise SettingsError(f"{name} needs a key; set the environment variable DASHSCOPE_API_KEY")
    if provider == "openai" and keys[provider] is None and addresses[provider] is None:
        raise SettingsError(f"{name} needs model.openai_address, or a key in the environment variable OPENAI_API_KEY")
    made = getattr(import_module(module), prefix + role)
    return made(model, _secret(keys[provider]), address=addresses[provider], **more)


def _secret(secret: SecretStr | None) -> str:
    return secret.get_secret_value() if secret is not None else ""
