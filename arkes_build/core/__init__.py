"""The ground floor: values and effects that every other part stands on."""
