"""What Altegio answers with, as frozen values under Altegio's own names. They grow with the API.

Each has `raw`, the object as it came: with fields that were added later, and those that are not worth an attribute.
"""
