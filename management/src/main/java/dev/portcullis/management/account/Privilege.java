package dev.portcullis.management.account;

/// What can be allowed: Redfish's standard privileges.
public enum Privilege {
  /// To log in, and to read.
  LOGIN("Login"),
  /// To change the service itself.
  CONFIGURE_MANAGER("ConfigureManager"),
  /// To read and change accounts.
  CONFIGURE_USERS("ConfigureUsers"),
  /// To act on partitions.
  CONFIGURE_COMPONENTS("ConfigureComponents"),
  /// To change one's own account and sessions.
  CONFIGURE_SELF("ConfigureSelf");

  private final String word;

  Privilege(String word) {
    this.word = word;
  }

  /// Such as `ConfigureSelf`.
  public String word() {
    return word;
  }
}
