package dev.portcullis.driver;

import dev.portcullis.driver.interrupt.InterruptOptions;
import dev.portcullis.driver.pagerequest.PageRequestHandler;
import dev.portcullis.spec.register.TableMode;
import java.util.Optional;

/// How a unit is to be driven.
///
/// @param mode of the tables; empty for the best the unit has
/// @param queuePagesLog2 each queue has 2 to this pages: 0 to 7
/// @param pageRequests what answers devices that ask for pages; empty if none may
/// @param interrupts how interrupts are remapped; empty if they are not
public record DriverOptions(
    Optional<TableMode> mode,
    int queuePagesLog2,
    Optional<PageRequestHandler> pageRequests,
    Optional<InterruptOptions> interrupts) {
  /// The best mode, queues of one page, no page requests, interrupts as they are.
  public static final DriverOptions DEFAULT =
      new DriverOptions(Optional.empty(), 0, Optional.empty(), Optional.empty());

  /// The same in `wanted` mode.
  public DriverOptions in(TableMode wanted) {
    return new DriverOptions(Optional.of(wanted), queuePagesLog2, pageRequests, interrupts);
  }

  /// The same with devices that ask for pages.
  public DriverOptions answering(PageRequestHandler handler) {
    return new DriverOptions(mode, queuePagesLog2, Optional.of(handler), interrupts);
  }

  /// The same with interrupts remapped.
  public DriverOptions remapping(InterruptOptions wanted) {
    return new DriverOptions(mode, queuePagesLog2, pageRequests, Optional.of(wanted));
  }
}
