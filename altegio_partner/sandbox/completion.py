"""Shell completion of `altegio-sandbox`."""

import re
from collections.abc import Mapping, Sequence

SHELLS = ("bash", "zsh", "fish")
_OPTION = re.compile(r"^  (?:-h, )?--([\w-]+)( \S)?", re.MULTILINE)
_BASH = """\
_altegio_sandbox() {{
  local words
  case ${{COMP_WORDS[COMP_CWORD-1]}} in
{choices}
    *) words='run {options}' ;;
  esac
  COMPREPLY=($(compgen -W "$words" -- "${{COMP_WORDS[COMP_CWORD]}}"))
}}
complete -o default -F _altegio_sandbox altegio-sandbox
"""
_ZSH = """\
(( $+functions[compdef] )) || {{ autoload -U compinit && compinit }}
autoload -U +X bashcompinit && bashcompinit
"""


def completion(shell: str, usage: str, choices: Mapping[str, Sequence[str]]) -> str:
    """Return the completion script of a shell.

    Args:
        shell: One of `SHELLS`.
        usage: The text of `--help`, from which the options are read.
        choices: The values of the options that have a fixed set of them.
    """
    options = [(name, bool(takes)) for name, takes in _OPTION.findall(usage)]
    if shell == "fish":
        lines = ["complete -c altegio-sandbox -n __fish_use_subcommand -a run"]
        for name, takes_value in options:
            values = choices.get(f"--{name}")
            takes = f" -x -a '{' '.join(values)}'" if values else " -r" if takes_value else ""
            lines.append(f"complete -c altegio-sandbox -l {name}{takes}")
        return "".join(f"{line}\n" for line in lines)
    cases = "\n".join(f"    {name}) words='{' '.join(values)}' ;;" for name, values in choices.items())
    script = _BASH.format(choices=cases, options=" ".join(f"--{name}" for name, _ in options))
    return (_ZSH.format() if shell == "zsh" else "") + script
