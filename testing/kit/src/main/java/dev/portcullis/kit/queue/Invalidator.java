package dev.portcullis.kit.queue;

import dev.portcullis.kit.queue.Descriptor.Hint;

/// Invalidation, whichever way it goes. Each call returns when the unit has done it.
public interface Invalidator {
  void contextGlobal();

  void contextDomain(int did);

  void contextDevice(int did, int sourceId, int functionMask);

  void iotlbGlobal();

  void iotlbDomain(int did);

  void iotlbPages(int did, long iova, int addressMask, Hint hint);

  /// Everything, in the order the architecture asks for.
  default void everything() {
    contextGlobal();
    iotlbGlobal();
  }

  /// Through the queue.
  static Invalidator by(InvalidationQueue queue) {
    return new ByQueue(queue);
  }

  /// Through registers.
  static Invalidator by(RegisterInvalidation registers) {
    return new ByRegister(registers);
  }
}
