"""Contents of the wheel, by the configuration in pyproject.toml."""

from pathlib import Path

import pytest
import setuptools

tomllib = pytest.importorskip("tomllib")  # part of Python since 3.11

ROOT = Path(__file__).parents[2]
ASSETS = {".css", ".gz", ".html", ".js", ".npz", ".ogg", ".txt", ".typed"}


@pytest.fixture(scope="module")
def configuration():
    with (ROOT / "pyproject.toml").open("rb") as file:
        return tomllib.load(file)["tool"]["setuptools"]


@pytest.fixture(scope="module")
def packages(configuration):
    return setuptools.find_packages(str(ROOT), include=configuration["packages"]["find"]["include"])


def test_only_the_library_is_installed(packages):
    assert {name.partition(".")[0] for name in packages} == {
        "coverband", "cyclegan", "pipelines", "styletransfer", "transcriber", "vaegan", "vocoder"
    }  # fmt: skip


def test_every_folder_with_modules_is_a_package(packages):
    roots = {name for name in packages if "." not in name}
    folders = {path.parent for root in roots for path in (ROOT / root).rglob("*.py")}
    assert {".".join(folder.relative_to(ROOT).parts) for folder in folders} == set(packages)


def test_stylesheets_scripts_pages_and_weights_are_installed(configuration, packages):
    installed = {
        path
        for package, patterns in configuration["package-data"].items()
        for pattern in patterns
        for path in (ROOT / package.replace(".", "/")).glob(pattern)
    }
    roots = {name for name in packages if "." not in name}
    assets = {path for root in roots for path in (ROOT / root).rglob("*") if path.suffix in ASSETS}
    assert len(assets) > 10
    assert assets == installed
