"""What the sanitizers write into a program's log. The thread sanitizer goes on after it, and a program that is killed
has no exit code that tells of it: whoever keeps the log looks into it."""
import re

COMPLAINT = re.compile(r"WARNING: ThreadSanitizer|ERROR: (Address|Leak)Sanitizer|: runtime error: ")


def check_log(path):
    """Raises what a sanitizer wrote there."""
    if not path.exists():
        return
    text = path.read_text(encoding="utf-8", errors="replace")
    if found := COMPLAINT.search(text):
        raise AssertionError(f"a sanitizer complains:\n{text[found.start():found.start() + 20_000]}")
