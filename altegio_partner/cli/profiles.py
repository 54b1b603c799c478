"""Where each setting comes from: an option, the environment, a profile of the configuration file, or the keyring."""

import functools
import os
import stat
import tomllib
from collections.abc import Mapping
from importlib import import_module
from pathlib import Path

from attrs import frozen

VARIABLES = {
    "token_file": "ALTEGIO_PARTNER_TOKEN_FILE",
    "application_id": "ALTEGIO_APPLICATION_ID",
    "base_url": "ALTEGIO_BASE_URL",
    "timezone": "ALTEGIO_TIMEZONE",
    "ledger_url": "ALTEGIO_LEDGER_URL",
}
"""The settings of a profile, and their environment variables."""

_EXAMPLE = "Write a table for each profile: [staging], and below it application_id = 123"
_OTHERS = stat.S_IWGRP | stat.S_IWOTH


@frozen
class Setting:
    """A value, and where it comes from, as a person calls it."""

    value: str
    source: str


@frozen
class Profile:
    """A table of the configuration file; without a name, it may be missing."""

    name: str
    values: Mapping[str, object]

    def setting(self, name: str, option: object) -> Setting | None:
        """Return the value of a setting: of its option, else of the environment, else of the profile."""
        if option is not None:
            return Setting(str(option), f"--{name.replace('_', '-')}")
        value = os.environ.get(VARIABLES[name])
        if value:
            return Setting(value, VARIABLES[name])
        if name in self.values:
            return Setting(str(self.values[name]), f"{name} of profile {self.name}")
        return None

    def token_in_keyring(self) -> str:
        """Return the partner token of the system's keyring, or raise ValueError."""
        try:
            keyring = import_module("keyring")  # which few have
        except ModuleNotFoundError:
            raise ValueError(
                f"Profile {self.name} has its token in the keyring. Run: pip install keyring, or write token_file."
            ) from None
        token: str | None = keyring.get_password("altegio-partner", self.name)
        if not token:
            raise ValueError(f"The keyring has no token. Run: keyring set altegio-partner {self.name}")
        return token


def configuration_file() -> Path:
    """Return where the configuration file is, whether it exists or not."""
    folder = os.environ.get("XDG_CONFIG_HOME", "")
    base = folder if Path(folder).is_absolute() else os.path.expanduser("~/.config")  # noqa: PTH111  as for the token
    return Path(base, "altegio-partner", "config.toml")


@functools.cache
def read_profile(option: str | None) -> Profile:
    """Return the profile of that name, else of ALTEGIO_PROFILE, else the one named "default" if there is one.

    Raises:
        ValueError: There is no such profile, or the file cannot be used.
    """
    name = option or os.environ.get("ALTEGIO_PROFILE") or ""
    file = configuration_file()
    found = _tables(file)
    if name and name not in found:
        known = f"It has {', '.join(found)}." if found else f"It does not exist or is empty. {_EXAMPLE}"
        raise ValueError(f"{file} has no profile {name!r}. {known}")
    name = name or "default"
    values = found.get(name, {})
    unknown = sorted(values.keys() - VARIABLES.keys() - {"keyring"})
    if unknown:
        raise ValueError(
            f"{file}: profile {name} has {', '.join(unknown)}, which is no setting. The settings are "
            f"{', '.join(VARIABLES)}, keyring. A token belongs into a file, or into the keyring."
        )
    return Profile(name, values)


def _tables(file: Path) -> dict[str, Mapping[str, object]]:
    if not file.is_absolute():  # a user without a home: a folder that is named ~ is anyone's
        return {}
    try:
        content = file.read_bytes()
    except FileNotFoundError:
        return {}
    except OSError as error:
        raise ValueError(f"{file} cannot be read: {error.strerror}.") from None
    if os.name == "posix" and file.stat().st_mode & _OTHERS:
        raise ValueError(f"Other users can write {file}, and so choose where your token goes. Run: chmod 600 {file}")
    try:
        tables: dict[str, object] = tomllib.loads(content.decode("utf-8-sig"))
    except ValueError as error:
        raise ValueError(f"{file} is not TOML: {error}. {_EXAMPLE}") from None
    wrong = [name for name, values in tables.items() if not isinstance(values, dict)]
    if wrong:
        raise ValueError(f"{file}: {', '.join(wrong)} is outside of a profile. {_EXAMPLE}")
    return {name: values for name, values in tables.items() if isinstance(values, dict)}
