"""Check that the repository uses the usual words of the field: prints each unusual one, and fails if there are any."""

import re
import subprocess
import sys
from pathlib import Path

FILES = ("*.py", "*.md", "*.yaml", "*.yml", "*.html", "*.js", "*.toml")
UNUSUAL = re.compile(
    r"\b(tells?|told|telling|untold|mend(s|ed|ing)?|anew|whoever|lest|befall(s|en)?|befell|seldom|mishaps?|heal(s|ed|ing)?"
    r"|unsettled|(came|comes|come) of (it|each|these|that)|of ours|wrong use|in vain|stands? in|in so many|deeds?"
    r"|gi(ve|ven|ves|ving) (its |the )?money back)\b",
    re.IGNORECASE,
)


def main() -> None:
    """Print the place of each unusual word."""
    listed = subprocess.run(["git", "ls-files", "-z", *FILES], capture_output=True, check=True, text=True).stdout
    paths = [Path(name) for name in listed.split("\0") if name and not name.startswith("generated/")]
    found = 0
    for path in sorted({*paths} - {Path(__file__).relative_to(Path.cwd())}):
        for number, line in enumerate([path.as_posix().replace("_", " "), *path.read_text("utf-8").splitlines()]):
            for match in UNUSUAL.finditer(line.replace("_", " ")):
                found += 1
                print(f"{path}:{number}: {match[0]}: {line.strip()[:100]}")
    if found:
        sys.exit(f"{found} unusual words: write the usual ones, such as report, fix, again, rarely, fault.")


if __name__ == "__main__":
    main()
