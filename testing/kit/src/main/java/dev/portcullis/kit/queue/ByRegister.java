package dev.portcullis.kit.queue;

import dev.portcullis.kit.queue.Descriptor.Hint;

/// One register request for each call.
record ByRegister(RegisterInvalidation registers) implements Invalidator {
  @Override
  public void contextGlobal() {
    demand(registers.contextGlobal());
  }

  @Override
  public void contextDomain(int did) {
    demand(registers.contextDomain(did));
  }

  @Override
  public void contextDevice(int did, int sourceId, int functionMask) {
    demand(registers.contextDevice(did, sourceId, functionMask));
  }

  @Override
  public void iotlbGlobal() {
    demand(registers.iotlbGlobal());
  }

  @Override
  public void iotlbDomain(int did) {
    demand(registers.iotlbDomain(did));
  }

  @Override
  public void iotlbPages(int did, long iova, int addressMask, Hint hint) {
    demand(registers.iotlbPages(did, iova, addressMask, hint));
  }

  private static void demand(int granularity) {
    if (granularity == 0) {
      throw new AssertionError("the unit ignored an invalidation");
    }
  }

  @Override
  public String toString() {
    return "registers";
  }
}
