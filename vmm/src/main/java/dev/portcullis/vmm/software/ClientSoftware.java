package dev.portcullis.vmm.software;

import dev.portcullis.guest.edu.EduDriver;
import dev.portcullis.guest.memory.PageAllocator;
import dev.portcullis.guest.pci.PciBus;
import dev.portcullis.guest.pci.PciDevice;
import dev.portcullis.guest.pci.PciException;
import dev.portcullis.guest.port.GuestMachine;
import dev.portcullis.guest.port.MachineCheckException;
import dev.portcullis.pci.RequesterId;
import dev.portcullis.vmm.engine.ConsoleLog;
import dev.portcullis.vmm.engine.embedded.Software;
import dev.portcullis.vmm.platform.description.NetworkAddress;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/// The software of a client partition: drives the disk and the network card it finds, and does what
/// it is asked to.
public final class ClientSoftware implements Software, Client {
  private static final long BOOT_SECONDS = 10;

  private final String name;
  private final Optional<NetworkAddress> address;
  private final Shutdown shutdown = new Shutdown();
  private Booted booted;

  /// What it has found.
  private record Booted(GuestMachine machine, PciBus bus, PageAllocator memory) {}

  /// @param name of the partition
  /// @param address in the network; none if it uses none
  public ClientSoftware(String name, Optional<NetworkAddress> address) {
    this.name = name;
    this.address = address;
  }

  @Override
  public void run(GuestMachine machine, ConsoleLog console) throws InterruptedException {
    shutdown.clear();
    PciBus bus = new PciBus(machine);
    Booted now = new Booted(machine, bus, new PageAllocator(machine.ramBytes()));
    try {
      do {
        look(now, console);
        put(now);
      } while (shutdown.awaitChange());
    } finally {
      put(null);
    }
  }

  private void look(Booted now, ConsoleLog console) {
    for (PciDevice device : now.bus.scan()) {
      console.line("%s: %04x:%04x".formatted(device, device.id() & 0xffff, device.id() >>> 16));
    }
  }

  private synchronized void put(Booted now) {
    booted = now;
    notifyAll();
  }

  private synchronized Booted await() throws ClientException, InterruptedException {
    long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(BOOT_SECONDS);
    while (booted == null) {
      long left = TimeUnit.NANOSECONDS.toMillis(deadline - System.nanoTime());
      if (left <= 0) {
        throw new ClientException(name + " does not run");
      }
      wait(left);
    }
    return booted;
  }

  @Override
  public void functionsChanged() {
    shutdown.change();
  }

  @Override
  public void powerButton() {
    shutdown.press();
  }

  /// Has the partition do something, on a thread of its own.
  private <T> T within(Duration limit, Callable<T> work)
      throws ClientException, InterruptedException {
    FutureTask<T> task = new FutureTask<>(work);
    Thread thread = Thread.ofPlatform().daemon().name(name + " work").start(task);
    try {
      return task.get(limit.toMillis(), TimeUnit.MILLISECONDS);
    } catch (TimeoutException e) {
      throw new ClientException("not done within " + limit.toSeconds() + " s", e);
    } catch (ExecutionException e) {
      throw new ClientException(e.getCause().getMessage(), e.getCause());
    } finally {
      thread.interrupt();
    }
  }

  @Override
  public Duration ping(int to, Duration limit) throws ClientException, InterruptedException {
    throw new ClientException(name + " has no such driver");
  }

  @Override
  public String page(int host, String path, Duration limit)
      throws ClientException, InterruptedException {
    throw new ClientException(name + " has no such driver");
  }

  @Override
  public Moved transfer(int host, long bytes, Duration limit)
      throws ClientException, InterruptedException {
    throw new ClientException(name + " has no such driver");
  }

  @Override
  public Moved disk(long bytes, Duration limit) throws ClientException, InterruptedException {
    throw new ClientException(name + " has no such driver");
  }

  @Override
  public List<RequesterId> functions() throws ClientException, InterruptedException {
    Booted now = await();
    return within(
        Duration.ofSeconds(BOOT_SECONDS),
        () -> now.bus.scan().stream().map(device -> RequesterId.of(device.at())).toList());
  }

  @Override
  public DmaEnd attack(RequesterId edu, long to, Duration limit)
      throws ClientException, InterruptedException {
    Booted now = await();
    return within(limit, () -> attack(now, edu, to));
  }

  private static DmaEnd attack(Booted now, RequesterId edu, long to)
      throws PciException, InterruptedException, ClientException {
    PciDevice device =
        now.bus.find(EduDriver.ID).stream()
            .filter(one -> one.at() == edu.id())
            .findFirst()
            .orElseThrow(() -> new ClientException("there is no edu device at " + edu));
    try {
      EduDriver driver = new EduDriver(now.machine.processor(), device);
      return driver.write(to, 4) ? DmaEnd.DONE : DmaEnd.REFUSED;
    } catch (MachineCheckException e) {
      throw new ClientException("the device at " + edu + " is gone", e);
    }
  }
}
