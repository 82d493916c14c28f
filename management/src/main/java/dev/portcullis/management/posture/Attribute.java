package dev.portcullis.management.posture;

import java.util.List;

/// Something that a collector said.
///
/// @param fields as many as the type has; printable, and 80 characters at most
public record Attribute(AttributeType type, List<String> fields) {
  public Attribute {
    fields = List.copyOf(fields);
  }

  String field(int index) {
    return fields.get(index);
  }
}
