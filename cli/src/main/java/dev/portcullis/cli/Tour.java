package dev.portcullis.cli;

import dev.portcullis.machine.PlatformException;
import dev.portcullis.machine.Station;
import dev.portcullis.machine.UnitStation;
import dev.portcullis.machine.explain.TableWalk;
import dev.portcullis.machine.guest.EduDma;
import dev.portcullis.machine.guest.LinuxRun;
import dev.portcullis.machine.wiring.BlockedRequest;
import dev.portcullis.pci.RequesterId;
import dev.portcullis.qemu.guest.ExecResult;
import dev.portcullis.qemu.run.QemuException;
import java.io.PrintWriter;
import java.time.Duration;
import java.util.List;

/// The three acts of `portcullis tour`, on the standard machine.
final class Tour {
  private static final Duration BOOT_LIMIT = Duration.ofMinutes(3);
  private static final Duration LIMIT = Duration.ofMinutes(1);

  /// No driver ever gives a device this address: Linux hands them out from 4 GiB downwards.
  private static final long FORBIDDEN_IOVA = 0x1234_5000L;

  private static final String DISK_CHECK =
      """
      set -e
      dd if=/dev/urandom of=/tmp/data bs=1M count=8 2>/dev/null
      sha256sum < /tmp/data | cut -d' ' -f1
      dd if=/tmp/data of=/dev/nvme0n1 bs=1M oflag=direct conv=fsync 2>/dev/null
      dd if=/dev/nvme0n1 bs=1M count=8 iflag=direct 2>/dev/null | sha256sum | cut -d' ' -f1
      """;

  private final LinuxRun run;
  private final PrintWriter out;

  Tour(LinuxRun run, PrintWriter out) {
    this.run = run;
    this.out = out;
  }

  /// Plays all acts.
  ///
  /// @return whether everything went as it should
  boolean walk() throws QemuException, PlatformException, InterruptedException {
    boolean good = boot() & checkDisk() & blockDma();
    run.session().powerOff();
    return good;
  }

  private boolean boot() throws QemuException, PlatformException, InterruptedException {
    title("1. Linux boots on our remapping unit");
    run.boot(BOOT_LIMIT);
    ExecResult kernel = run.exec("uname -sr; dmesg | grep DMAR: | cut -d] -f2-", LIMIT);
    List<String> lines = kernel.text().lines().toList();
    say("%s, unmodified, says:", lines.getFirst());
    lines.stream().skip(1).forEach(this::quote);
    return verdict(
        kernel.text().contains("Intel(R) Virtualization Technology for Directed I/O"),
        "the kernel drives the unit",
        "the kernel did not take the unit");
  }

  private boolean checkDisk() throws QemuException, InterruptedException {
    title("2. A disk behind the unit");
    long requests = run.statistics().requests();
    long walks = run.statistics().walks();
    long invalidations = run.statistics().invalidations();
    say("8 MiB of random data go to /dev/nvme0n1 and come back; their SHA-256:");
    ExecResult check = run.exec(DISK_CHECK, LIMIT);
    check.text().lines().forEach(this::quote);
    say(
        "The unit translated %,d pages for that, walked tables %,d times, and obeyed %,d"
            + " invalidations.",
        run.statistics().requests() - requests,
        run.statistics().walks() - walks,
        run.statistics().invalidations() - invalidations);
    List<String> sums = check.text().lines().toList();
    return verdict(
        check.succeeded() && sums.size() == 2 && sums.getFirst().equals(sums.getLast()),
        "what was read is what was written",
        "what was read is not what was written: " + check.errorText());
  }

  private boolean blockDma() throws QemuException, InterruptedException {
    title("3. A DMA that nobody allowed");
    Station edu =
        run.platform().devices().stream()
            .filter(device -> device.name().equals("edu"))
            .findFirst()
            .orElseThrow();
    say("The edu device %s is told to write 64 bytes to %#x.", edu.at(), FORBIDDEN_IOVA);
    EduDma dma = new EduDma(edu.at(), EduDma.Direction.WRITE, FORBIDDEN_IOVA, 64);
    EduDma.Outcome outcome = EduDma.outcome(run.exec(dma.commands(), LIMIT).text());
    say("The device sees: %s. The kernel's fault handler reports:", Words.of(outcome));
    String report = run.exec(faultReport(edu.at()), LIMIT).text();
    report.lines().forEach(this::quote);
    explain(edu);
    return verdict(
        outcome == EduDma.Outcome.UNSUPPORTED_REQUEST
            && report.contains("%#x".formatted(FORBIDDEN_IOVA)),
        "the write was blocked and reported",
        "the write was not blocked, or nobody reported it");
  }

  /// The report comes by an interrupt, a moment after the device sees the end.
  private static String faultReport(RequesterId device) {
    return """
    for i in $(seq 50); do
      dmesg | grep 'DMAR:.*%s.*fault addr' | cut -d] -f2- | grep . && break
      usleep 100000
    done
    """
        .formatted(device);
  }

  private void explain(Station edu) {
    List<BlockedRequest> blocked = run.statistics().newestBlocked();
    if (!blocked.isEmpty()) {
      say("The unit's own word for it:");
      quote(blocked.getLast().toString());
    }
    UnitStation unit = run.platform().units().getFirst();
    say("Why, in the tables that the kernel wrote:");
    TableWalk.of(unit, edu.at(), FORBIDDEN_IOVA).forEach(step -> quote(step.toString()));
  }

  private void title(String title) {
    out.printf("%n%s%n", title);
    out.flush();
  }

  private void say(String format, Object... arguments) {
    out.printf("   " + format + "%n", arguments);
    out.flush();
  }

  private void quote(String line) {
    out.println("     | " + line.strip());
    out.flush();
  }

  private boolean verdict(boolean good, String goodWord, String badWord) {
    say(good ? "Good: %s." : "NOT GOOD: %s.", good ? goodWord : badWord);
    return good;
  }
}
