from pathlib import Path

import pytest

from pipelines.errors import UserError
from pipelines.serving import folders


def exported(folder: Path) -> Path:
    folder.mkdir(parents=True)
    (folder / "saved_model.pb").touch()
    return folder


def test_an_export_is_version_1_of_its_name(tmp_path: Path):
    folder = exported(tmp_path / "my model")
    assert folders.find([folder]) == {"my-model": {1: folder}}


def test_versions_and_models(tmp_path: Path):
    one, ten = exported(tmp_path / "rock" / "1"), exported(tmp_path / "rock" / "10")
    brass = exported(tmp_path / "brass")
    (tmp_path / "rock" / "11").mkdir()  # being copied: not an export yet
    (tmp_path / "notes").mkdir()
    (tmp_path / ".rock.part").mkdir()
    assert folders.find([tmp_path]) == {"brass": {1: brass}, "rock": {1: one, 10: ten}}
    assert folders.find([tmp_path / "rock"]) == {"rock": {1: one, 10: ten}}


def test_a_run_is_its_onnx_export_by_the_name_of_the_run(tmp_path: Path):
    run = tmp_path / "rock"
    (run / "translator").mkdir(parents=True)
    (run / "translator" / "translator.keras").touch()
    assert folders.find([run]) == {}
    (run / "onnx").mkdir()
    (run / "onnx" / "network.onnx").touch()
    assert folders.find([run]) == {"rock": {1: run / "onnx"}}


def test_a_model_may_be_called_as_a_folder_of_runs(tmp_path: Path):
    model = exported(tmp_path / "translator")
    assert folders.find([tmp_path]) == {"translator": {1: model}}


def test_two_models_of_one_name_are_a_user_error(tmp_path: Path):
    roots = [exported(tmp_path / side / "rock") for side in "ab"]
    with pytest.raises(UserError, match="two models are called rock"):
        folders.find(roots)


def test_a_missing_folder_is_a_user_error(tmp_path: Path):
    with pytest.raises(UserError, match="is not a folder"):
        folders.find([tmp_path / "nowhere"])
