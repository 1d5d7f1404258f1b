"""What several test files need: content of their own, a service on it, and databases that really run."""

import asyncio
import itertools
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest
import structlog

from bot.database import Database
from bot.settings import Settings, load
from faq.embedding import Usem3Embedder
from tests.peers.gateway import install_node_modules
from tests.servers import Postgres, open_tables, run_postgres

_numbers = itertools.count()
ORDERS = """\
knowledge_base: orders
title: 订单
entries:
  - id: track
    question: 怎么查物流？
    variants: [快递到哪了, 我的包裹什么时候到]
    answer: 打开「我的订单」，点「查看物流」。
    answers: {wechat: 回复「物流」即可查看。}
  - id: cancel
    question: 怎么取消订单？
    variants: [不想要了怎么退掉订单]
    answer: 发货前可以在「我的订单」里点「取消订单」。
  - id: invoice
    question: 怎么开发票？
    variants: [可以开增值税发票吗]
    answer: 在订单详情页点「申请发票」。
  - id: track-en
    question: Where is my parcel?
    variants: [How do I track my order]
    answer: Open My Orders and choose Track.
"""


@pytest.fixture(scope="session")
def embedder() -> Usem3Embedder:
    """The embedded model, loaded once."""
    return Usem3Embedder()


@pytest.fixture
def knowledge(tmp_path: Path) -> Path:
    """A folder with one small knowledge base."""
    folder = tmp_path / "knowledge"
    folder.mkdir()
    (folder / "orders.yaml").write_text(ORDERS, encoding="utf-8")
    return folder


@pytest.fixture(scope="session")
def learnt(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where what is learnt of the small knowledge base is kept between tests."""
    return tmp_path_factory.mktemp("learnt")


@pytest.fixture
def settings(tmp_path: Path, knowledge: Path, learnt: Path) -> Settings:
    """Settings whose every file is in the test's own folder, but for what was learnt before."""
    (tmp_path / "data").mkdir()
    (tmp_path / "data/cache").symlink_to(learnt)
    file = tmp_path / "zhida.toml"
    content = f'knowledge = "{knowledge}"\nrates_days = 99999'  # the rates that ship are of a fixed day
    file.write_text(f'data = "data"\n[content]\n{content}\n', encoding="utf-8")
    return load(file, {})


@pytest.fixture(scope="session")
def postgres() -> Iterator[Postgres]:
    """A PostgreSQL server of Debian's on a free port, in a folder that goes away."""
    with run_postgres() as server:
        yield server


@pytest.fixture
async def database(tmp_path: Path) -> AsyncIterator[Database]:
    """A fresh database, in a file."""
    opened = await open_tables(tmp_path / "zhida.db")
    yield opened
    await opened.close()


@pytest.fixture(params=["sqlite", "postgresql"])
async def each_database(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[Database]:
    """A fresh one of each kind."""
    url = f"sqlite:///{tmp_path}/new folder/each.db"
    if request.param == "postgresql":
        server: Postgres = request.getfixturevalue("postgres")
        url = server.create_database(f"each{next(_numbers)}")
    opened = await Database.open(url)
    yield opened
    await opened.close()


@pytest.fixture(autouse=True)
def plain_log() -> Iterator[None]:
    """A command that configured the log to the stderr of its test does not do so for the next one."""
    yield
    structlog.reset_defaults()


@pytest.fixture(autouse=True)
async def no_leftover_task() -> AsyncIterator[None]:
    """A test that leaves a task running fails: in production that task would be lost work."""
    before = asyncio.all_tasks()
    yield
    left = [task.get_name() for task in asyncio.all_tasks() - before if task is not asyncio.current_task()]
    assert not left, f"tasks left running: {left}"


@pytest.fixture(scope="session")
def node_modules() -> Path:
    """The vendors' npm packages that tests talk to, installed from the lock file."""
    return install_node_modules()
