package dev.portcullis.system.measure;

import dev.portcullis.machine.description.Backing;
import dev.portcullis.machine.description.DeviceDescription.Nvme;
import dev.portcullis.machine.description.MachineDescription;
import dev.portcullis.machine.description.MachineFile;
import dev.portcullis.machine.guest.LinuxPlan;
import dev.portcullis.machine.guest.UnitMode;
import dev.portcullis.qemu.guest.ExecResult;
import dev.portcullis.qemu.guest.Initramfs;
import dev.portcullis.qemu.install.Cache;
import dev.portcullis.qemu.install.Kernel;
import dev.portcullis.qemu.install.KernelVersion;
import dev.portcullis.qemu.install.ProgramTree;
import dev.portcullis.qemu.install.Progress;
import dev.portcullis.qemu.install.QemuInstallation;
import dev.portcullis.qemu.run.Accelerator;
import dev.portcullis.qemu.run.QemuCommandLine;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/// Compares Linux on our unit and NVMe with the same Linux on QEMU's, in one interleaved run.
///
/// Both guests are up; the jobs of a round run on one and then on the other, the order swapped from
/// round to round, so that whatever else the computer does hits both. Start it by `mvn -pl
/// testing/system -am verify -Pmeasure -DskipTests`.
public final class EndToEnd {
  private static final long DISK_BYTES = Backing.DEFAULT_BYTES;
  private static final Duration COMMAND_LIMIT = Duration.ofMinutes(2);

  private final Cache cache = Cache.in(Cache.defaultHome(System.getenv()));
  private final UnitMode mode;
  private final int rounds;
  private final int seconds;
  private final Comparison boot = new Comparison();
  private final List<Comparison> jobs = new ArrayList<>();

  private EndToEnd(UnitMode mode, int rounds, int seconds) {
    this.mode = mode;
    this.rounds = rounds;
    this.seconds = seconds;
    for (Job _ : Job.values()) {
      jobs.add(new Comparison());
    }
  }

  /// @param arguments mode of the unit, as [UnitMode] calls it; number of rounds; seconds of each
  ///   job; the file that gets the chart. All may be left out from the end on
  public static void main(String[] arguments) throws Exception {
    UnitMode mode = arguments.length > 0 ? UnitMode.valueOf(arguments[0]) : UnitMode.STRICT;
    int rounds = arguments.length > 1 ? Integer.parseInt(arguments[1]) : 5;
    int seconds = arguments.length > 2 ? Integer.parseInt(arguments[2]) : 4;
    EndToEnd measurement = new EndToEnd(mode, rounds, seconds);
    measurement.run();
    Report report = new Report(mode, rounds, measurement.boot, measurement.jobs);
    System.out.println(report.markdown());
    if (arguments.length > 3) {
      Files.writeString(Path.of(arguments[3]), report.chart());
    }
  }

  private void run() throws Exception {
    Path folder = Files.createTempDirectory("portcullis-measure-");
    Path ourDisk = disk(folder.resolve("ours.img"));
    Path qemuDisk = disk(folder.resolve("qemu.img"));
    Path initramfs = folder.resolve("initramfs");
    try (Side ours = ours(ourDisk);
        Side qemu = qemu(qemuDisk, initramfs)) {
      timeToBoot(ours);
      timeToBoot(qemu);
      for (int round = 0; round < rounds; round++) {
        boot.add(timeToBoot(ours), timeToBoot(qemu));
        measureJobs(ours, qemu, round);
      }
    } finally {
      for (Path file : List.of(ourDisk, qemuDisk, initramfs, folder)) {
        Files.deleteIfExists(file);
      }
    }
  }

  private void measureJobs(Side ours, Side qemu, int round) throws Exception {
    for (Job job : Job.values()) {
      double our;
      double its;
      if (round % 2 == 0) {
        our = rate(ours, job);
        its = rate(qemu, job);
      } else {
        its = rate(qemu, job);
        our = rate(ours, job);
      }
      jobs.get(job.ordinal()).add(our, its);
      System.err.printf(
          "round %d: %-34s ours %,9.0f/s, QEMU %,9.0f/s, ratio %.2f%n",
          round + 1, job.title(), our, its, our / its);
    }
  }

  private double rate(Side side, Job job) throws Exception {
    ExecResult result = side.guest().run(job.command(seconds), COMMAND_LIMIT);
    if (!result.succeeded()) {
      throw new IllegalStateException(result.toString());
    }
    return job.rate(result.text());
  }

  private static double timeToBoot(Side side) throws Exception {
    long start = System.nanoTime();
    side.boot().run("true", COMMAND_LIMIT);
    return (System.nanoTime() - start) / 1e9;
  }

  /// All of the file is allocated: a hole costs neither side anything.
  private static Path disk(Path file) throws IOException {
    byte[] mebibyte = new byte[1 << 20];
    Arrays.fill(mebibyte, (byte) 0x5a);
    try (RandomAccessFile writer = new RandomAccessFile(file.toFile(), "rw")) {
      for (long done = 0; done < DISK_BYTES; done += mebibyte.length) {
        writer.write(mebibyte);
      }
    }
    return file;
  }

  private Side ours(Path disk) throws Exception {
    ProgramTree fio = cache.fio(Progress.none());
    MachineDescription machine =
        MachineFile.standard()
            .withDevices(device -> device instanceof Nvme nvme ? nvme.in(disk) : device);
    return new OurSide(
        LinuxPlan.from(cache, KernelVersion.LINUX_6_12.label(), Progress.none())
            .accelerator(Accelerator.TCG)
            .mode(mode)
            .machine(machine)
            .files(files -> files.program(fio, Cache.FIO)));
  }

  private Side qemu(Path disk, Path initramfs) throws Exception {
    QemuInstallation qemu = cache.qemu(Progress.none());
    Kernel kernel = cache.kernel(KernelVersion.LINUX_6_12, Progress.none());
    Initramfs.of(cache.tools(Progress.none()))
        .program(cache.fio(Progress.none()), Cache.FIO)
        .writeTo(initramfs);
    String caching = mode == UnitMode.CACHING_MODE ? "on" : "off";
    QemuCommandLine line =
        new QemuCommandLine()
            .accelerator(Accelerator.TCG)
            .kernel(kernel.image(), initramfs)
            .append(mode.kernelParameters())
            .device("intel-iommu,intremap=off,aw-bits=48,caching-mode=" + caching)
            .argument("-drive", "if=none,id=disk,format=raw,cache=writeback,file=" + disk)
            .device("nvme,drive=disk,serial=1,addr=5");
    return new QemuSide(qemu, line);
  }
}
