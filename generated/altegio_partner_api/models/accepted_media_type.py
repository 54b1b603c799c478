from enum import StrEnum


class AcceptedMediaType(StrEnum):
    APPLICATIONVND_API_V2JSON = "application/vnd.api.v2+json"

    def __str__(self) -> str:
        return str(self.value)
