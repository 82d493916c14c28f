package dev.portcullis.vfiouser.server;

import dev.portcullis.memory.MemoryMap;
import dev.portcullis.pci.PciFunction;
import dev.portcullis.pci.RequesterId;

/// What a server offers, and how.
///
/// @param requester where the function sits, for the log
/// @param function gets every configuration and window access, and resets, on one thread
/// @param memory filled with what the client maps, emptied when it leaves
/// @param quiesce waits for DMA in flight in `memory`
/// @param capabilities when the client sees them
/// @param windowOffsetBytes added to the offset of each mapping: where in its file the client's
///   memory begins. QEMU's `memory-backend-file,offset=X` sends the whole file and leaves X out
/// @param limits what a client may ask for
public record Endpoint(
    RequesterId requester,
    PciFunction function,
    MemoryMap memory,
    Quiesce quiesce,
    Capabilities capabilities,
    long windowOffsetBytes,
    Limits limits) {

  public Endpoint {
    if (windowOffsetBytes < 0 || windowOffsetBytes % 4096 != 0) {
      throw new IllegalArgumentException("bad window offset: " + windowOffsetBytes);
    }
  }

  /// The usual: capabilities late, no window, nothing to wait for.
  public static Endpoint of(RequesterId requester, PciFunction function, MemoryMap memory) {
    return new Endpoint(
        requester, function, memory, () -> {}, Capabilities.LATE, 0, Limits.DEFAULT);
  }

  public Endpoint with(Quiesce other) {
    return new Endpoint(
        requester, function, memory, other, capabilities, windowOffsetBytes, limits);
  }

  public Endpoint with(Capabilities other) {
    return new Endpoint(requester, function, memory, quiesce, other, windowOffsetBytes, limits);
  }

  public Endpoint with(Limits other) {
    return new Endpoint(
        requester, function, memory, quiesce, capabilities, windowOffsetBytes, other);
  }

  public Endpoint withWindowOffset(long bytes) {
    return new Endpoint(requester, function, memory, quiesce, capabilities, bytes, limits);
  }
}
