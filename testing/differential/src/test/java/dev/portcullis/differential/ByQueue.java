package dev.portcullis.differential;

import dev.portcullis.qtest.client.QtestException;

/// Invalidation by descriptors in a queue of one page, or two of 256-bit descriptors.
final class ByQueue implements Invalidations {
  private static final long QUEUE = 0x00f0_0000L;
  private static final long STATUS = 0x00f1_0000L;
  private static final int ENTRIES = 256;
  private static final int CONTEXT = 1;
  private static final int TRANSLATION = 2;
  private static final int WAIT = 5;
  private static final int PASIDS = 7;
  private static final int PASID_TRANSLATION = 6;
  private static final int STATUS_WRITE = 1 << 5;
  private static final int INTERRUPT = 1 << 4;
  private static final int DRAIN = 3 << 6;
  private static final long QIE = 1 << 26;
  private static final int WIDE = 1 << 11;
  private static final int INVALID_TYPE = 0xe;

  private final Software software;
  private final int entryBytes;
  private final long othersEnabled;
  private int tail;
  private int waits;

  /// @param wide whether descriptors have 256 bits
  /// @param othersEnabled what GCMD must go on to say besides QIE
  ByQueue(Software software, boolean wide, long othersEnabled) {
    this.software = software;
    this.entryBytes = wide ? 32 : 16;
    this.othersEnabled = othersEnabled;
  }

  @Override
  public void start() throws QtestException {
    software.fill(QUEUE, (long) ENTRIES * entryBytes, 0);
    software.register64(Software.IQT, 0);
    boolean wide = entryBytes == 32;
    software.register64(Software.IQA, QUEUE | (wide ? WIDE | 1 : 0));
    software.register32(Software.GCMD, othersEnabled | QIE);
    software.see64("IQA", Software.IQA);
    tail = 0;
  }

  private void put(long lo, long hi) throws QtestException {
    long at = QUEUE + (long) tail * entryBytes;
    software.write64(at, lo);
    software.write64(at + 8, hi);
    if (entryBytes == 32) {
      software.write64(at + 16, 0);
      software.write64(at + 24, 0);
    }
    tail = (tail + 1) % ENTRIES;
  }

  /// Has what was put carried out.
  void ring() throws QtestException {
    software.register64(Software.IQT, (long) tail * entryBytes);
    software.see64("IQH", Software.IQH);
  }

  @Override
  public void contexts() throws QtestException {
    put(CONTEXT | 1 << 4, 0);
  }

  @Override
  public void contextsOf(int did) throws QtestException {
    put(CONTEXT | 2 << 4 | (long) did << 16, 0);
  }

  @Override
  public void context(int did, int sourceId) throws QtestException {
    put(CONTEXT | 3 << 4 | (long) did << 16 | (long) sourceId << 32, 0);
  }

  @Override
  public void translations() throws QtestException {
    put(TRANSLATION | 1 << 4 | DRAIN, 0);
  }

  @Override
  public void translationsOf(int did) throws QtestException {
    put(TRANSLATION | 2 << 4 | DRAIN | (long) did << 16, 0);
  }

  @Override
  public void pages(int did, long address, int mask) throws QtestException {
    put(TRANSLATION | 3 << 4 | DRAIN | (long) did << 16, address & -4096 | mask);
  }

  /// All entries of PASID tables.
  void pasids() throws QtestException {
    put(PASIDS | 3 << 4, 0);
  }

  /// The entries of PASID tables of domain `did`.
  void pasidsOf(int did) throws QtestException {
    put(PASIDS | (long) did << 16, 0);
  }

  /// The entry of PASID `pasid` in the tables of domain `did`.
  void pasid(int did, int pasid) throws QtestException {
    put(PASIDS | 1 << 4 | (long) did << 16 | (long) pasid << 32, 0);
  }

  /// The translations of `pasid` in domain `did`.
  void pasidTranslations(int did, int pasid) throws QtestException {
    put(PASID_TRANSLATION | 2 << 4 | (long) did << 16 | (long) pasid << 32, 0);
  }

  /// Those of 2^`mask` pages from `address` on.
  void pasidPages(int did, int pasid, long address, int mask) throws QtestException {
    put(PASID_TRANSLATION | 3 << 4 | (long) did << 16 | (long) pasid << 32, address & -4096 | mask);
  }

  @Override
  public void await() throws QtestException {
    await(0);
  }

  /// Waits, and has the unit interrupt.
  void awaitWithInterrupt() throws QtestException {
    await(INTERRUPT);
  }

  private void await(int flags) throws QtestException {
    put(WAIT | STATUS_WRITE | flags | (long) ++waits << 32, STATUS);
    ring();
    software.seeMemory("status", STATUS);
  }

  /// Gives the queue a descriptor that nobody knows, and leaves it there.
  void stumbleAndStay() throws QtestException {
    put(INVALID_TYPE, 0);
    ring();
  }

  /// Gives the queue a descriptor that nobody knows, then mends it.
  void stumble() throws QtestException {
    int at = tail;
    put(INVALID_TYPE, 0);
    ring();
    software.seeFaults();
    tail = at;
    put(WAIT | STATUS_WRITE | (long) ++waits << 32, STATUS);
    software.register32(Software.FSTS, 1 << 4);
    ring();
    software.seeFaults();
    software.seeMemory("status", STATUS);
  }

  @Override
  public void stop() throws QtestException {
    await();
    software.register32(Software.GCMD, othersEnabled);
    software.register64(Software.IQT, 0);
  }
}
