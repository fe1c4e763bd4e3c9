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


def test_two_models_of_one_name_are_a_user_error(tmp_path: Path):
    roots = [exported(tmp_path / side / "rock") for side in "ab"]
    with pytest.raises(UserError, match="two models are called rock"):
        folders.find(roots)


def test_a_missing_folder_is_a_user_error(tmp_path: Path):
    with pytest.raises(UserError, match="is not a folder"):
        folders.find([tmp_path / "nowhere"])
