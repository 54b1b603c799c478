"""`altegio-partner`: what the library does, for people and scripts that write no Python."""
