"""What the package hands out, what it needs, and that both trees say the same."""

from __future__ import annotations

import importlib.metadata
import inspect
import os
import re
import shutil
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

import layerlens
import layerlens.models
from layerlens import _aio, _threads

ROOT = Path(__file__).parents[2]


def test_all_is_pinned():
    assert sorted(layerlens.__all__) == [
        "APIConnectionError",
        "APIError",
        "APIResponseValidationError",
        "APIStatusError",
        "APITimeoutError",
        "AsyncClient",
        "AsyncPublicClient",
        "AsyncStratix",
        "AuthenticationError",
        "BadRequestError",
        "Client",
        "ConflictError",
        "IncompletePagesError",
        "InternalServerError",
        "NotFoundError",
        "PermissionDeniedError",
        "PublicClient",
        "RateLimitError",
        "Stratix",
        "StratixError",
        "UnprocessableEntityError",
        "__version__",
    ]
    assert layerlens.Client is layerlens.Stratix
    assert layerlens.AsyncClient is layerlens.AsyncStratix
    for module in (layerlens, layerlens.models):
        assert all(hasattr(module, name) for name in module.__all__)


def test_the_version_is_the_distributions():
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    assert layerlens.__version__ == project["version"]


def resources(client):
    return {
        name: thing
        for name, thing in vars(client).items()
        if not name.startswith("_") and not hasattr(thing, "base_url")
    }


def public_methods(thing):
    return {
        name: method
        for name, method in inspect.getmembers(type(thing), inspect.isfunction)
        if not name.startswith("_")
    }


EXPECTED = {
    "Stratix": {
        "models": "add create_custom delete_custom get get_by_id get_by_key get_try remove start_try try_out "
        "update_custom",
        "benchmarks": "add cancel_generation create_custom create_smart get get_all_prompts get_by_id "
        "get_by_key get_install_progress get_overlaps get_prompts get_verify_progress install "
        "preview_custom remove resume_generation start_install start_verify verify "
        "wait_for_completion",
        "budgets": "get get_by_id remove set",
        "cache": "clear get",
        "api_keys": "create get revoke",
        "platform": "get_options get_providers get_storage remove_provider_key set_provider_key",
        "evaluations": "apply_scoring cancel cancel_scoring compare create delete estimate get get_budget "
        "get_by_id get_contamination get_disagreements get_figures get_many get_scoring get_scoring_changes "
        "get_scorings pause rescore resume retry revert_scoring set_budget wait_for_completion",
        "leaderboards": "get get_benchmarks",
        "results": "get get_all get_all_by_id get_by_id get_neighbours get_one get_others prepare_search",
    },
    "PublicClient": {
        "models": "get get_by_id get_by_key",
        "benchmarks": "get get_all_prompts get_by_id get_by_key get_prompts",
        "evaluations": "compare get get_by_id get_contamination get_disagreements get_figures get_many "
        "wait_for_completion",
        "comparisons": "compare compare_models",
        "leaderboards": "get get_benchmarks",
        "results": "get get_all get_all_by_id get_by_id get_neighbours get_one get_others prepare_search",
    },
}


@pytest.mark.parametrize("name", ["Stratix", "PublicClient"])
def test_both_clients_have_the_same_documented_methods(name):
    sync = getattr(layerlens, name)(api_key="k")
    asynchronous = getattr(layerlens, f"Async{name}")(api_key="k")
    methods = {noun: public_methods(thing) for noun, thing in resources(sync).items()}
    assert {noun: " ".join(sorted(found)) for noun, found in methods.items()} == EXPECTED[name]
    for noun, thing in resources(asynchronous).items():
        for method_name, method in public_methods(thing).items():
            twin = methods[noun][method_name]
            assert inspect.iscoroutinefunction(method), method_name
            assert not inspect.iscoroutinefunction(twin), method_name
            assert inspect.signature(method).parameters == inspect.signature(twin).parameters
            check_docstring(twin)


def check_docstring(method):
    text = inspect.getdoc(method)
    assert text, method
    assert text.split("\n")[0].endswith("."), method
    parameters = [name for name in inspect.signature(method).parameters if name != "self"]
    if "`ResultView`" in text:
        text += inspect.getdoc(layerlens.models.ResultView)
    for name in parameters:
        assert re.search(rf"^ +\*?{name}: ", text, re.MULTILINE), f"{method.__qualname__}: {name}"
    assert "Raises:" in text, method


def test_the_runtimes_are_twins():
    names = {
        name
        for name, thing in vars(_aio).items()
        if not name.startswith("_") and getattr(thing, "__module__", None) == _aio.__name__
    }
    twins = {
        name
        for name, thing in vars(_threads).items()
        if not name.startswith("_") and getattr(thing, "__module__", None) == _threads.__name__
    }
    assert names == twins
    assert _aio.IS_ASYNC is not _threads.IS_ASYNC


def test_the_synchronous_tree_is_what_the_script_generates():
    script = ROOT / "scripts/unasync.py"
    done = subprocess.run([sys.executable, script, "--check"], capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr


def test_a_changed_synchronous_tree_is_noticed(tmp_path):
    for name in ("scripts/unasync.py", "pyproject.toml", "src/layerlens"):
        source, target = ROOT / name, tmp_path / name
        target.parent.mkdir(parents=True, exist_ok=True)
        (shutil.copytree if source.is_dir() else shutil.copy)(source, target)
    run = [sys.executable, tmp_path / "scripts/unasync.py"]
    client = tmp_path / "src/layerlens/_sync/client.py"
    before = client.read_bytes()
    client.write_bytes(before + b"# by hand\n")
    stray = client.with_name("stray.py")
    stray.touch()
    done = subprocess.run([*run, "--check"], capture_output=True, text=True)
    assert done.returncode == 1
    assert "differs: src/layerlens/_sync/client.py" in done.stdout
    assert "differs: src/layerlens/_sync/stray.py" in done.stdout
    subprocess.run(run, check=True, capture_output=True)
    assert client.read_bytes() == before
    assert not stray.exists()


def closure(*names):
    """Return the distributions that these need, without extras."""
    found, todo = set(), list(names)
    while todo:
        name = re.sub(r"[-_.]+", "-", todo.pop()).lower()
        if name in found:
            continue
        found.add(name)
        for requirement in importlib.metadata.requires(name) or ():
            if "extra ==" in requirement or "python_version <" in requirement:
                continue
            todo.append(re.match(r"[\w.-]+", requirement)[0])
    return found


@pytest.fixture(scope="module")
def clean(tmp_path_factory):
    """Run Python where nothing but httpx, pydantic and what they need is installed."""
    site = tmp_path_factory.mktemp("site")
    for name in closure("httpx", "pydantic"):
        distribution = importlib.metadata.distribution(name)
        for top in {file.parts[0] for file in distribution.files} - {"..", "__pycache__"}:
            (site / top).symlink_to(distribution.locate_file(top))
    (site / "layerlens").symlink_to(ROOT / "src/layerlens")
    environment = {
        name: value
        for name, value in os.environ.items()
        if not name.startswith(("PYTHON", "COV_")) and name != "STRATIX_CREDENTIALS_FILE"
    }
    environment["PYTHONPYCACHEPREFIX"] = str(tmp_path_factory.mktemp("bytecode"))

    def run(code):
        start = f"import sys; sys.path.append({str(site)!r})\n"
        command = [sys.executable, "-S", "-s", "-W", "error", "-c", start + code]
        done = subprocess.run(command, capture_output=True, text=True, env=environment, cwd=site)
        assert done.returncode == 0, done.stderr
        return done.stdout.strip()

    return run


def test_importing_needs_httpx_and_pydantic_alone(clean):
    listed = clean(
        "import layerlens, layerlens.models\n"
        "layerlens.Stratix(api_key='k'); layerlens.AsyncStratix(api_key='k')\n"
        "tops = {name.partition('.')[0] for name in sys.modules} - set(sys.stdlib_module_names)\n"
        "print(*sorted(top for top in tops if not top.startswith(('__', '_sysconfigdata'))))"
    ).split()
    allowed = {"layerlens"}
    for name in closure("httpx", "pydantic"):
        tops = {file.parts[0].partition(".")[0] for file in importlib.metadata.distribution(name).files}
        allowed |= tops
    assert {"layerlens", "httpx", "pydantic"} <= set(listed) <= allowed


def test_importing_takes_less_than_300_ms(clean):
    # CPU time: what else the machine does must not count.
    code = "import time; begun = time.process_time(); import layerlens; print(time.process_time() - begun)"
    clean(code)
    assert min(float(clean(code)) for _ in range(5)) < 0.3
