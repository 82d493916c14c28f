package dev.portcullis.kit.queue;

import dev.portcullis.kit.queue.Descriptor.Hint;

/// One descriptor and a wait for each call.
record ByQueue(InvalidationQueue queue) implements Invalidator {
  @Override
  public void contextGlobal() {
    queue.complete(Descriptor.contextGlobal());
  }

  @Override
  public void contextDomain(int did) {
    queue.complete(Descriptor.contextDomain(did));
  }

  @Override
  public void contextDevice(int did, int sourceId, int functionMask) {
    queue.complete(Descriptor.contextDevice(did, sourceId, functionMask));
  }

  @Override
  public void iotlbGlobal() {
    queue.complete(Descriptor.iotlbGlobal());
  }

  @Override
  public void iotlbDomain(int did) {
    queue.complete(Descriptor.iotlbDomain(did));
  }

  @Override
  public void iotlbPages(int did, long iova, int addressMask, Hint hint) {
    queue.complete(Descriptor.iotlbPages(did, iova, addressMask, hint));
  }

  @Override
  public String toString() {
    return "queue";
  }
}
