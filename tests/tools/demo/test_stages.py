import os
import re
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from tools.demo import stages


def test_a_stage_has_a_heading_and_its_time(capsys):
    with stages.stage(2, 5, "Training"):
        print("working")
    assert re.fullmatch(r"\n=== 2/5 Training\nworking\n    done in 0:00\n", capsys.readouterr().out)


def test_paths_stay_as_they_are_only_where_commands_start(tmp_path, monkeypatch):
    monkeypatch.chdir(stages.ROOT)
    assert stages.reachable(Path("demo_out")) == Path("demo_out")
    monkeypatch.chdir(tmp_path)
    assert stages.reachable(Path("demo_out")) == tmp_path / "demo_out"


def test_our_tools_are_found_where_a_folder_has_the_same_name(tmp_path, monkeypatch, capfd):
    (tmp_path / "tools").mkdir()
    (tmp_path / "tools" / "__init__.py").write_text("raise SystemExit('wrong tools')")
    monkeypatch.chdir(tmp_path)
    stages.command("coverband.commands.prepare", "--help")
    assert "coverband prepare --content" in capfd.readouterr().out


def test_a_failed_command_ends_the_job_with_its_code(capfd):
    with pytest.raises(SystemExit) as stop:
        stages.command("coverband.commands.prepare", "--content", "nowhere")
    assert stop.value.code == 2
    assert "is missing" in capfd.readouterr().err


def test_a_command_may_finish_after_a_signal(tmp_path):
    """Ctrl-C and SIGTERM leave it the time that it needs; the job then ends with its code."""
    module, done = tmp_path / "slow.py", tmp_path / "done"
    module.write_text(
        "import pathlib, signal, sys, time\n"
        "def save(*_): time.sleep(1); pathlib.Path(sys.argv[1]).touch(); sys.exit(143)\n"
        "signal.signal(signal.SIGTERM, save); signal.signal(signal.SIGINT, signal.SIG_IGN)\n"
        "print('ready', flush=True); time.sleep(60)\n"
    )
    code = f"from tools.demo import stages; stages.command('slow', {str(done)!r})"
    environment = {**os.environ, "PYTHONPATH": f"{tmp_path}:{stages.ROOT}"}
    job = subprocess.Popen(
        [sys.executable, "-c", code], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, env=environment
    )
    with job:
        assert job.stdout.readline() == b"ready\n"
        job.send_signal(signal.SIGINT)
        time.sleep(0.2)
        assert job.poll() is None
        job.send_signal(signal.SIGTERM)
        assert job.wait(timeout=30) == 143
    assert done.exists()
