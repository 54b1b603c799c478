"""The base class of all values. It generates no code, because importing twenty classes of attrs takes 20 ms."""

from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Any, ClassVar, Never, Self, TypeVar, cast, dataclass_transform

T = TypeVar("T")


def reads(reader: Callable[[Any], T]) -> T:
    """Declare how an attribute is read from the field of the same name."""
    return cast(T, _Reader(reader))


class _Reader:
    def __init__(self, read: Callable[[Any], object]) -> None:
        self.read = read


@dataclass_transform(kw_only_default=True, frozen_default=True, field_specifiers=(reads,))
class Value:
    """A value in a response. It is immutable, and equal to a value with the same attributes."""

    _readers: ClassVar[dict[str, _Reader]]
    raw: Mapping[str, object] = MappingProxyType({})
    """The object that Altegio sent, including fields that have no attribute. It is neither shown nor compared."""

    def __init_subclass__(cls) -> None:
        cls._readers = {name: one for name, one in vars(cls).items() if isinstance(one, _Reader)}
        for name in cls._readers:
            delattr(cls, name)  # an attribute of the class would hide that one is missing

    def __init__(self, **values: Any) -> None:  # noqa: ANN401  each has a type of its own
        if values.keys() - {"raw"} != self._readers.keys():
            raise TypeError(f"{type(self).__name__} has the attributes {', '.join(self._readers)}, raw")
        vars(self).update(values)

    @classmethod
    def of(cls, raw: object) -> Self:
        """Return the value in an object of the response, or raise TypeError or ValueError."""
        if not isinstance(raw, dict):
            raise TypeError
        given = cast("dict[str, object]", raw)
        return cls(raw=given, **{name: one.read(given.get(name)) for name, one in cls._readers.items()})

    def __setattr__(self, name: str, value: object) -> Never:
        raise AttributeError(f"{type(self).__name__} does not change: {name}")

    def __delattr__(self, name: str) -> Never:
        raise AttributeError(f"{type(self).__name__} does not change: {name}")

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Value) and type(other) is type(self) and self._attributes() == other._attributes()

    def __hash__(self) -> int:
        return hash((type(self), *self._attributes().values()))

    def __repr__(self) -> str:
        shown = ", ".join(f"{name}={value!r}" for name, value in self._attributes().items())
        return f"{type(self).__name__}({shown})"

    def _attributes(self) -> dict[str, Any]:
        return {name: vars(self)[name] for name in self._readers}
