"""The results of calls, as immutable values with Altegio's own field names. They grow with the API.

Each has `raw`, the object as it came: with fields that were added later, and those that are not worth an attribute.
"""
