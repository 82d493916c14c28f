package dev.portcullis.management.account;

/// Somebody who may log in.
public record Account(String name, Role role) {
  static final String NAME = "[A-Za-z][A-Za-z0-9._-]{0,31}";

  /// @throws IllegalArgumentException if `name` is none
  public Account {
    if (!name.matches(NAME)) {
      throw new IllegalArgumentException(
          "\"" + name + "\" is no name: a letter, then up to 31 letters, digits, dots and hyphens");
    }
  }

  /// Whether it may do what `privilege` is needed for.
  public boolean may(Privilege privilege) {
    return role.may(privilege);
  }
}
