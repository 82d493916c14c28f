package dev.portcullis.differential;

import dev.portcullis.differential.Situation.Mode;
import dev.portcullis.qtest.client.QtestClient;
import dev.portcullis.qtest.client.QtestException;

/// Tables written by hand, for one question at a time.
final class HandMade {
  static final long IOVA = 0x1234_5000L;
  static final long DATA = SecondStage.DATA;
  static final long OTHER_DATA = SecondStage.DATA + 0x1000;
  static final int WRITE_REFUSED = 0xdead_0002;

  private static final int LEVELS = 4;
  private static final int CONTEXT_BYTES = 32;
  private static final long FAULT = 1L << 63;
  private static final long SCALABLE_ROOT = 1 << 10;

  private final QtestClient client;
  private final Software software;
  private final Image image;
  private final ByQueue queue;
  private final long root;
  private final long contexts;
  private final long directory;
  private final long pasids;
  private final boolean scalable;

  HandMade(QtestClient client, boolean scalable) throws QtestException {
    this.client = client;
    this.scalable = scalable;
    software = new Software(client, new Trace(Mode.LEGACY));
    software.placeDevices();
    software.fill(DATA, 0x2000, 0);
    image = new Image(software);
    queue = new ByQueue(software, scalable, 0);
    root = image.page();
    contexts = image.page();
    directory = image.page();
    pasids = image.page();
    image.write(root, contexts | 1);
    image.write(directory, pasids | 1);
    if (scalable) {
      context(Software.TESTDEV, directory | 1, 0);
      context(Software.EDU, directory | 1, 0);
    }
    clearFaults();
    software.register64(Software.RTADDR, root | (scalable ? SCALABLE_ROOT : 0));
    software.register32(Software.GCMD, Scenario.SRTP);
    queue.start();
    forgetAll();
    software.register32(Software.GCMD, Scenario.TE | Scenario.QIE);
  }

  ByQueue queue() {
    return queue;
  }

  long directory() {
    return directory;
  }

  void forgetAll() throws QtestException {
    queue.contexts();
    if (scalable) {
      queue.pasids();
    }
    queue.translations();
    queue.await();
  }

  /// Tables of four levels that map [#IOVA] to `hpa`.
  ///
  /// @param bits of each entry
  /// @param leafBits of the last one besides
  long tables(long hpa, long bits, long leafBits) throws QtestException {
    return tables(IOVA, hpa, bits, leafBits);
  }

  long tables(long iova, long hpa, long bits, long leafBits) throws QtestException {
    long first = image.page();
    long table = first;
    for (int level = LEVELS; level > 1; level--) {
      long next = image.page();
      image.write(table + (iova >>> 12 + 9 * (level - 1) & 0x1ff) * 8, next | bits);
      table = next;
    }
    image.write(table + (iova >>> 12 & 0x1ff) * 8, hpa | bits | leafBits);
    return first;
  }

  void context(int function, long lo, long hi) throws QtestException {
    int bytes = scalable ? CONTEXT_BYTES : CONTEXT_BYTES / 2;
    image.write(contexts + (long) function * bytes + 8, hi);
    image.write(contexts + (long) function * bytes, lo);
  }

  /// The half of the root entry that devices from 10h on use.
  void upperRoot(long entry) throws QtestException {
    image.write(root + 8, entry);
  }

  void directoryEntry(long bits) throws QtestException {
    image.write(directory, pasids | bits);
  }

  /// The entry of PASID 0.
  void pasid(long lo, long did, long third) throws QtestException {
    image.write(pasids + 8, did);
    image.write(pasids + 16, third);
    image.write(pasids, lo);
  }

  /// What the test device says of a write.
  int write(long iova, long hpa) throws QtestException {
    software.testDma(iova, 4, hpa);
    return (int) client.read(0xfe00_0010L, 4);
  }

  Software software() {
    return software;
  }

  int register(int offset) throws QtestException {
    return (int) client.read(0xfed9_0000L + offset, 4);
  }

  /// The reason of the fault that is recorded; 0 if none is.
  int reason() throws QtestException {
    long record = client.read(0xfed9_0000L + Software.FRCD + 8, 8);
    return (record & FAULT) == 0 ? 0 : (int) (record >>> 32) & 0xff;
  }

  void clearFaults() throws QtestException {
    software.register32(Software.FRCD + 12, 1L << 31);
    software.register32(Software.FSTS, 1);
  }
}
