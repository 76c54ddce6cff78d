"""Installing into the database."""

from __future__ import annotations

import pytest

from stratix import catalogue
from stratix.benchmarks.store import CannotInstall, install
from stratix.storage import benchmarks
from stratix.storage.database import Database


def task_file(folder, name: str, count: int) -> None:
    examples = ", ".join(f'{{"input": "question {n} of {name}", "target": "yes"}}' for n in range(count))
    (folder / f"{name}.json").write_text(f'{{"canary": "", "examples": [{examples}]}}')


async def test_a_smaller_import_does_not_take_the_place_of_a_larger_one(database: Database, tmp_path):
    entry = next(entry for entry in catalogue.public_benchmarks() if entry.key == "bbh")
    # Tasks whose published hashes the catalogue does not know, so that any file will do.
    names = [file.name.removesuffix(".json") for file in entry.sources[0].files if file.sha256 is None][:3]
    few, more = tmp_path / "few", tmp_path / "more"
    few.mkdir()
    more.mkdir()
    task_file(few, names[0], 4)
    for name in names[:2]:
        task_file(more, name, 4)
    first = await install(database, entry, few, tmp_path)
    second = await install(database, entry, more, tmp_path)
    assert (first.prompt_count, second.prompt_count) == (4, 8)
    with pytest.raises(CannotInstall, match="installed with 8 prompts"):
        await install(database, entry, few, tmp_path)
    async with database.read() as connection:
        latest = await benchmarks.latest_version(connection, entry.id)
    assert latest is not None
    assert latest.prompt_count == 8
