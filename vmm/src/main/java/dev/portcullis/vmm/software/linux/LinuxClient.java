package dev.portcullis.vmm.software.linux;

import dev.portcullis.machine.guest.EduDma;
import dev.portcullis.net.packet.Ipv4Address;
import dev.portcullis.pci.RequesterId;
import dev.portcullis.vmm.platform.description.NetworkAddress;
import dev.portcullis.vmm.software.Client;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.regex.MatchResult;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/// A client partition that is a Linux: its own drivers for disk and network card, and busybox.
public final class LinuxClient implements Client {
  private static final Duration LIST_LIMIT = Duration.ofMinutes(2);
  private static final Pattern PLACE = Pattern.compile("0000:([0-9a-f]{2}:[0-9a-f]{2}\\.[0-7])");
  private static final Pattern TIME = Pattern.compile("time=([0-9.]+) ms");
  private static final Pattern SUM = Pattern.compile("\\b[0-9a-f]{64}\\b");
  private static final int SEED = 20;

  private final LinuxShell shell;

  public LinuxClient(LinuxShell shell) {
    this.shell = shell;
  }

  /// Runs any other commands in it.
  public LinuxShell shell() {
    return shell;
  }

  /// What makes a client ready that has just booted: its network card has its address.
  public static String setUp(Optional<NetworkAddress> address) {
    return address
        .map(own -> "ip address add %s dev eth0 && ip link set eth0 up".formatted(own))
        .orElse("true");
  }

  @Override
  public Duration ping(Ipv4Address to, Duration limit)
      throws ClientException, InterruptedException {
    String said =
        shell.demand(
            """
            tries=%d
            until ping -c 1 -W 1 %s; do
              tries=$((tries - 1))
              [ $tries -gt 0 ]
            done
            """
                .formatted(Math.max(1, limit.toSeconds()), to),
            limit.plus(LIST_LIMIT));
    Matcher time = TIME.matcher(said);
    if (!time.find()) {
      throw new ClientException(to + " does not answer");
    }
    return Duration.ofNanos((long) (Double.parseDouble(time.group(1)) * 1e6));
  }

  @Override
  public String page(Ipv4Address host, String path, Duration limit)
      throws ClientException, InterruptedException {
    return shell.demand("wget -q -O - 'http://%s'".formatted(url(host, path)), limit);
  }

  private static String url(Ipv4Address host, String path) throws ClientException {
    if (!path.matches("[\\w./?=&-]*")) {
      throw new ClientException("a path that no shell should see: " + path);
    }
    return host + (path.startsWith("/") ? path : "/" + path);
  }

  @Override
  public Moved transfer(Ipv4Address host, long bytes, Duration limit)
      throws ClientException, InterruptedException {
    requireMebibytes(bytes);
    long start = System.nanoTime();
    String said =
        shell.demand(
            """
            host=%s
            asked='count=%d&seed=%d'
            dd if=/dev/urandom of=/sent bs=1M count=%d 2>/dev/null
            sha256sum < /sent
            {
              printf 'PUT /upload HTTP/1.1\\r\\nHost: peer\\r\\nConnection: close\\r\\n'
              printf 'Content-Length: %%d\\r\\n\\r\\n' %d
              cat /sent
            } | nc $host 80
            rm /sent
            wget -q -O - "http://$host/sha256?$asked"
            echo
            wget -q -O - "http://$host/bytes?$asked" | sha256sum
            """
                .formatted(host, bytes, SEED, bytes >> 20, bytes),
            limit);
    List<String> sums = sums(said, 4);
    Duration took = Duration.ofNanos(System.nanoTime() - start);
    return sums.get(0).equals(sums.get(1))
        ? new Moved(bytes, sums.get(2), sums.get(3), took)
        : new Moved(bytes, sums.get(0), sums.get(1), took);
  }

  private static void requireMebibytes(long bytes) throws ClientException {
    if (bytes <= 0 || bytes % (1 << 20) != 0) {
      throw new ClientException("it moves whole MiB, not " + bytes + " bytes");
    }
  }

  /// The checksums in what commands wrote.
  private static List<String> sums(String said, int count) throws ClientException {
    List<String> sums = SUM.matcher(said).results().map(MatchResult::group).toList();
    if (sums.size() != count) {
      throw new ClientException("no %d checksums: %s".formatted(count, said));
    }
    return sums;
  }

  @Override
  public Moved disk(long bytes, Duration limit) throws ClientException, InterruptedException {
    requireMebibytes(bytes);
    long start = System.nanoTime();
    String said =
        shell.demand(
            """
            count=%d
            dd if=/dev/urandom of=/data bs=1M count=$count 2>/dev/null
            dd if=/data of=/dev/nvme0n1 bs=256k oflag=direct 2>/dev/null
            sync
            sha256sum < /data
            rm /data
            dd if=/dev/nvme0n1 bs=256k count=$((count * 4)) iflag=direct 2>/dev/null | sha256sum
            """
                .formatted(bytes >> 20),
            limit);
    List<String> sums = sums(said, 2);
    return new Moved(bytes, sums.get(0), sums.get(1), Duration.ofNanos(System.nanoTime() - start));
  }

  @Override
  public List<RequesterId> functions() throws ClientException, InterruptedException {
    return PLACE
        .matcher(shell.demand("ls /sys/bus/pci/devices", LIST_LIMIT))
        .results()
        .map(match -> RequesterId.parse(match.group(1)))
        .collect(Collectors.toList());
  }

  @Override
  public String posture(String challenge, Duration limit)
      throws ClientException, InterruptedException {
    return shell.demand(LinuxPosture.collect(challenge), limit);
  }

  @Override
  public String install(PackageOffer offer, Duration limit)
      throws ClientException, InterruptedException {
    return shell.demand(LinuxPosture.install(offer), limit).strip();
  }

  @Override
  public void restart(String service, Duration limit) throws ClientException, InterruptedException {
    shell.demand(LinuxPosture.restart(service), limit);
  }

  @Override
  public DmaEnd attack(RequesterId edu, long address, Duration limit)
      throws ClientException, InterruptedException {
    EduDma dma = new EduDma(edu, EduDma.Direction.WRITE, address, 4);
    String said = shell.demand(dma.commands(), limit);
    try {
      return switch (EduDma.outcome(said)) {
        case SUCCESS -> DmaEnd.DONE;
        case UNSUPPORTED_REQUEST, COMPLETER_ABORT -> DmaEnd.REFUSED;
        case NONE -> DmaEnd.UNTOLD;
        case OUTSIDE_BUFFER ->
            throw new ClientException("the device at " + edu + " was told wrong");
      };
    } catch (IllegalArgumentException e) {
      throw new ClientException("the device at " + edu + ": " + e.getMessage(), e);
    }
  }
}
