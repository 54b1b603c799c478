"""Whether a file can be there: what is wrong with its folder, and how to fix it."""

import shlex
from pathlib import Path


def check_folder(option: str, file: Path) -> bool:
    """Return whether the file exists, or raise ValueError if its folder does not, or cannot be looked into."""
    try:
        file.stat()
    except (FileNotFoundError, NotADirectoryError):
        folder = file.parent
        if folder.is_dir():
            return False
        fix = f"Run: mkdir -p {shlex.quote(str(folder))}"
        raise ValueError(f"{option} {file}: the folder {folder} does not exist. {fix}") from None
    except OSError as error:
        raise ValueError(f"{option} {file} cannot be reached: {error.strerror}. Name another file.") from None
    return True
