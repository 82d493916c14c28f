package dev.portcullis.vmm.platform;

import dev.portcullis.driver.fault.FaultRecord;
import dev.portcullis.pci.RequesterId;
import dev.portcullis.pci.UpstreamPort;
import dev.portcullis.vmm.VmmException;
import dev.portcullis.vmm.VmmException.Reason;
import dev.portcullis.vmm.fault.FaultDesk;
import dev.portcullis.vmm.interrupt.InterruptRouter;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.LinkedBlockingDeque;

/// A requester that is no function's: its requests, and what comes of them, are the monitor's own.
/// It reaches nothing until somebody attaches it to a domain.
///
/// For one thread at a time.
public final class Probe implements AutoCloseable {
  private static final int MOST_KEPT = 64;

  private final RunningPlatform platform;
  private final InterruptRouter router;
  private final FaultDesk desk;
  private final RequesterId requester;
  private final UpstreamPort port;
  private final LinkedBlockingDeque<FaultRecord> faults = new LinkedBlockingDeque<>(MOST_KEPT);
  private final LinkedBlockingDeque<Integer> vectors = new LinkedBlockingDeque<>(MOST_KEPT);
  private final int destination;

  private Probe(
      RunningPlatform platform,
      InterruptRouter router,
      FaultDesk desk,
      RequesterId requester,
      UpstreamPort port) {
    this.platform = platform;
    this.router = router;
    this.desk = desk;
    this.requester = requester;
    this.port = port;
    this.destination = router.add(vectors::offer);
    desk.claim(requester, faults::offer);
  }

  /// The highest requester ID that nobody has is its.
  static Probe open(RunningPlatform platform, InterruptRouter router, FaultDesk desk)
      throws VmmException {
    String unit = platform.description().machine().units().getFirst().id();
    for (int id = 0xffff; id > 0; id--) {
      RequesterId requester = RequesterId.of(id);
      try {
        UpstreamPort port = platform.chassis().openProbe(requester, unit);
        return new Probe(platform, router, desk, requester, port);
      } catch (IllegalArgumentException taken) {
        // The next one may be free.
      } catch (IllegalStateException full) {
        platform.chassis().closeProbe(requester);
        throw new VmmException(Reason.OUT_OF_MEMORY, full.getMessage(), full);
      }
    }
    throw new VmmException(Reason.OUT_OF_MEMORY, "no requester ID is free");
  }

  /// What its requests carry.
  public RequesterId requester() {
    return requester;
  }

  /// Where they go out.
  public UpstreamPort port() {
    return port;
  }

  /// The destination of interrupts that reach it: a local APIC id.
  public int destination() {
    return destination;
  }

  /// What the unit has recorded of its requests since the last call.
  public List<FaultRecord> takeFaults() {
    platform.readFaults();
    return take(faults);
  }

  /// The vectors of interrupts that have come since the last call.
  public List<Integer> takeInterrupts() {
    return take(vectors);
  }

  private static <T> List<T> take(LinkedBlockingDeque<T> from) {
    List<T> taken = new ArrayList<>();
    from.drainTo(taken);
    return taken;
  }

  @Override
  public void close() {
    platform.chassis().closeProbe(requester);
    platform.readFaults();
    desk.disclaim(requester);
    router.remove(destination);
  }
}
