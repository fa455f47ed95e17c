"""Rules for the code as text that neither a linter nor import-linter keeps."""

import ast
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from pathlib import Path
from statistics import median, quantiles

import pytest
from importlinter.cli import lint_imports

from dagster_project.settings import PROJECT_ROOT

CODE = sorted(path for folder in ("dagster_project", "ml") for path in (PROJECT_ROOT / folder).rglob("*.py"))

# Importing one of these costs a second or more of processor time, in every process that loads the definitions.
SLOW_LIBRARIES = {"sklearn", "lightgbm", "matplotlib", "scipy", "pandas"}


def modules() -> Iterator[tuple[str, ast.Module]]:
    for path in CODE:
        yield str(path.relative_to(PROJECT_ROOT)), ast.parse(path.read_text())


def modules_with_attribute(owner: str, *names: str) -> set[str]:
    """Modules that use ``owner.name`` or import name from owner."""
    found = set()
    for module, tree in modules():
        for node in ast.walk(tree):
            is_used = (
                isinstance(node, ast.Attribute)
                and isinstance(node.value, ast.Name)
                and node.value.id == owner
                and node.attr in names
            )
            is_imported = (
                isinstance(node, ast.ImportFrom)
                and node.module == owner
                and any(alias.name in names for alias in node.names)
            )
            if is_used or is_imported:
                found.add(module)
    return found


def functions() -> Iterator[tuple[str, int]]:
    for module, tree in modules():
        for node in ast.walk(tree):
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
                assert node.end_lineno is not None
                yield f"{module}:{node.name}", node.end_lineno - node.lineno + 1


def test_imports_go_in_the_agreed_directions(monkeypatch):
    monkeypatch.chdir(PROJECT_ROOT)
    assert lint_imports(config_filename="pyproject.toml", no_cache=True) == 0


def test_only_settings_touches_the_environment():
    assert modules_with_attribute("os", "environ", "getenv", "putenv", "unsetenv") == {"dagster_project/settings.py"}


def test_only_the_warehouse_opens_a_database():
    assert modules_with_attribute("duckdb", "connect") == {"dagster_project/warehouse.py"}


def test_nothing_that_runs_what_it_reads_is_imported():
    unsafe = {"pickle", "cPickle", "dill", "cloudpickle", "joblib", "shelve", "marshal"}
    for module, tree in modules():
        for node in ast.walk(tree):
            names = [alias.name for alias in node.names] if isinstance(node, ast.Import) else []
            if isinstance(node, ast.ImportFrom):
                names = [node.module or ""]
            assert not {name.split(".")[0] for name in names} & unsafe, module


def test_nothing_is_printed():
    for module, tree in modules():
        calls = [
            node.func.id for node in ast.walk(tree) if isinstance(node, ast.Call) and isinstance(node.func, ast.Name)
        ]
        assert "print" not in calls, module


def test_dbt_folder_is_no_python_package():
    """A file __init__.py there would shadow dbt-core."""
    assert [path for path in (PROJECT_ROOT / "dbt").rglob("*.py") if "target" not in path.parts] == []


def test_definitions_fit_on_a_screen():
    lines = (PROJECT_ROOT / "dagster_project" / "definitions.py").read_text().splitlines()
    assert len(lines) <= 60


def test_files_stay_short():
    lengths = {path: len(path.read_text().splitlines()) for path in CODE}
    assert max(lengths.values()) <= 400, max(lengths, key=lambda path: lengths[path])
    assert median(length for length in lengths.values() if length > 1) <= 150


def test_functions_stay_short():
    lengths = dict(functions())
    assert median(lengths.values()) <= 20
    assert quantiles(lengths.values(), n=10)[-1] <= 45


def test_every_package_is_installed():
    settings = tomllib.loads((PROJECT_ROOT / "pyproject.toml").read_text())
    packages = {".".join(path.parent.relative_to(PROJECT_ROOT).parts) for path in CODE if path.name == "__init__.py"}
    assert set(settings["tool"]["setuptools"]["packages"]) == packages


def test_every_folder_of_code_is_a_package():
    assert {path.parent for path in CODE} == {path.parent for path in CODE if path.name == "__init__.py"}


@pytest.fixture(scope="module")
def loaded_with_definitions(own_home: Path) -> set[str]:
    """Top-level modules that a process has after it imported the definitions."""
    script = "import sys, dagster_project.definitions; print(*{name.split('.')[0] for name in sys.modules})"
    finished = subprocess.run(
        [sys.executable, "-c", script], cwd=PROJECT_ROOT, capture_output=True, text=True, check=True
    )
    return set(finished.stdout.split())


def test_definitions_load_without_the_slow_libraries(loaded_with_definitions):
    assert "dagster_dbt" in loaded_with_definitions
    assert not SLOW_LIBRARIES & loaded_with_definitions
