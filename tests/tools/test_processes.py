import os
import re
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from tools import processes


def test_section_prints_heading_and_time(capsys):
    with processes.section(2, 5, "Training"):
        print("working")
    assert re.fullmatch(r"\n=== 2/5 Training\nworking\n    done in 0:00\n", capsys.readouterr().out)


def test_paths_are_absolute_unless_commands_start_here(tmp_path, monkeypatch):
    monkeypatch.chdir(processes.ROOT)
    assert processes.argument_path(Path("demo_out")) == Path("demo_out")
    monkeypatch.chdir(tmp_path)
    assert processes.argument_path(Path("demo_out")) == tmp_path / "demo_out"


def test_folder_of_the_user_does_not_shadow_tools(tmp_path, monkeypatch, capfd):
    (tmp_path / "tools").mkdir()
    (tmp_path / "tools" / "__init__.py").write_text("raise SystemExit('wrong tools')")
    monkeypatch.chdir(tmp_path)
    processes.run_command("coverband.commands.prepare", "--help")
    assert "coverband prepare --content" in capfd.readouterr().out


def test_failed_command_exits_with_its_code(capfd):
    with pytest.raises(SystemExit) as stop:
        processes.run_command("coverband.commands.prepare", "--content", "nowhere")
    assert stop.value.code == 2
    assert "is missing" in capfd.readouterr().err


def test_command_may_save_after_a_signal(tmp_path):
    """After Ctrl-C or SIGTERM the parent waits for the command, and exits with its code."""
    module, done = tmp_path / "slow.py", tmp_path / "done"
    module.write_text(
        "import pathlib, signal, sys, time\n"
        "def save(*_): time.sleep(1); pathlib.Path(sys.argv[1]).touch(); sys.exit(143)\n"
        "signal.signal(signal.SIGTERM, save); signal.signal(signal.SIGINT, signal.SIG_IGN)\n"
        "print('ready', flush=True); time.sleep(60)\n"
    )
    code = f"from tools import processes; processes.run_command('slow', {str(done)!r})"
    environment = {**os.environ, "PYTHONPATH": f"{tmp_path}:{processes.ROOT}"}
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
