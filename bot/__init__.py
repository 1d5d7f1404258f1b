"""The service: receives, decides, remembers, answers."""

import os

# read by pypinyin when it is imported: its 40 MB of phrases are never used here (decision 0007)
os.environ.setdefault("PYPINYIN_NO_PHRASES", "true")
