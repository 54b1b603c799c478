"""The environment variables for clients, written for shells, CI systems and programs."""

import json
import os
import shlex
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Literal, get_args

if TYPE_CHECKING:
    from .sandbox import Sandbox

Format = Literal["sh", "env", "json", "powershell", "github"]
FORMATS: tuple[Format, ...] = get_args(Format)


def settings_for(sandbox: "Sandbox", url: str) -> dict[str, str]:
    """Return the environment variables that make a client call this sandbox, which is served at a URL.

    They are all the variables that decide where a client or the command line calls, and with which credentials: one
    that was set for the real Altegio would otherwise still apply.
    """
    return {
        "ALTEGIO_BASE_URL": url,
        "ALTEGIO_API_URL": f"{url}/api/v1",
        "ALTEGIO_TARIFFS_URL": url,
        "ALTEGIO_PARTNER_TOKEN": sandbox.partner_token,
        "ALTEGIO_PARTNER_TOKEN_FILE": "",  # as if it were not set: a file takes precedence over the token
        "ALTEGIO_USER_TOKEN": sandbox.user_token,
        "ALTEGIO_APPLICATION_ID": str(sandbox.application_id),
    }


def settings_text(form: Format, environment: Mapping[str, str]) -> str:
    """Return the settings in a format."""
    match form:
        case "sh":
            lines = [f"export {name}={shlex.quote(value)}" for name, value in environment.items()]
        case "powershell":
            quoted = {name: value.replace("'", "''") for name, value in environment.items()}
            lines = [f"$env:{name} = '{value}'" for name, value in quoted.items()]
        case "json":
            lines = [json.dumps(environment)]
        case _:
            lines = [f"{name}={value}" for name, value in environment.items()]
    return "".join(f"{line}\n" for line in lines)


def print_settings(form: Format, environment: Mapping[str, str]) -> None:
    """Print the settings. Those for GitHub go to the file that its later steps read."""
    text = settings_text(form, environment)
    if form != "github":
        print(text, end="", flush=True)
        return
    file = os.environ.get("GITHUB_ENV")
    if not file:
        raise ValueError("--format github: GITHUB_ENV is not set. GitHub sets it in the steps of a workflow.")
    with Path(file).open("a", encoding="utf-8") as variables:
        variables.write(text)


def check_env_file(file: Path, environment: Mapping[str, str]) -> None:
    """Raise ValueError if a file has other settings, which writing it would delete."""
    text = file.read_text(encoding="utf-8") if file.exists() else ""
    for line in text.splitlines():
        name = line.partition("=")[0]
        if name not in environment:
            raise ValueError(f"{file} has other settings, such as {name}: pass a file of its own.")


def write_atomically(file: Path, text: str) -> None:
    """Write a file. Other programs never see a part of it."""
    part = file.with_name(f"{file.name}.part")
    part.write_text(text, encoding="utf-8")
    part.replace(file)
