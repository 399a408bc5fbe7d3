"""Two visitors whose first clicks come together."""

from __future__ import annotations

import subprocess
import sys

CLICKS = """
import threading
from buqi.studio.libraries import import_libraries

failed = []

def click():
    try:
        import_libraries()
        from transformers import AutoModelForCausalLM, AutoTokenizer
    except ImportError as error:
        failed.append(error)

threads = [threading.Thread(target=click) for _ in range(8)]
for thread in threads:
    thread.start()
for thread in threads:
    thread.join()
print(failed)
"""


def test_libraries_are_imported_by_one_thread_at_a_time():
    assert subprocess.run([sys.executable, "-c", CLICKS], capture_output=True, text=True, check=True).stdout == "[]\n"
