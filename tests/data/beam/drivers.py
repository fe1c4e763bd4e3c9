"""Faulty substitutes for `launcher._drive`, the process that runs Beam."""

import os
import subprocess
import time


def dies(job, tasks, log, messages):
    log.write_text("some words")
    os._exit(3)


def writes_elsewhere(job, tasks, log, messages):
    log.write_text("some words")
    messages.send("")


def never_ends(job, tasks, log, messages):
    os.setpgid(0, 0)
    child = subprocess.Popen(["sleep", "1000"])
    log.with_name("pids").write_text(f"{os.getpid()} {child.pid}")
    time.sleep(1000)
