package dev.portcullis.driver;

import dev.portcullis.spec.register.TableMode;
import java.util.Optional;

/// How a unit is to be driven.
///
/// @param mode of the tables; empty for the best the unit has
/// @param queuePagesLog2 the invalidation queue has 2 to this pages: 0 to 7
public record DriverOptions(Optional<TableMode> mode, int queuePagesLog2) {
  /// The best mode, a queue of one page.
  public static final DriverOptions DEFAULT = new DriverOptions(Optional.empty(), 0);

  /// The same in `wanted` mode.
  public DriverOptions in(TableMode wanted) {
    return new DriverOptions(Optional.of(wanted), queuePagesLog2);
  }
}
