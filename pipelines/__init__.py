"""Everything that the model families share; knows none of them."""

import os
import sys

from pipelines.quiet import QuietImport

# TensorFlow reads this when it is first imported. Imports are sorted with other people's packages first, so
# a module's own line would come too late: the package says it, and cyclegan and tools import the package.
if os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3") == "3":
    sys.meta_path.insert(0, QuietImport("tensorflow"))
