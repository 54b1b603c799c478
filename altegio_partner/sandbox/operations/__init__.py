"""The answering side of Altegio's operations: one handler each, a module for each family."""
