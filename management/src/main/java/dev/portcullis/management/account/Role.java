package dev.portcullis.management.account;

import java.util.Set;

/// What an account may do: Redfish's predefined roles.
public enum Role {
  ADMINISTRATOR(
      "Administrator",
      Set.of(
          Privilege.LOGIN,
          Privilege.CONFIGURE_MANAGER,
          Privilege.CONFIGURE_USERS,
          Privilege.CONFIGURE_COMPONENTS,
          Privilege.CONFIGURE_SELF)),
  OPERATOR(
      "Operator",
      Set.of(Privilege.LOGIN, Privilege.CONFIGURE_COMPONENTS, Privilege.CONFIGURE_SELF)),
  READ_ONLY("ReadOnly", Set.of(Privilege.LOGIN, Privilege.CONFIGURE_SELF));

  private final String word;
  private final Set<Privilege> privileges;

  Role(String word, Set<Privilege> privileges) {
    this.word = word;
    this.privileges = privileges;
  }

  /// Such as `ReadOnly`.
  public String word() {
    return word;
  }

  public Set<Privilege> privileges() {
    return privileges;
  }

  public boolean may(Privilege privilege) {
    return privileges.contains(privilege);
  }

  /// The role that is called `word`.
  ///
  /// @throws IllegalArgumentException if there is none
  public static Role of(String word) {
    for (Role role : values()) {
      if (role.word.equalsIgnoreCase(word)) {
        return role;
      }
    }
    throw new IllegalArgumentException(
        "\"" + word + "\" is none of Administrator, Operator, ReadOnly");
  }
}
