"""Process of a task that does nothing for a minute, with a child, instead of `coverband.studio.runner`."""

import os
import subprocess
import sys

if __name__ == "__main__":
    descriptor = int(sys.argv[3])
    child = subprocess.Popen(["sleep", "60"], pass_fds=(descriptor,))
    os.pwrite(descriptor, str(os.getpid()).encode(), 0)
    print("sleeping", flush=True)
    child.wait()
