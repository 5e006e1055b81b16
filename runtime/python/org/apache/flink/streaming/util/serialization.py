"""The older place of the schemas."""

from org.apache.flink.api.common.serialization import DeserializationSchema, SerializationSchema, SimpleStringSchema

__all__ = ["DeserializationSchema", "SerializationSchema", "SimpleStringSchema"]
