package dev.portcullis.management.health;

import dev.portcullis.devices.block.BlockBackend;
import dev.portcullis.management.boot.verity.BlockSource;
import dev.portcullis.management.boot.verity.HashTree;
import dev.portcullis.management.boot.verity.Verity;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.Optional;

/// Reads every block of a disk; where that fails, finds out which blocks. Blocks that a manifest
/// says something about are compared with it.
///
/// Its thread must not be interrupted: that closes files.
final class DiskCheck {
  private static final int BLOCK = Verity.BLOCK_BYTES;
  private static final int STEP = BlockSource.STEP_BLOCKS * BLOCK;

  /// After so many it gives up: a disk that answers nothing takes its time for each.
  private static final long MOST_UNREADABLE = 1 << 14;

  private static final int MOST_SHOWN = 8;

  private final String name;
  private final BlockBackend disk;
  private final Optional<Verity> wanted;
  private final Pace pace;
  private final DiagnosisProgress progress;

  private final StringBuilder shown = new StringBuilder();
  private String why = "";
  private long runs;
  private long unreadable;
  private long runFirst = -1;
  private long at;

  /// @param wanted what its first blocks should be, if a manifest says so
  DiskCheck(
      String name,
      BlockBackend disk,
      Optional<Verity> wanted,
      Pace pace,
      DiagnosisProgress progress) {
    this.name = name;
    this.disk = disk;
    this.wanted = wanted;
    this.pace = pace;
    this.progress = progress;
  }

  CheckResult run() throws InterruptedException {
    byte[] bytes = new byte[STEP];
    long size = disk.sizeBytes();
    while (at < size && unreadable < MOST_UNREADABLE) {
      progress.report("disk " + name, (double) at / size);
      int length = (int) Math.min(STEP, size - at);
      if (trouble(bytes, length).isEmpty()) {
        endRun(at);
        at += length;
      } else {
        readSingly(bytes, length);
      }
      pace.rest(length);
    }
    endRun(at);
    return unreadable > 0 ? failed(size) : verified(size);
  }

  /// Why what is next cannot be read, if it cannot.
  private Optional<String> trouble(byte[] bytes, int length) {
    try {
      disk.read(at, ByteBuffer.wrap(bytes, 0, length));
      return Optional.empty();
    } catch (IOException e) {
      return Optional.of(String.valueOf(e.getMessage()));
    }
  }

  private void readSingly(byte[] bytes, int length) {
    long end = at + length;
    while (at < end && unreadable < MOST_UNREADABLE) {
      int one = (int) Math.min(BLOCK, end - at);
      Optional<String> trouble = trouble(bytes, one);
      if (trouble.isEmpty()) {
        endRun(at);
      } else {
        why = unreadable++ == 0 ? trouble.get() : why;
        runFirst = runFirst < 0 ? at / BLOCK : runFirst;
      }
      at += one;
    }
  }

  private void endRun(long end) {
    if (runFirst >= 0) {
      long last = (end - 1) / BLOCK;
      if (runs++ < MOST_SHOWN) {
        shown.append(shown.isEmpty() ? "" : ", ").append(runFirst);
        shown.append(last > runFirst ? "-" + last : "");
      }
      runFirst = -1;
    }
  }

  private CheckResult failed(long size) {
    String more = runs > MOST_SHOWN ? " and %,d more runs".formatted(runs - MOST_SHOWN) : "";
    String rest = at < size ? "; given up there, the rest was not read" : "";
    return CheckResult.failed(
        Check.DISK,
        name,
        "%,d blocks of 4 KiB cannot be read: %s%s%s (%s)"
            .formatted(unreadable, shown, more, rest, why));
  }

  private CheckResult verified(long size) throws InterruptedException {
    String read = "all of %,d MiB can be read".formatted(size >> 20);
    if (wanted.isEmpty()) {
      return CheckResult.passed(Check.DISK, name, read);
    }
    Verity verity = wanted.get();
    if (verity.blocks() * BLOCK > size) {
      return CheckResult.failed(
          Check.DISK, name, "its manifest speaks of %,d blocks".formatted(verity.blocks()));
    }
    progress.report("disk " + name + " is compared with its manifest", 0);
    try {
      boolean isAsWanted = HashTree.root(disk::read, verity).equals(verity.root());
      pace.rest(verity.blocks() * BLOCK);
      return isAsWanted
          ? CheckResult.passed(
              Check.DISK,
              name,
              "%s; %,d blocks are what its manifest says".formatted(read, verity.blocks()))
          : CheckResult.failed(
              Check.DISK, name, read + "; it is not what its manifest says: it would not boot");
    } catch (IOException e) {
      return CheckResult.failed(Check.DISK, name, "it cannot be compared: " + e.getMessage());
    }
  }
}
