"""What several test files need: both databases, and the long form."""

from __future__ import annotations

import os
import shutil
import signal
import tempfile
import warnings
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from scheduler.store import Store

if TYPE_CHECKING:
    from collections.abc import Iterator


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--long", action="store_true", help="run the long form of the slow matrices")


@pytest.fixture
def long(request: pytest.FixtureRequest) -> bool:
    return bool(request.config.getoption("--long"))


@pytest.fixture(scope="session")
def postgres() -> Iterator[str]:
    """The URL of a real PostgreSQL of this test run; skips, loudly, where none can be had."""
    folder = Path(tempfile.mkdtemp(prefix="campaign-pg-"))
    try:
        with warnings.catch_warnings(action="ignore"):  # it frets over a missing XDG_RUNTIME_DIR
            from pgserver import get_server  # type: ignore[attr-defined]  # noqa: PLC0415

            server = get_server(folder)
    except Exception as error:  # noqa: BLE001  no wheel for this system, or it will not start
        shutil.rmtree(folder, ignore_errors=True)
        warnings.warn(f"PostgreSQL could not be started; its tests are SKIPPED: {error!r}", stacklevel=1)
        pytest.skip(f"no PostgreSQL here: {error!r}")
    yield str(server.get_uri())
    os.kill(int(server.get_pid() or 0), signal.SIGQUIT)  # at once: nothing in it needs to last
    server.cleanup()
    shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.postgres)])
def store(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Store]:
    """An empty store, in each database."""
    if request.param == "sqlite":
        made = Store("sqlite:///campaign.db", tmp_path)
    else:
        made = Store(_fresh_database(request.getfixturevalue("postgres")), tmp_path)
    yield made
    made.close()


def _fresh_database(url: str) -> str:
    import uuid  # noqa: PLC0415

    import psycopg  # noqa: PLC0415

    name = f"t{uuid.uuid4().hex}"
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute(f"CREATE DATABASE {name}")
    return url.replace("postgresql://", "postgresql+psycopg://").replace("/postgres?", f"/{name}?")
