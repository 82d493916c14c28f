package dev.portcullis.system.measure;

import java.util.Locale;

/// What fio does, and what is read off it.
enum Job {
  RANDOM_READ_1("4 KiB random read, depth 1", "randread", "4k", 1),
  RANDOM_READ_32("4 KiB random read, depth 32", "randread", "4k", 32),
  RANDOM_WRITE_1("4 KiB random write, depth 1", "randwrite", "4k", 1),
  RANDOM_WRITE_32("4 KiB random write, depth 32", "randwrite", "4k", 32),
  SEQUENTIAL_READ("128 KiB sequential read, depth 8", "read", "128k", 8),
  SEQUENTIAL_WRITE("128 KiB sequential write, depth 8", "write", "128k", 8);

  /// Column of the requests per second of reads in fio's third terse format; that of writes.
  private static final int READ_IOPS = 7;

  private static final int WRITE_IOPS = 48;

  private final String title;
  private final String access;
  private final String block;
  private final int depth;

  Job(String title, String access, String block, int depth) {
    this.title = title;
    this.access = access;
    this.block = block;
    this.depth = depth;
  }

  String title() {
    return title;
  }

  /// The command for the guest's shell.
  String command(int seconds) {
    return ("fio --name=job --filename=/dev/nvme0n1 --direct=1 --ioengine=libaio --rw=%s --bs=%s"
            + " --iodepth=%d --runtime=%d --ramp_time=1 --time_based --randrepeat=1"
            + " --output-format=terse --terse-version=3")
        .formatted(access, block, depth, seconds);
  }

  /// Requests per second.
  double rate(String terse) {
    String[] columns = terse.lines().toList().getLast().split(";");
    boolean reads = access.toLowerCase(Locale.ROOT).endsWith("read");
    return Double.parseDouble(columns[reads ? READ_IOPS : WRITE_IOPS]);
  }
}
