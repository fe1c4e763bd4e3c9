"""The command, in a process of its own."""

import pytest

from pipelines.nn.neural_vocoder import checkpoint
from tests import commands
from tests.data.conftest import corpus  # noqa: F401  (a fixture)

pytestmark = pytest.mark.slow

SETTINGS = {
    "network": {"width": 8, "blocks": 1, "kernel": 3, "expansion": 1},
    "discriminator": {"channels": 2, "resolutions": "128", "periods": "3"},
    "loss": {"resolutions": "128"},
    "data": {"frames": 16, "batch_size": 2},
}
SMALL = [f"--set={group}.{key}={value}" for group, each in SETTINGS.items() for key, value in each.items()]


def run(*lines):
    """Output on stderr of each command line, and their exit codes."""
    done = [commands.run("vocoder.train", *line) for line in lines]
    return [each.stderr for each in done], [each.returncode for each in done]


@pytest.fixture(scope="module")
def trained(corpus, tmp_path_factory):  # noqa: F811
    """(workdir, what was said, exit codes) of a run, of one that begins with it, and of refusals."""
    folder = tmp_path_factory.mktemp("train")
    data, workdir, other = f"--data={corpus.folder}", f"--workdir={folder / 'run'}", folder / "other"
    output, codes = run(
        [data, workdir, "--steps=1", *SMALL],
        [data, f"--workdir={other}", "--steps=1", f"--init={folder / 'run'}", *SMALL],
        [data, f"--workdir={folder / 'a'}", f"--init={folder / 'none'}", *SMALL],
        [data, f"--workdir={folder / 'b'}", "--keep_best=score/balance"],
        [data, f"--workdir={folder / 'c'}", f"--translator={folder / 'none'}", *SMALL],
    )
    return folder, output, codes


def test_it_trains_and_begins_with_another(trained):
    folder, output, codes = trained
    assert codes == [0, 0, 1, 1, 1], output
    assert f"1 steps done; translate with --vocoder {folder / 'run'}" in output[0]
    for name in ("run", "other"):
        assert checkpoint.load(checkpoint.find(folder / name)).card.steps == 1


def test_refusals_are_one_sentence(trained):
    folder, output, _ = trained
    assert f"{folder / 'none'} does not exist" in output[2]
    assert "--keep_best and --vocoder are for translators" in output[3]
    assert f"{folder / 'none'} is not a folder" in output[4]
    assert not any("Traceback" in each for each in output)
