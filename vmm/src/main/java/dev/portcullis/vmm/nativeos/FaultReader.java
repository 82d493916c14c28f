package dev.portcullis.vmm.nativeos;

import dev.portcullis.driver.RemappingDriver;
import dev.portcullis.driver.fault.FaultLog.Overflow;
import dev.portcullis.driver.fault.FaultRecord;
import dev.portcullis.driver.port.DriverException;
import dev.portcullis.spec.interrupt.CompatibilityFormat;
import dev.portcullis.vmm.interrupt.InterruptRouter;
import java.util.concurrent.Semaphore;
import java.util.function.Consumer;

/// The thread that the unit's fault event wakes: reads what was refused.
final class FaultReader implements AutoCloseable {
  private static final int VECTOR = 0x30;

  private final RemappingDriver driver;
  private final Consumer<FaultRecord> reader;
  private final Consumer<String> onTrouble;
  private final Semaphore woken = new Semaphore(0);
  private final Thread thread;
  private volatile boolean closed;

  /// @param reader given each record, oldest first, on any thread, one at a time
  /// @param onTrouble told when the unit cannot be read, or has lost records
  FaultReader(
      RemappingDriver driver,
      InterruptRouter router,
      Consumer<FaultRecord> reader,
      Consumer<String> onTrouble)
      throws DriverException {
    this.driver = driver;
    this.reader = reader;
    this.onTrouble = onTrouble;
    router.receiveOwn(vector -> woken.release());
    thread = Thread.ofPlatform().daemon().name("faults").start(this::run);
    driver.faultEvent().enable(CompatibilityFormat.addressOf(InterruptRouter.MONITOR, 0), VECTOR);
  }

  private void run() {
    while (!closed) {
      try {
        woken.acquire();
        woken.drainPermits();
        read();
      } catch (InterruptedException e) {
        return;
      }
    }
  }

  /// Has what was refused until now read before it returns.
  void read() {
    try {
      if (driver.faults().drain(reader) == Overflow.OVERFLOWED) {
        onTrouble.accept("faults came faster than they were read: some are lost");
      }
    } catch (DriverException e) {
      onTrouble.accept(e.getMessage());
    }
  }

  @Override
  public void close() {
    closed = true;
    try {
      driver.faultEvent().mask();
    } catch (DriverException e) {
      onTrouble.accept(e.getMessage());
    }
    thread.interrupt();
    try {
      thread.join();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
