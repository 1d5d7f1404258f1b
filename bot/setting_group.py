"""What every group of settings is: frozen, strict, and silent about values in its errors."""

from pydantic import BaseModel, ConfigDict


class Group(BaseModel):
    """One table of the settings file."""

    model_config = ConfigDict(frozen=True, extra="forbid", hide_input_in_errors=True)
