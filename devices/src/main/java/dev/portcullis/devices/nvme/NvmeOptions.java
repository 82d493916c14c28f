package dev.portcullis.devices.nvme;

import dev.portcullis.devices.queue.QueuePairs;
import java.nio.charset.StandardCharsets;

/// What one controller is to be.
///
/// @param serial serial number, 1 to 20 printable ASCII characters. No two disks of a machine may
///   have the same: the names a system gives them derive from it
/// @param blockBytes size of a logical block: 512 or 4096
/// @param queuePairs I/O queue pairs, 64 at most
/// @param queueEntries most entries a queue may have: 2 to 65,536
/// @param transferPagesLog2 most that one command may move, as a power of two of 4-KiB pages: 1 to
///   10, so 8 KiB to 4 MiB
/// @param translations whether it caches translations itself
/// @param messages how its interrupts can leave it
public record NvmeOptions(
    String serial,
    int blockBytes,
    QueuePairs queuePairs,
    int queueEntries,
    int transferPagesLog2,
    Translations translations,
    Messages messages) {

  /// Who translates addresses.
  public enum Translations {
    /// Whoever is upstream, for each request.
    UPSTREAM,
    /// The controller, where software lets it: it has address translation services.
    CACHED
  }

  /// How interrupts can leave a controller; the pin is always there.
  public enum Messages {
    /// By MSI or by MSI-X, as software likes.
    MSI_X,
    /// By MSI.
    MSI
  }

  public NvmeOptions {
    if (!serial.matches("[!-~][ -~]{0,19}")) {
      throw new IllegalArgumentException(
          "serial number \"" + serial + "\" is not 1 to 20 printable ASCII characters");
    }
    if (blockBytes != 512 && blockBytes != 4096) {
      throw new IllegalArgumentException("blocks have 512 or 4096 bytes, not " + blockBytes);
    }
    requireRange("I/O queue pairs", queuePairs.most(), 1, 64);
    requireRange("queue entries", queueEntries, 2, 65536);
    requireRange("log2 of the pages of a transfer", transferPagesLog2, 1, 10);
  }

  private static void requireRange(String what, int value, int least, int most) {
    if (value < least || value > most) {
      throw new IllegalArgumentException(
          what + ": " + value + " is not within " + least + " to " + most);
    }
  }

  /// 512-byte blocks, 16 queue pairs of up to 1,024 entries, transfers of up to 512 KiB.
  public static NvmeOptions of(String serial) {
    return new NvmeOptions(
        serial, 512, QueuePairs.of(16), 1024, 7, Translations.UPSTREAM, Messages.MSI_X);
  }

  public NvmeOptions withBlockBytes(int bytes) {
    return new NvmeOptions(
        serial, bytes, queuePairs, queueEntries, transferPagesLog2, translations, messages);
  }

  public NvmeOptions withQueuePairs(int pairs) {
    return withQueuePairs(QueuePairs.of(pairs));
  }

  public NvmeOptions withQueuePairs(QueuePairs pairs) {
    return new NvmeOptions(
        serial, blockBytes, pairs, queueEntries, transferPagesLog2, translations, messages);
  }

  public NvmeOptions withQueueEntries(int entries) {
    return new NvmeOptions(
        serial, blockBytes, queuePairs, entries, transferPagesLog2, translations, messages);
  }

  public NvmeOptions withTransferPagesLog2(int log2) {
    return new NvmeOptions(
        serial, blockBytes, queuePairs, queueEntries, log2, translations, messages);
  }

  public NvmeOptions withTranslations(Translations by) {
    return new NvmeOptions(
        serial, blockBytes, queuePairs, queueEntries, transferPagesLog2, by, messages);
  }

  public NvmeOptions withMessages(Messages choice) {
    return new NvmeOptions(
        serial, blockBytes, queuePairs, queueEntries, transferPagesLog2, translations, choice);
  }

  int transferBytes() {
    return Registers.SMALLEST_PAGE << transferPagesLog2;
  }

  byte[] serialBytes() {
    return serial.getBytes(StandardCharsets.US_ASCII);
  }
}
