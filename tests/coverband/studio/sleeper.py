"""Process of a task that does nothing for a minute, with a child, instead of `coverband.studio.runner`."""

import subprocess
import sys

if __name__ == "__main__":
    descriptor = int(sys.argv[3])
    child = subprocess.Popen(["sleep", "60"], pass_fds=(descriptor,))
    print("sleeping", flush=True)
    child.wait()
