"""The command `live`: its mistakes and its report."""

from pathlib import Path

import pytest

from coverband.commands import live
from pipelines.errors import UserError
from tests.inference import tiny


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("run")
    tiny.trained(folder / "translator")
    return folder


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (["--clock=file"], "--clock file plays a song through: name it with --input"),
        (["--input=song.wav", "--clock=file"], "has no ONNX export of its present weights: .* writes one"),
        (["--closeness=0.2"], "has no dial of closeness"),
        (["--input=song.wav", "--output=./song.wav"], "song.wav would replace a song by its cover"),
    ],
)
def test_a_mistake_is_one_sentence(run: Path, arguments: list[str], sentence: str):
    with pytest.raises(UserError, match=sentence):
        live.main(["live", f"--model={run}", *arguments])
