package dev.portcullis.vmm.platform;

import dev.portcullis.driver.command.EventInterrupt;
import dev.portcullis.driver.port.DriverException;
import dev.portcullis.spec.interrupt.CompatibilityFormat;
import dev.portcullis.vmm.VmmException;
import dev.portcullis.vmm.fault.FaultDesk;
import dev.portcullis.vmm.interrupt.InterruptRouter;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;

/// The thread that the unit's fault event wakes: it has the desk read what was refused. Now and
/// then it looks without being woken, for what was withheld. Between two looks it rests, so that a
/// storm of faults takes it no more time than the records it finds full.
final class FaultWatch implements AutoCloseable {
  private static final int VECTOR = 0x30;
  private static final long LOOK_MILLIS = 500;
  private static final long REST_MILLIS = 10;

  private final EventInterrupt event;
  private final FaultDesk desk;
  private final Consumer<String> onTrouble;
  private final Semaphore woken = new Semaphore(0);
  private final Thread thread;
  private volatile boolean closed;

  /// @param router where the event arrives, with the monitor's own interrupts
  /// @param onTrouble told when the unit cannot be read
  FaultWatch(
      EventInterrupt event, FaultDesk desk, InterruptRouter router, Consumer<String> onTrouble)
      throws DriverException {
    this.event = event;
    this.desk = desk;
    this.onTrouble = onTrouble;
    router.receiveOwn(vector -> woken.release());
    thread = Thread.ofPlatform().daemon().name("monitor faults").start(this::run);
    event.enable(CompatibilityFormat.addressOf(InterruptRouter.MONITOR, 0), VECTOR);
  }

  private void run() {
    while (!closed) {
      try {
        woken.tryAcquire(LOOK_MILLIS, TimeUnit.MILLISECONDS);
        woken.drainPermits();
        look();
        TimeUnit.MILLISECONDS.sleep(REST_MILLIS);
      } catch (InterruptedException e) {
        return;
      }
    }
  }

  /// What reads them.
  FaultDesk desk() {
    return desk;
  }

  /// Has what was refused until now read before it returns.
  void look() {
    try {
      desk.read();
    } catch (VmmException e) {
      onTrouble.accept(e.getMessage());
    }
  }

  @Override
  public void close() {
    closed = true;
    try {
      event.mask();
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
