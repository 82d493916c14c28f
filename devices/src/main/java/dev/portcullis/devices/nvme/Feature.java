package dev.portcullis.devices.nvme;

/// The features there are.
///
/// @nvme 5.21.1 Feature Specific Information
enum Feature {
  ARBITRATION(0x01, Scope.CONTROLLER, 0xffff_ff07, 6),
  POWER_MANAGEMENT(0x02, Scope.CONTROLLER, 0xff, 0),
  TEMPERATURE_THRESHOLD(0x04, Scope.CONTROLLER, 0x003f_ffff, 0),
  ERROR_RECOVERY(0x05, Scope.NAMESPACE, 0xffff, 0),
  VOLATILE_WRITE_CACHE(0x06, Scope.CONTROLLER, 1, 1),
  NUMBER_OF_QUEUES(0x07, Scope.CONTROLLER, -1, 0),
  INTERRUPT_COALESCING(0x08, Scope.CONTROLLER, 0xffff, 0),
  INTERRUPT_VECTOR_CONFIGURATION(0x09, Scope.CONTROLLER, 0x1_ffff, 0),
  WRITE_ATOMICITY(0x0a, Scope.CONTROLLER, 1, 0),
  ASYNC_EVENT_CONFIGURATION(0x0b, Scope.CONTROLLER, 0xff, 0),
  TIMESTAMP(0x0e, Scope.CONTROLLER, 0, 0);

  /// Whom a feature is about.
  private enum Scope {
    CONTROLLER,
    NAMESPACE
  }

  private static final int PER_NAMESPACE = 1 << 1;
  private static final int CHANGEABLE = 1 << 2;

  private final int id;
  private final Scope scope;
  private final int mask;
  private final int initially;

  Feature(int id, Scope scope, int mask, int initially) {
    this.id = id;
    this.scope = scope;
    this.mask = mask;
    this.initially = initially;
  }

  /// The feature with this identifier, or `null`.
  static Feature of(int id) {
    for (Feature feature : values()) {
      if (feature.id == id) {
        return feature;
      }
    }
    return null;
  }

  /// The bits of the value that mean something.
  int mask() {
    return mask;
  }

  int initially() {
    return initially;
  }

  /// Whether dword 11 asks for something there is: power state 0 is the only one, and errors on
  /// deallocated blocks cannot be had.
  boolean takes(int value) {
    return switch (this) {
      case POWER_MANAGEMENT -> (value & 0x1f) == 0;
      case ERROR_RECOVERY -> (value & 1 << 16) == 0;
      default -> true;
    };
  }

  /// Why Set Features may not name this namespace, or success.
  Status objection(int nsid) {
    if (scope == Scope.NAMESPACE) {
      return objectionToGet(nsid);
    }
    return nsid == 0 || nsid == Command.ALL_NAMESPACES
        ? Status.SUCCESS
        : Status.FEATURE_NOT_NAMESPACE_SPECIFIC;
  }

  /// Why Get Features may not name this namespace, or success.
  Status objectionToGet(int nsid) {
    boolean everyone = nsid == Command.ALL_NAMESPACES || nsid == Namespace.ID;
    boolean known = everyone || nsid == 0 && scope == Scope.CONTROLLER;
    return known ? Status.SUCCESS : Status.INVALID_NAMESPACE;
  }

  /// What can be done with it, for the select value that asks.
  int capabilities() {
    return CHANGEABLE | (scope == Scope.NAMESPACE ? PER_NAMESPACE : 0);
  }
}
