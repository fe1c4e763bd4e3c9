"""Shared code of all model packages, which imports none of them."""

import os
import sys

from pipelines.quiet import QuietImport

# TensorFlow reads this variable when it is imported. Sorted imports put third-party packages first, so that a
# module's own assignment would come too late.
if os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3") == "3":
    sys.meta_path.insert(0, QuietImport("tensorflow"))
