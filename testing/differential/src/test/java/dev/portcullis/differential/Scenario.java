package dev.portcullis.differential;

import dev.portcullis.differential.Situation.Mode;
import dev.portcullis.qtest.client.QtestException;
import java.io.ByteArrayOutputStream;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.TreeMap;

/// Random software, the same for the same random numbers whatever the machine answers.
abstract class Scenario {
  /// Ranges that DMA may have written.
  private static final long[] WRITTEN = {0, 0x8000, 0x20_0000, 0x8000};

  static final long TE = 1L << 31;
  static final long SRTP = 1L << 30;
  static final long QIE = 1L << 26;

  private static final int EDU_BYTES = 32;
  private static final int LONGEST = 32;

  /// First field of a fault record's last doubleword: it has been written.
  private static final long FAULT = 1L << 31;

  final Software software;
  final SplittableRandom random;
  final Image image;
  private final Mode mode;
  private boolean bufferIsKnown;
  private boolean stale;
  private int staleUses;
  private final Map<Integer, Integer> reasons = new TreeMap<>();

  Scenario(Software software, SplittableRandom random, Mode mode) throws QtestException {
    this.software = software;
    this.image = new Image(software);
    this.random = random;
    this.mode = mode;
  }

  /// Runs it: about `steps` things are done.
  final void run(int steps) throws QtestException {
    software.fill(SecondStage.DATA, (long) SecondStage.DATA_PAGES * Image.PAGE_BYTES, 0);
    for (int i = 0; i < WRITTEN.length; i += 2) {
      software.fill(WRITTEN[i], WRITTEN[i + 1], 0);
    }
    step("bring-up");
    clearFaults();
    bringUp();
    software.seeFaults();
    software.seeCommands();
    for (int i = 0; i < steps; i++) {
      doSomething();
      if (random.nextInt(16) == 0) {
        software.seeCommands();
      }
    }
    step("the tables");
    image.see();
    step("shut-down");
    shutDown();
    software.seeFaults();
    software.seeCommands();
  }

  abstract void bringUp() throws QtestException;

  abstract void doSomething() throws QtestException;

  abstract void shutDown() throws QtestException;

  /// A request has been made.
  abstract void used(int function, long iova, Access access);

  /// Invalidates all translations.
  abstract void forgetTranslations() throws QtestException;

  /// How many requests it has made, by the reason they were to be refused for; 0 for none.
  final Map<Integer, Integer> requests() {
    return reasons;
  }

  /// How often a translation was used that memory no longer has.
  final int staleUses() {
    return staleUses;
  }

  final void step(String what) {
    software.trace().step(what);
  }

  /// Has a device do DMA, and looks at what came of it. What a refused read leaves in edu's buffer
  /// is its own affair: it must read well before it writes again.
  final void dma(int function, long address, Decision read, Decision write) throws QtestException {
    boolean isEdu = function == Software.EDU;
    boolean reads = isEdu && (!bufferIsKnown || random.nextBoolean());
    Decision decided = reads ? read : write;
    if (decided.reason() != 0 && (reads ? write : read).reason() == 0) {
      // QEMU forgets to record what a cached translation without the right refuses.
      forgetTranslations();
    }
    int lengthBytes = isEdu ? EDU_BYTES : 1 + random.nextInt(LONGEST);
    long excess = Math.max(0, (address & Image.PAGE_BYTES - 1) + lengthBytes - Image.PAGE_BYTES);
    long iova = address - excess;
    String what = "%s of %d bytes by %02x at %#x, to be %s";
    software
        .trace()
        .dma(
            what.formatted(reads ? "read" : "write", lengthBytes, function, iova, decided),
            new Situation(mode, decided.reason(), decided.rightMissing()));
    reasons.merge(decided.reason(), 1, Integer::sum);
    if (!isEdu) {
      software.testDma(iova, lengthBytes, decided.hpa() - excess);
    } else if (reads) {
      bufferIsKnown = decided.reason() == 0 && Image.isMemory(decided.hpa());
      software.eduRead(iova, lengthBytes);
    } else {
      software.eduWrite(iova, lengthBytes);
    }
    if (!stale) {
      used(function, iova, reads ? Access.READ : Access.WRITE);
    }
    software.seeFaults();
    if (random.nextInt(4) != 0) {
      clearFaults();
    }
  }

  /// Maps a page elsewhere under a device that has used it, and lets it write there before and
  /// after anybody invalidates anything: the first write goes where the page was.
  ///
  /// @param before how the write is decided now: it passes to memory, through `tables`
  final void useStaleTranslation(Tables tables, long iova, Decision before) throws QtestException {
    dma(Software.TESTDEV, iova, before, before);
    if (tables.remap(iova)) {
      stale = true;
      dma(Software.TESTDEV, iova, before, before);
      stale = false;
      staleUses++;
      step("the remapped page is invalidated");
      forgetTranslations();
    }
  }

  final void clearFaults() throws QtestException {
    software.register32(Software.FRCD + 12, FAULT);
    software.register32(Software.FSTS, 1);
    software.see64(KnownDifference.RECORD, Software.FRCD + 8);
  }

  /// Changes where and whether fault events go.
  final void changeEvents() throws QtestException {
    step("fault events");
    software.register32(Software.FEADDR, 0xfee0_0000L);
    software.register32(Software.FEDATA, 0x40 | random.nextInt(8));
    software.register32(Software.FECTL, random.nextBoolean() ? 1L << 31 : 0);
    software.seeFaults();
  }

  /// All that DMA may have written.
  final byte[] written() throws QtestException {
    var bytes = new ByteArrayOutputStream();
    bytes.writeBytes(software.memory(SecondStage.DATA, SecondStage.DATA_PAGES * Image.PAGE_BYTES));
    for (int i = 0; i < WRITTEN.length; i += 2) {
      bytes.writeBytes(software.memory(WRITTEN[i], (int) WRITTEN[i + 1]));
    }
    return bytes.toByteArray();
  }
}
