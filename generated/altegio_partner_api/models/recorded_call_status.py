from enum import StrEnum


class RecordedCallStatus(StrEnum):
    MISSED = "missed"
    SUCCESS = "success"

    def __str__(self) -> str:
        return str(self.value)
