"""The sources of settings: options, the environment, profiles in the configuration file, and the keyring."""

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
_WRITABLE_BY_OTHERS = stat.S_IWGRP | stat.S_IWOTH


@frozen
class Setting:
    """The value of a setting, and the name of its source."""

    value: str
    source: str


@frozen
class Profile:
    """A table of the configuration file. It is empty if the user named none, and there is no default."""

    name: str
    values: Mapping[str, object]

    def setting(self, name: str, option: object) -> Setting | None:
        """Return a setting, from its option, the environment or the profile, in this order; None if it is not set."""
        if option is not None:
            return Setting(str(option), f"--{name.replace('_', '-')}")
        value = os.environ.get(VARIABLES[name])
        if value:
            return Setting(value, VARIABLES[name])
        if name in self.values:
            return Setting(str(self.values[name]), f"{name} of profile {self.name}")
        return None

    def token_in_keyring(self) -> str:
        """Return the partner token from the system's keyring, or raise ValueError."""
        setting = f"keyring of profile {self.name}"
        try:
            keyring = import_module("keyring")  # an optional package
            token: str | None = keyring.get_password("altegio-partner", self.name)
        except Exception as error:  # noqa: BLE001  its backends raise any, and their texts may show a secret
            if isinstance(error, ModuleNotFoundError) and error.name == "keyring":
                fix = "Run: pip install keyring, or write token_file."
                raise ValueError(f"{setting} needs a package that is not installed. {fix}") from None
            fix = "Unlock or configure the keyring (see `keyring diagnose`), or write token_file."
            raise ValueError(f"{setting} cannot be used: {type(error).__name__}. {fix}") from None
        if not token:
            raise ValueError(f"The keyring has no token. Run: keyring set altegio-partner {self.name}")
        return token


def configuration_file() -> Path:
    """Return the path of the configuration file, which may not exist."""
    folder = os.environ.get("XDG_CONFIG_HOME", "")
    base = folder if Path(folder).is_absolute() else os.path.expanduser("~/.config")  # noqa: PTH111  as for the token
    return Path(base, "altegio-partner", "config.toml")


@functools.cache
def read_profile(option: str | None) -> Profile:
    """Return the profile named by the option, by ALTEGIO_PROFILE, or "default", in this order.

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
            f"{file}: profile {name} has unknown settings: {', '.join(unknown)}. The settings are "
            f"{', '.join(VARIABLES)}, keyring. Put a token into a file, or into the keyring."
        )
    return Profile(name, values)


def _tables(file: Path) -> dict[str, Mapping[str, object]]:
    if not file.is_absolute():  # the user has no home: a folder named ~ may belong to anyone
        return {}
    try:
        content = file.read_bytes()
    except FileNotFoundError:
        return {}
    except OSError as error:
        raise ValueError(f"{file} cannot be read: {error.strerror}.") from None
    if os.name == "posix" and file.stat().st_mode & _WRITABLE_BY_OTHERS:
        raise ValueError(f"Other users can write {file}, and so choose where your token goes. Run: chmod 600 {file}")
    try:
        tables: dict[str, object] = tomllib.loads(content.decode("utf-8-sig"))
    except ValueError as error:
        raise ValueError(f"{file} is not TOML: {error}. {_EXAMPLE}") from None
    wrong = [name for name, values in tables.items() if not isinstance(values, dict)]
    if wrong:
        raise ValueError(f"{file}: {', '.join(wrong)} is not in the table of a profile. {_EXAMPLE}")
    return {name: values for name, values in tables.items() if isinstance(values, dict)}
