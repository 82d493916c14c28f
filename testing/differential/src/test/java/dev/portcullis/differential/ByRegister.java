package dev.portcullis.differential;

import dev.portcullis.qtest.client.QtestException;

/// Invalidation by the registers CCMD, IVA and IOTLB.
record ByRegister(Software software) implements Invalidations {
  private static final long CONTEXT = 1L << 63;
  private static final long TRANSLATION = 1L << 63 | 3L << 48;

  @Override
  public void start() {}

  @Override
  public void contexts() throws QtestException {
    context(CONTEXT | 1L << 61);
  }

  @Override
  public void contextsOf(int did) throws QtestException {
    context(CONTEXT | 2L << 61 | did);
  }

  @Override
  public void context(int did, int sourceId) throws QtestException {
    context(CONTEXT | 3L << 61 | (long) sourceId << 16 | did);
  }

  private void context(long command) throws QtestException {
    software.register64(Software.CCMD, command);
    software.see64("CCMD", Software.CCMD);
  }

  @Override
  public void translations() throws QtestException {
    translations(TRANSLATION | 1L << 60);
  }

  @Override
  public void translationsOf(int did) throws QtestException {
    translations(TRANSLATION | 2L << 60 | (long) did << 32);
  }

  @Override
  public void pages(int did, long address, int mask) throws QtestException {
    software.register64(Software.IVA, address & -4096 | mask);
    translations(TRANSLATION | 3L << 60 | (long) did << 32);
  }

  private void translations(long command) throws QtestException {
    software.register64(Software.IOTLB, command);
    software.see64("IOTLB", Software.IOTLB);
  }

  @Override
  public void await() {}

  @Override
  public void stop() {}
}
