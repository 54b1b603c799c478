"""A lock for imports on first use, in any thread and around forks: `with late_imports:` before the import."""

import os
import threading

_lock = late_imports = threading.RLock()

if hasattr(os, "register_at_fork"):  # a child would wait forever for an import that a thread of its parent had begun
    os.register_at_fork(before=_lock.acquire, after_in_parent=_lock.release, after_in_child=_lock.release)
