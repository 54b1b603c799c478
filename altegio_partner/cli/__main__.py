"""`python -m altegio_partner.cli`, where the command is not on the path."""

from .command import main

main()
