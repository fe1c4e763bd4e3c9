"""The command, in a process of its own."""

import re
import subprocess
import sys

import pytest

from pipelines.nn import vocoder_file
from tests.data.conftest import corpus  # noqa: F401  (a fixture)

SETTINGS = {
    "network": {"width": 8, "blocks": 1, "kernel": 3, "expansion": 1},
    "judges": {"channels": 2, "resolutions": "128", "periods": "3"},
    "loss": {"resolutions": "128"},
    "data": {"frames": 16, "batch_size": 2},
}
SMALL = [f"--set={group}.{key}={value}" for group, each in SETTINGS.items() for key, value in each.items()]
# Several command lines in one process, for the time that TensorFlow takes to start.
LINES = """
import sys
from absl.testing import flagsaver
from pipelines import console
from vocoder import train
for line in sys.argv[1:]:
    try:
        with flagsaver.flagsaver():
            console.run(train.main, ["train", *line.split(" | ")])
    except SystemExit as stop:
        print("<exit", stop.code or 0, file=sys.stderr)
"""


def run(*lines):
    """What each command line says on stderr, and their exit codes."""
    command = [sys.executable, "-c", LINES, *(" | ".join(line) for line in lines)]
    done = subprocess.run(command, capture_output=True, text=True, timeout=900, check=True)
    *parts, _ = re.split(r"^<exit (\d+)\n", done.stderr, flags=re.MULTILINE)
    return parts[::2], parts[1::2]


@pytest.fixture(scope="module")
def trained(corpus, tmp_path_factory):  # noqa: F811
    """(workdir, what was said, exit codes) of a run, of one that begins with it, and of refusals."""
    folder = tmp_path_factory.mktemp("train")
    data, workdir, other = f"--data={corpus.folder}", f"--workdir={folder / 'run'}", folder / "other"
    told, codes = run(
        [data, workdir, "--steps=1", *SMALL],
        [data, f"--workdir={other}", "--steps=1", f"--init={folder / 'run'}", *SMALL],
        [data, f"--workdir={folder / 'a'}", f"--init={folder / 'none'}", *SMALL],
        [data, f"--workdir={folder / 'b'}", "--keep_best=score/balance"],
        [data, f"--workdir={folder / 'c'}", f"--translator={folder / 'none'}", *SMALL],
    )
    return folder, told, codes


def test_it_trains_and_begins_with_another(trained):
    folder, told, codes = trained
    assert codes == ["0", "0", "1", "1", "1"], told
    assert f"1 steps done; translate with --vocoder {folder / 'run'}" in told[0]
    for name in ("run", "other"):
        assert vocoder_file.load(vocoder_file.find(folder / name)).card.steps == 1


def test_refusals_are_one_sentence(trained):
    folder, told, _ = trained
    assert f"{folder / 'none'} holds no vocoder" in told[2]
    assert "--keep_best and --vocoder are for translators" in told[3]
    assert f"{folder / 'none'} is not a folder" in told[4]
    assert not any("Traceback" in each for each in told)
