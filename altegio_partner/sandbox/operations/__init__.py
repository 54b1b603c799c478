"""The handlers of Altegio's operations, in one module for each family."""
