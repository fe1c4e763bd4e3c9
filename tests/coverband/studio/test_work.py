"""Command lines of works, and the process that runs them."""

import os
import signal
import sys
from pathlib import Path

import pytest

from coverband.studio import process, runner, speed, work
from coverband.studio.home import Home
from coverband.studio.tasks import TaskStore
from coverband.studio.work import Evaluate, Export, Survey, Train, Translate
from pipelines.errors import UserError


@pytest.fixture
def home(tmp_path: Path) -> Home:
    found = Home(tmp_path)
    found.create("band")
    return found


def trained(home: Home, run: str = "a", closeness: bool = True) -> None:
    folder = home.band("band").run(run) / "translator"
    folder.mkdir(parents=True)
    (folder / "card.json").write_text(f'{{"steps": 7, "closeness": {str(closeness).lower()}}}')


def flags(line: list[str]) -> list[str]:
    return line[3:]


def test_a_training_is_new_or_goes_on(home: Home):
    train = Train("band", "a", 10, ("data.frames=32",))
    prepare, new = map(flags, train.command_lines(home))
    band = home.band("band").path
    folders = ["--content", str(home.path / "content"), "--band", str(band / "songs")]
    assert prepare == ["prepare", *folders, "--out", str(band / "data"), "--nosurvey"]
    assert new[:2] == ["train", "vaegan"]
    assert new[-1] == "--set=data.frames=32"
    assert "--resume" not in new
    (band / "runs/a").mkdir(parents=True)
    (band / "runs/a/config.json").write_text("{}")
    again = flags(train.command_lines(home)[1])
    assert again[-1] == "--resume"
    assert again[again.index("--minutes") + 1] == "10"


def test_a_training_starts_from_the_base(home: Home):
    line = flags(Train("band", "a", 2, base=True).command_lines(home)[1])
    assert line[line.index("--preset") : line.index("--preset") + 4] == [
        "--preset",
        "vaegan_base",
        "--init",
        "shipped",
    ]
    run = home.band("band").run("a")
    run.mkdir(parents=True)
    (run / "config.json").write_text("{}")
    assert "--init" not in Train("band", "a", 2, base=True).command_lines(home)[1]


@pytest.mark.parametrize(
    ("rate", "minutes", "summary", "checkpoint"),
    [(2.0, 10, "240", "120"), (0.05, 10, "10", "10"), (20.0, 480, "28800", "1200"), (2.0, 60, "720", "120")],
)
def test_the_cadence_follows_the_measured_speed(
    home: Home, monkeypatch: pytest.MonkeyPatch, rate: float, minutes: float, summary: str, checkpoint: str
):
    monkeypatch.setattr(speed, "measured", lambda runs: rate)
    line = Train("band", "a", minutes).command_lines(home)[1]
    assert line[line.index("--summary_every") + 1] == summary
    assert line[line.index("--checkpoint_every") + 1] == checkpoint


def test_a_translation_names_the_stem_and_the_cover(home: Home):
    song = home.band("band").path / "covers/my song"
    song.mkdir(parents=True)
    wanted = Translate("band", "a", "my song", 0.5, 0.25, 3.0)
    with pytest.raises(UserError, match="there is no song"):
        wanted.command_lines(home)
    (song / "source.mp3").touch()
    with pytest.raises(UserError, match="learnt nothing yet"):
        wanted.command_lines(home)
    trained(home)
    (song / "source.vocals.wav").touch()
    line = flags(wanted.command_lines(home)[0])
    assert line[0] == "translate"
    assert line[line.index("--model") + 1] == str(home.band("band").run("a"))
    assert line[line.index("--output") + 1] == str(song / "a, strength 50%, closeness 25%, singer +3 dB.wav")
    assert line[-3:] == ["--vocals", str(song / "source.vocals.wav"), "--vocals_level=3"]


def test_the_best_model_is_used_where_it_is_not_the_newest(home: Home):
    trained(home)
    run = home.band("band").run("a")
    (run / "best").mkdir()
    (run / "best/card.json").write_text('{"steps": 4}')
    works = (Translate("band", "a", "my song"), Evaluate("band", "a"), Export("band", "a"))
    song = home.band("band").path / "covers/my song"
    song.mkdir(parents=True)
    (song / "source.mp3").touch()
    for record, model in (
        ("{}", run),
        ('{"metric": "score/balance", "value": null, "step": null}', run),
        ('{"metric": "score/balance", "value": 0.5, "step": 7}', run),
        ('{"metric": "score/balance", "value": 0.5, "step": 4}', run / "best"),
    ):
        (run / "best.json").write_text(record)
        for each in works:
            line = flags(each.command_lines(home)[0])
            assert line[line.index("--model") + 1] == str(model)
    assert "--keep_best" in Train("band", "a", 10).command_lines(home)[1]


def test_a_translation_takes_another_vocoder_and_the_style_of_another_band(home: Home):
    song = home.band("band").path / "covers/my song"
    song.mkdir(parents=True)
    (song / "source.mp3").touch()
    trained(home)
    home.create("other")
    wanted = Translate("band", "a", "my song", vocoder="shipped", style="other")
    line = flags(wanted.command_lines(home)[0])
    assert line[line.index("--vocoder") + 1] == "shipped"
    assert line[line.index("--style") + 1] == str(home.path / "bands/other/songs")
    assert wanted.cover == "a, style of other, neural vocoder"
    plain = flags(Translate("band", "a", "my song").command_lines(home)[0])
    assert not {"--vocoder", "--style"} & set(plain)


def test_the_base_plays_with_nothing_trained(home: Home):
    song = home.band("band").path / "covers/my song"
    song.mkdir(parents=True)
    (song / "source.mp3").touch()
    home.create("other")
    for style, heard, cover in (("", "band", "at once"), ("other", "other", "at once, style of other")):
        wanted = Translate("band", "", "my song", style=style)
        line = flags(wanted.command_lines(home)[0])
        assert line[line.index("--style") + 1] == str(home.path / f"bands/{heard}/songs")
        assert line[line.index("--output") + 1] == str(song / f"{cover}.wav")
        assert "--model" not in line
    assert Translate("band", "At once", "my song").cover == "by At once"


@pytest.mark.parametrize(
    ("programs", "code", "written"),
    [
        (["print('one')", "print('two')"], 0, "one\ntwo\n"),
        (["print('one'); raise SystemExit(3)", "print('two')"], 3, "one\n"),
        (["import os, signal; os.kill(os.getpid(), signal.SIGKILL)", "print('two')"], 137, ""),
        (["import os, signal; os.kill(os.getppid(), signal.SIGTERM)", "print('two')"], 143, ""),
    ],
)
def test_the_runner_stops_at_the_first_failure(
    home: Home, monkeypatch: pytest.MonkeyPatch, capfd, programs: list[str], code: int, written: str
):
    task = TaskStore(home).add(Survey("band"))
    lines = [[sys.executable, "-c", program] for program in programs]
    monkeypatch.setattr(work.Survey, "command_lines", lambda *_: lines)
    lock = os.open(task.folder / process.LOCK, os.O_RDWR | os.O_CREAT)
    before = {number: signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM)}
    try:
        assert runner.run(task.folder, home, lock) == code
    finally:
        os.close(lock)
        for number, handler in before.items():
            signal.signal(number, handler)
    assert capfd.readouterr().out == written
