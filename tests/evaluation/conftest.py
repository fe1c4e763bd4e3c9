import pytest

from tests.evaluation import small
from tests.inference import tiny

SPLITS = ("train", "train", "valid", "test")


@pytest.fixture
def one_process(monkeypatch):
    small.measure_in_process(monkeypatch)


@pytest.fixture(scope="session")
def folder(tmp_path_factory):
    """data/, pairs/ and run/: four songs in each domain, two pairs, a translator."""
    folder = tmp_path_factory.mktemp("evaluation")
    small.data(folder / "data", SPLITS, SPLITS)
    for number, name in enumerate(("one", "two")):
        small.pair(folder / "pairs", name, 70 + number, notes=name == "one")
    tiny.trained(folder / "run" / "translator")
    return folder
