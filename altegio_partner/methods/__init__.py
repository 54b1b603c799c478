"""The methods of both clients, written by `nox -s generate`. Do not edit."""
