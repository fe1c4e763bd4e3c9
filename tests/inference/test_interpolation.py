"""Interpolation of styles, file by file."""

from pathlib import Path

import numpy as np
import pytest
import soundfile

from pipelines.errors import UserError
from pipelines.inference import interpolation
from pipelines.inference.style import StyleConditioner, set_style
from pipelines.inference.translate import SongTranslator
from pipelines.inference.window_translator import WindowTranslator
from tests.inference import tiny

FIRST, SECOND = np.array([1.0, -1.0], np.float32), np.array([-1.0, 0.5], np.float32)


@pytest.fixture
def song(tmp_path: Path) -> Path:
    soundfile.write(tmp_path / "a.b.wav", tiny.song(0.6), tiny.SPEC.sample_rate)
    return tmp_path / "a.b.wav"


@pytest.fixture(scope="module")
def conditioner(tmp_path_factory: pytest.TempPathFactory) -> StyleConditioner:
    folder = tmp_path_factory.mktemp("styled")
    tiny.trained_styled(folder / "translator")
    return StyleConditioner.from_run(folder)


def test_every_step_has_one_file():
    steps = interpolation.plan(Path("x/a.b.mp3"), Path("out"), steps=5, suffix=".flac")
    assert [step.weight for step in steps] == [0.0, 0.25, 0.5, 0.75, 1.0]
    weights = ("0.00", "0.25", "0.50", "0.75", "1.00")
    assert [str(step.job.target) for step in steps] == [f"out/a.b.{weight}.flac" for weight in weights]
    assert all(step.job.keep and step.job.source == Path("x/a.b.mp3") for step in steps)
    many = interpolation.plan(Path("a.wav"), Path("out"), steps=101, suffix=".wav", overwrite=True)
    assert len({step.job.target for step in many}) == 101
    assert not any(step.job.keep for step in many)


@pytest.mark.slow
def test_every_step_has_its_style(conditioner: StyleConditioner, song: Path, tmp_path: Path):
    steps = interpolation.plan(song, tmp_path / "out", steps=3, suffix=".wav")
    interpolation.run(steps, conditioner, FIRST, SECOND)
    for step, latent in zip(steps, (FIRST, [0.0, -0.25], SECOND), strict=True):
        set_style(conditioner.translator, np.asarray(latent))
        window_translator = WindowTranslator.from_translator(conditioner.translator)
        SongTranslator(window_translator).translate_file(song, tmp_path / "expected.wav")
        found, expected = (soundfile.read(path)[0] for path in (step.job.target, tmp_path / "expected.wav"))
        np.testing.assert_allclose(found, expected, atol=1e-4)


def test_existing_files_are_kept(conditioner: StyleConditioner, song: Path, tmp_path: Path):
    steps = interpolation.plan(song, tmp_path / "out", steps=2, suffix=".wav")
    (tmp_path / "out").mkdir()
    steps[0].job.target.write_text("an earlier run's")
    interpolation.run(steps, conditioner, FIRST, SECOND)
    assert steps[0].job.target.read_text() == "an earlier run's"
    assert soundfile.info(steps[1].job.target).frames == soundfile.info(song).frames


def test_a_folder_that_is_a_file_is_a_user_error(conditioner: StyleConditioner, song: Path):
    with pytest.raises(UserError, match="cannot be made"):
        interpolation.run(interpolation.plan(song, song, steps=2, suffix=".wav"), conditioner, FIRST, SECOND)
