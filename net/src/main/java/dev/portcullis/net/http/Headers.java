package dev.portcullis.net.http;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/// The header fields of a message, in order. Names count without their case.
///
/// @param fields what is there, names as they were written
public record Headers(List<Field> fields) {
  /// None.
  public static final Headers NONE = new Headers(List.of());

  /// One field.
  public record Field(String name, String value) {
    /// Neither may hold what would end it.
    public Field {
      if (!Syntax.isToken(name) || !Syntax.isFieldValue(value)) {
        throw new IllegalArgumentException("not a header field: " + name);
      }
    }
  }

  public Headers {
    fields = List.copyOf(fields);
  }

  /// These and one more.
  public Headers with(String name, String value) {
    List<Field> more = new ArrayList<>(fields);
    more.add(new Field(name, value));
    return new Headers(more);
  }

  /// All values of a field.
  public List<String> all(String name) {
    return fields.stream()
        .filter(field -> field.name.equalsIgnoreCase(name))
        .map(Field::value)
        .toList();
  }

  /// The first value of a field.
  public Optional<String> first(String name) {
    return all(name).stream().findFirst();
  }

  /// Whether a field that is a list names `word`.
  boolean lists(String name, String word) {
    return all(name).stream()
        .flatMap(value -> List.of(value.split(",")).stream())
        .anyMatch(one -> one.strip().equalsIgnoreCase(word));
  }
}
