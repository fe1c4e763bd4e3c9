from pathlib import Path

import pytest

from pipelines.inference.export import export
from pipelines.nn.translator import Translator
from tests.inference import tiny


@pytest.fixture(scope="session")
def workdir(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Workdir of a training run with a translator."""
    folder = tmp_path_factory.mktemp("run")
    tiny.trained(folder / "translator")
    return folder


@pytest.fixture(scope="session")
def translator(workdir: Path) -> Translator:
    return tiny.trained(workdir / "translator")


@pytest.fixture(scope="session")
def exported(workdir: Path, translator: Translator, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("exports") / "saved_model"
    export(translator, workdir / "translator", folder)
    return folder
