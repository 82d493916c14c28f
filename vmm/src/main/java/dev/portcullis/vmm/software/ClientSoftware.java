package dev.portcullis.vmm.software;

import dev.portcullis.guest.block.BlockDevice;
import dev.portcullis.guest.edu.EduDriver;
import dev.portcullis.guest.pci.PciDevice;
import dev.portcullis.guest.pci.PciException;
import dev.portcullis.guest.port.GuestMachine;
import dev.portcullis.guest.port.MachineCheckException;
import dev.portcullis.net.host.NetworkHost;
import dev.portcullis.net.packet.Ipv4Address;
import dev.portcullis.pci.RequesterId;
import dev.portcullis.vmm.engine.ConsoleLog;
import dev.portcullis.vmm.engine.embedded.Software;
import dev.portcullis.vmm.platform.description.NetworkAddress;
import java.time.Duration;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.stream.Collectors;

/// The software of a client partition: drives the disk and the network card it finds, and does what
/// it is asked to.
public final class ClientSoftware implements Software, Client {
  private static final long BOOT_SECONDS = 10;
  private static final Duration COMMAND_LIMIT = Duration.ofSeconds(3);
  private static final Duration PING_LIMIT = Duration.ofMillis(200);

  private final String name;
  private final Optional<NetworkAddress> address;
  private final Shutdown shutdown = new Shutdown();
  private final Packages packages = new Packages();
  private ClientDevices devices;

  /// @param name of the partition
  /// @param address in the network; none if it uses none
  public ClientSoftware(String name, Optional<NetworkAddress> address) {
    this.name = name;
    this.address = address;
  }

  @Override
  public void run(GuestMachine machine, ConsoleLog console) throws InterruptedException {
    packages.forget();
    ClientDevices found = new ClientDevices(machine, address, console);
    try {
      do {
        found.look();
        put(found);
      } while (shutdown.awaitChange());
    } finally {
      put(null);
      found.leaveNetwork();
      shutdown.clear();
    }
  }

  private synchronized void put(ClientDevices found) {
    devices = found;
    notifyAll();
  }

  synchronized ClientDevices devices() throws ClientException, InterruptedException {
    long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(BOOT_SECONDS);
    while (devices == null) {
      long left = TimeUnit.NANOSECONDS.toMillis(deadline - System.nanoTime());
      if (left <= 0) {
        throw new ClientException(name + " does not run");
      }
      wait(left);
    }
    return devices;
  }

  @Override
  public void functionsChanged() {
    shutdown.change();
  }

  @Override
  public String command(String line) throws InterruptedException {
    try {
      return switch (line.split(" ")[0]) {
        case "devices" ->
            functions().stream().map(RequesterId::toString).collect(Collectors.joining("\n"));
        case "ping" -> {
          Ipv4Address to = Ipv4Address.parse(line.substring("ping".length()).strip());
          yield "%s answered in %.2f ms".formatted(to, ping(to, COMMAND_LIMIT).toNanos() / 1e6);
        }
        default -> "known here: devices, ping ADDRESS";
      };
    } catch (ClientException | IllegalArgumentException e) {
      return String.valueOf(e.getMessage());
    }
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

  private NetworkHost host() throws ClientException, InterruptedException {
    return devices()
        .host()
        .orElseThrow(() -> new ClientException(name + " has no network card, or no address"));
  }

  /// Asks again after a while: the first frames may find a bridge that does not run yet.
  @Override
  public Duration ping(Ipv4Address to, Duration limit)
      throws ClientException, InterruptedException {
    NetworkHost host = host();
    long deadline = System.nanoTime() + limit.toNanos();
    while (System.nanoTime() < deadline) {
      Optional<Duration> took = host.ping(to, PING_LIMIT);
      if (took.isPresent()) {
        return took.get();
      }
    }
    throw new ClientException("%s did not answer within %d s".formatted(to, limit.toSeconds()));
  }

  @Override
  public String page(Ipv4Address host, String path, Duration limit)
      throws ClientException, InterruptedException {
    ping(host, limit);
    HttpWork http = new HttpWork(host(), host, limit);
    return within(limit, () -> http.page(path));
  }

  @Override
  public Moved transfer(Ipv4Address host, long bytes, Duration limit)
      throws ClientException, InterruptedException {
    ping(host, limit);
    HttpWork http = new HttpWork(host(), host, limit);
    return within(limit, () -> http.transfer(bytes));
  }

  @Override
  public Moved disk(long bytes, Duration limit) throws ClientException, InterruptedException {
    BlockDevice disk =
        devices().disk().orElseThrow(() -> new ClientException(name + " has no disk"));
    return within(limit, () -> DiskWork.writeAndRead(disk, bytes));
  }

  @Override
  public List<RequesterId> functions() throws ClientException, InterruptedException {
    ClientDevices now = devices();
    return within(
        Duration.ofSeconds(BOOT_SECONDS),
        () -> now.bus().scan().stream().map(device -> RequesterId.of(device.at())).toList());
  }

  @Override
  public String posture(String challenge, Duration limit)
      throws ClientException, InterruptedException {
    return PostureAgent.lines(challenge, packages, devices().diskName());
  }

  @Override
  public String install(PackageOffer offer, Duration limit)
      throws ClientException, InterruptedException {
    ping(offer.host(), limit);
    HttpWork http = new HttpWork(host(), offer.host(), limit);
    byte[] content = within(limit, () -> http.content(offer.path()));
    if (!HexFormat.of().formatHex(DiskWork.sha256().digest(content)).equals(offer.sha256())) {
      throw new ClientException("what was fetched is not what was offered");
    }
    return packages.install(content);
  }

  @Override
  public void restart(String service, Duration limit) throws ClientException {
    throw new ClientException("there is no service " + service);
  }

  @Override
  public DmaEnd attack(RequesterId edu, long to, Duration limit)
      throws ClientException, InterruptedException {
    ClientDevices now = devices();
    return within(limit, () -> attack(now, edu, to));
  }

  /// The device does one DMA at a time.
  private synchronized DmaEnd attack(ClientDevices now, RequesterId edu, long to)
      throws PciException, InterruptedException, ClientException {
    // Looked for anew: one that was reset has lost its places.
    PciDevice device =
        now.bus().scan().stream()
            .filter(one -> one.id() == EduDriver.ID && one.at() == edu.id())
            .findFirst()
            .orElseThrow(() -> new ClientException("there is no edu device at " + edu));
    try {
      EduDriver driver = new EduDriver(now.machine().processor(), device);
      return driver.write(to, 4) ? DmaEnd.DONE : DmaEnd.REFUSED;
    } catch (MachineCheckException e) {
      throw new ClientException("the device at " + edu + " is gone", e);
    }
  }
}
