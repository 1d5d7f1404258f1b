"""The store follows the files: only what changed is read, a killed run goes on, one bad file harms nobody."""

import os
import signal
import subprocess
import sys
import time
from dataclasses import replace
from pathlib import Path, PosixPath

import numpy as np
import pytest

from bot.rag.files import Progress, Report, wanted
from bot.rag.freshness import Freshness
from bot.rag.indexing import gather, update
from bot.rag.milvus import MilvusStore
from bot.rag.store import MemoryStore, Store
from faq.content import parse
from faq.content.model import Content
from tests.scripted_models import LetterEmbedder


def content(folder: Path, *patterns: str, name: str = "kb") -> Content:
    """A knowledge base that names documents."""
    listed = ", ".join(f"'{pattern}'" for pattern in patterns)
    text = f"knowledge_base: {name}\ntitle: 帮助\nentries:\n  - {{id: a-{name}, question: 问{name}, answer: 答}}\n"
    base = parse(f"{text}documents: [{listed}]\n", str(folder / f"{name}.yaml"))
    return Content((base,), "1")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A folder with three documents."""
    docs = tmp_path / "docs"
    docs.mkdir()
    (docs / "退货.md").write_text("# 退货\n\n七天内免费退货。\n", encoding="utf-8")
    (docs / "积分.txt").write_text("会员积分每年清零。", encoding="gb18030")
    (docs / "价格.csv").write_text("商品,价格\n杯子,12\n", encoding="utf-8")
    return tmp_path


def _update(folder: Path, store: Store, embedder: LetterEmbedder | None = None, *patterns: str) -> Report:
    files, _ = wanted(content(folder, *(patterns or ("docs/*",))))
    return update(files, store, embedder or LetterEmbedder())[0]


def _texts(store: Store) -> set[str]:
    return {passage.text for document in store.read(store.keys()) for passage in document.passages}


def test_every_named_document_is_stored(folder: Path) -> None:
    """Whatever its format and encoding."""
    store = MemoryStore()
    report = _update(folder, store)
    assert (report.written, report.kept, report.removed, report.skipped) == (3, 0, 0, ())
    assert {"七天内免费退货。", "会员积分每年清零。"} <= _texts(store)


def test_what_did_not_change_is_not_read_again(folder: Path) -> None:
    """A second run embeds nothing, also when a file was only touched."""
    store, embedder = MemoryStore(), LetterEmbedder()
    _update(folder, store, embedder)
    (folder / "docs/退货.md").touch()
    seen = embedder.seen
    report = _update(folder, store, embedder)
    assert (report.written, report.kept, embedder.seen) == (0, 3, seen)


def test_what_was_just_written_is_what_is_read_again(folder: Path) -> None:
    """The run that embeds and the runs after it answer from the same passages and rows, in the same order."""
    files, _ = wanted(content(folder, "docs/*"))
    address = str(folder / "passages.db")
    first, again = (gather(files, lambda: MilvusStore(address, "letters", 64), LetterEmbedder()) for _ in range(2))
    assert (first.report.written, again.report.written) == (3, 0)
    assert first.passages == again.passages
    assert np.allclose(first.vectors, again.vectors)


def test_changed_and_deleted_documents_leave_the_store(folder: Path) -> None:
    """The old words are gone, the new ones are there."""
    store = MemoryStore()
    _update(folder, store)
    (folder / "docs/退货.md").write_text("# 退货\n\n三十天内免费退货。\n", encoding="utf-8")
    (folder / "docs/积分.txt").unlink()
    report = _update(folder, store)
    assert (report.written, report.kept, report.removed) == (1, 1, 2)
    assert "三十天内免费退货。" in _texts(store)
    assert not {"七天内免费退货。", "会员积分每年清零。"} & _texts(store)


def test_a_bad_file_is_skipped_with_its_reason_and_the_rest_goes_on(folder: Path) -> None:
    """Every reason names the file."""
    (folder / "docs/坏.pdf").write_bytes(b"%PDF-1.4 broken")
    (folder / "docs/空.docx").write_bytes(b"")
    (folder / "docs/图.png").write_bytes(b"\x89PNG")
    report = _update(folder, MemoryStore())
    assert report.written == 3
    assert [remark.document for remark in report.skipped] == ["docs/图.png", "docs/坏.pdf", "docs/空.docx"]
    assert all(remark.text for remark in report.skipped)


class Growing(PosixPath):
    """A file that somebody goes on writing while it is read."""

    def read_bytes(self) -> bytes:
        """What is there, and then there is more."""
        data = super().read_bytes()
        with self.open("ab") as file:
            file.write("更多。".encode())
        return data


def test_a_file_that_changes_while_it_is_read_is_left_for_the_next_run(folder: Path) -> None:
    """Nothing of it is stored, what was known of it before is gone, the others are read; then it is read whole."""
    store = MemoryStore()
    _update(folder, store)
    files, _ = wanted(content(folder, "docs/*"))
    (folder / "docs/退货.md").write_text("# 退货\n\n八天内免费退货。\n", encoding="utf-8")
    growing = [replace(file, path=Growing(file.path)) if file.document == "docs/退货.md" else file for file in files]
    report, _ = update(growing, store, LetterEmbedder())
    assert list(map(str, report.skipped)) == ["docs/退货.md: changed while it was read; run again when it is whole"]
    assert (report.kept, {key.document for key in report.keys}) == (2, {"docs/积分.txt", "docs/价格.csv"})
    assert not [text for text in _texts(store) if "退货" in text]
    _update(folder, store)
    assert [text for text in _texts(store) if "退货" in text] == ["八天内免费退货。\n更多。"]


def test_personal_data_is_told_and_kept(folder: Path) -> None:
    """The operator decides; the remark counts, it does not repeat the data."""
    (folder / "docs/名单.txt").write_text("联系人：13812345678，a@example.com。", encoding="utf-8")
    (note,) = _update(folder, MemoryStore()).notes
    assert str(note) == "docs/名单.txt: personal data in it (email 1, phone 1); customers may be shown it"


def test_a_pattern_that_names_nothing_is_told(folder: Path) -> None:
    """A typing error in the knowledge base is not silent."""
    files, remarks = wanted(content(folder, "docs/*.md", "dosc/*.md"))
    assert len(files) == 1
    assert "dosc/*.md" in str(remarks[0])


def test_a_file_named_twice_is_read_once(folder: Path) -> None:
    """Two patterns of one knowledge base may overlap."""
    assert len(wanted(content(folder, "docs/*.md", "docs/*"))[0]) == 3


def test_two_knowledge_bases_may_name_one_file(folder: Path) -> None:
    """Each has its own passages of it."""
    one, other = content(folder, "docs/*.md"), content(folder, "docs/*.md", name="other")
    files, _ = wanted(Content(one.knowledge_bases + other.knowledge_bases, "1"))
    store = MemoryStore()
    update(files, store, LetterEmbedder())
    assert {key.knowledge_base for key in dict(store.keys())} == {"kb", "other"}


def test_a_link_out_of_the_folder_is_not_followed(folder: Path, tmp_path_factory: pytest.TempPathFactory) -> None:
    """What lies elsewhere on the machine is not published."""
    secret = tmp_path_factory.mktemp("elsewhere") / "secret.md"
    secret.write_text("机密", encoding="utf-8")
    (folder / "docs/link.md").symlink_to(secret)
    assert all(file.path.name != "link.md" for file in wanted(content(folder, "docs/*"))[0])


def test_progress_counts_to_the_end(folder: Path) -> None:
    """The bar of the command ends full."""
    seen: list[Progress] = []
    update(wanted(content(folder, "docs/*"))[0], MemoryStore(), LetterEmbedder(), seen.append)
    assert [progress.done for progress in seen] == [0, 1, 2, 3]
    assert seen[-1].passages > 0


def test_a_killed_run_goes_on_where_it_stopped(tmp_path: Path) -> None:
    """After kill -9 in the middle, the next run keeps the whole documents and reads the rest; none is half there."""
    (tmp_path / "docs").mkdir()
    for number in range(60):
        (tmp_path / f"docs/{number:02}.txt").write_text(f"第{number}条：退货说明。\n\n" * 40, encoding="utf-8")
    address = str(tmp_path / "passages.db")
    code = (
        "import sys, time\nfrom pathlib import Path\n"
        "from bot.rag.files import wanted\nfrom bot.rag.indexing import update\n"
        "from bot.rag.milvus import MilvusStore\nfrom tests.scripted_models import LetterEmbedder\n"
        "from tests.test_rag_indexing import content\n"
        f"files, _ = wanted(content(Path({str(tmp_path)!r}), 'docs/*'))\n"
        f"store = MilvusStore({address!r}, 'letters', 64)\n"
        "update(files, store, LetterEmbedder(), lambda p: print(p.done, flush=True))"
    )
    with subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        for line in process.stdout:
            if int(line) >= 10:
                break
        process.send_signal(signal.SIGKILL)
    store = MilvusStore(address, "letters", 64)
    report, _ = update(wanted(content(tmp_path, "docs/*"))[0], store, LetterEmbedder())
    complete = store.keys()
    store.close()
    assert report.kept >= 9
    assert report.written + report.kept == 60
    assert set(complete.values()) == {True}


def test_a_deleted_or_changed_file_is_silent_at_once(folder: Path) -> None:
    """Before any run: its passages no longer count; an untouched or only touched one does."""
    store = MemoryStore()
    report = _update(folder, store)
    freshness = Freshness(report.keys)
    passages = {p.document: p for document in store.read(store.keys()) for p in document.passages}
    assert all(freshness.holds(passage) for passage in passages.values())
    (folder / "docs/退货.md").write_text("# 退货\n\n不再退货了。\n", encoding="utf-8")
    (folder / "docs/积分.txt").unlink()
    os.utime(folder / "docs/价格.csv", (time.time() + 5, time.time() + 5))
    holds = {name: freshness.holds(passage) for name, passage in passages.items()}
    assert holds == {"docs/退货.md": False, "docs/积分.txt": False, "docs/价格.csv": True}
