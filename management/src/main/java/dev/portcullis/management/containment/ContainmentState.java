package dev.portcullis.management.containment;

import dev.portcullis.management.enforcement.AccessLevel;
import java.util.Arrays;
import java.util.Locale;
import java.util.Optional;

/// Where a partition stands.
///
/// ```
///            SUSPECT             CONTAIN             REMEDIATE               VERIFY
///   NORMAL ─────────▶ SUSPECTED ────────▶ CONTAINED ──────────▶ REMEDIATING ────────▶ VERIFIED
///     ▲                   │     EXPIRE   │  ▲              EXPIRE  │                   │  │
///     │       CLEAR       │              │  └──────────────────────┴───────────────────┘  │
///     │◀──────────────────┘              ▼ EXPIRE                       EXPIRE, SUSPECT   │
///     │                             POWERED_OFF                                           │
///     └───────────────────────────────────────────────────────────────────────────────────┘ CLEAR
/// ```
///
/// CONTAIN and POWER_OFF lead on from everywhere, RELEASE is a person's: see [#after].
public enum ContainmentState {
  /// Nothing is held against it.
  NORMAL(AccessLevel.UNRESTRICTED),
  /// Something is; it goes on for a while.
  SUSPECTED(AccessLevel.UNRESTRICTED),
  /// It reaches remediation alone.
  CONTAINED(AccessLevel.REMEDIATION),
  /// The same, and it is being mended.
  REMEDIATING(AccessLevel.REMEDIATION),
  /// It was mended and found well; somebody has yet to let it go.
  VERIFIED(AccessLevel.REMEDIATION),
  /// It is off, and is switched off again if it begins.
  POWERED_OFF(AccessLevel.NONE);

  private final AccessLevel access;

  ContainmentState(AccessLevel access) {
    this.access = access;
  }

  /// The most it may reach.
  public AccessLevel access() {
    return access;
  }

  /// Whether one that comes here may do no more than in `other`.
  boolean isNoWiderThan(ContainmentState other) {
    return access.compareTo(other.access) >= 0;
  }

  /// Such as `powered-off`.
  public String word() {
    return name().toLowerCase(Locale.ROOT).replace('_', '-');
  }

  static Optional<ContainmentState> of(String word) {
    return Arrays.stream(values()).filter(one -> one.word().equals(word)).findFirst();
  }

  /// Where `trigger` leads from here; empty if it must not come here.
  ///
  /// @param afterSuspicion where suspicion leads when its time is up
  Optional<ContainmentState> after(Trigger trigger, ContainmentState afterSuspicion) {
    ContainmentState next =
        switch (trigger) {
          case SUSPECT ->
              switch (this) {
                case NORMAL -> SUSPECTED;
                case VERIFIED -> CONTAINED;
                default -> this;
              };
          case CONTAIN -> this == POWERED_OFF ? this : CONTAINED;
          case CLEAR -> this == SUSPECTED || this == VERIFIED ? NORMAL : null;
          case REMEDIATE -> this == CONTAINED ? REMEDIATING : null;
          case VERIFY -> this == REMEDIATING ? VERIFIED : null;
          case POWER_OFF -> POWERED_OFF;
          case RELEASE ->
              switch (this) {
                case SUSPECTED, CONTAINED, VERIFIED -> NORMAL;
                case POWERED_OFF -> CONTAINED;
                case NORMAL, REMEDIATING -> null;
              };
          case EXPIRE ->
              switch (this) {
                case SUSPECTED -> afterSuspicion;
                case REMEDIATING, VERIFIED -> CONTAINED;
                case CONTAINED -> POWERED_OFF;
                case NORMAL, POWERED_OFF -> null;
              };
        };
    return Optional.ofNullable(next);
  }
}
