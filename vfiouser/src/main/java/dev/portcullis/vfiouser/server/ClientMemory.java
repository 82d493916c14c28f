package dev.portcullis.vfiouser.server;

import dev.portcullis.linux.Descriptor;
import dev.portcullis.linux.Errno;
import dev.portcullis.linux.LinuxException;
import dev.portcullis.linux.Mapping;
import dev.portcullis.linux.MemoryFile;
import dev.portcullis.memory.MappedRegion;
import dev.portcullis.memory.MemoryRegion;
import dev.portcullis.memory.MemoryRegion.Access;
import dev.portcullis.memory.RemoteRegion;
import dev.portcullis.vfiouser.wire.DmaMap;
import dev.portcullis.vfiouser.wire.DmaUnmap;
import dev.portcullis.vfiouser.wire.ProtocolException;
import java.util.ArrayList;
import java.util.List;
import java.util.TreeMap;

/// The memory of one client, as it maps and unmaps it: each range is a region of the endpoint's
/// memory map. Used by the session's thread only.
///
/// Memory is taken away in three steps: it leaves the map, DMA in flight is waited for, the pages
/// are unmapped. Only then the client hears that it is done.
///
/// @vfiouser 2 VFIO_USER_DMA_MAP
/// @vfiouser 3 VFIO_USER_DMA_UNMAP
final class ClientMemory {
  private final Endpoint endpoint;
  private final RemoteRegion.Peer client;
  private final RemoteReads reads;
  private final Complaints complaints;
  private final TreeMap<Long, Range> ranges = new TreeMap<>();
  private boolean warnedOfUnsealed;

  /// @param mapping `null` if only messages reach it
  private record Range(MemoryRegion region, Mapping mapping) {
    void close() {
      if (mapping != null) {
        mapping.close();
      }
    }
  }

  ClientMemory(
      Endpoint endpoint, RemoteRegion.Peer client, RemoteReads reads, Complaints complaints) {
    this.endpoint = endpoint;
    this.client = client;
    this.reads = reads;
    this.complaints = complaints;
  }

  /// Adds a range; its descriptor, if there is one, remains in the list, to be closed.
  void map(DmaMap wanted, List<Descriptor> descriptors) throws ProtocolException {
    if (descriptors.size() > 1) {
      throw ProtocolException.refused(
          Errno.EINVAL, descriptors.size() + " descriptors instead of one");
    }
    if (ranges.size() >= endpoint.limits().dmaMaps()) {
      throw ProtocolException.refused(Errno.ENOSPC, "more than " + ranges.size() + " DMA ranges");
    }
    if (overlaps(wanted)) {
      throw exists(wanted);
    }
    if (!descriptors.isEmpty()) {
      add(mapped(wanted, descriptors.getFirst()), wanted);
    } else if (wanted.asksForMapping()) {
      throw ProtocolException.refused(Errno.EINVAL, "nothing to map: no descriptor");
    } else {
      Access access = wanted.isWritable() ? Access.READ_WRITE : Access.READ_ONLY;
      add(
          new Range(new RemoteRegion(wanted.address(), wanted.sizeBytes(), access, client), null),
          wanted);
    }
  }

  private boolean overlaps(DmaMap wanted) {
    var before = ranges.lowerEntry(wanted.address() + wanted.sizeBytes());
    return before != null
        && before.getKey() + before.getValue().region().sizeBytes() > wanted.address();
  }

  private static ProtocolException exists(DmaMap wanted) {
    return ProtocolException.refused(
        Errno.EEXIST,
        "range of %#x bytes at %#x overlaps another"
            .formatted(wanted.sizeBytes(), wanted.address()));
  }

  private Range mapped(DmaMap wanted, Descriptor file) throws ProtocolException {
    long offset = wanted.offset() + endpoint.windowOffsetBytes();
    try {
      // A page that the file does not have would fault when touched.
      long sizeBytes = MemoryFile.sizeBytes(file);
      if (offset < 0 || wanted.sizeBytes() > sizeBytes - offset) {
        throw ProtocolException.refused(
            Errno.EINVAL,
            "range of %#x bytes from offset %#x of a file of %#x bytes"
                .formatted(wanted.sizeBytes(), offset, sizeBytes));
      }
      noteIfUnsealed(file);
      Mapping mapping =
          Mapping.of(
              file,
              offset,
              wanted.sizeBytes(),
              wanted.isWritable() ? Mapping.Protection.READ_WRITE : Mapping.Protection.READ_ONLY);
      Access access = wanted.isWritable() ? Access.READ_WRITE : Access.READ_ONLY;
      return new Range(new MappedRegion(wanted.address(), mapping.bytes(), access), mapping);
    } catch (LinuxException e) {
      throw ProtocolException.refused(e.errno(), e.getMessage());
    }
  }

  private void noteIfUnsealed(Descriptor file) throws LinuxException {
    if (!warnedOfUnsealed && !MemoryFile.seals(file).contains(MemoryFile.Seal.SHRINK)) {
      warnedOfUnsealed = true;
      complaints.note("memory can be cut under us; DMA to what is cut away will abort");
    }
  }

  private void add(Range range, DmaMap wanted) throws ProtocolException {
    try {
      endpoint.memory().add(range.region());
    } catch (IllegalArgumentException occupied) {
      // By a region that is not this client's.
      range.close();
      throw exists(wanted);
    }
    ranges.put(wanted.address(), range);
  }

  /// Takes out one range, which must be exactly as it was mapped, or all.
  void unmap(DmaUnmap unwanted) throws ProtocolException {
    if (unwanted.isAll()) {
      clear();
      return;
    }
    Range range = ranges.get(unwanted.address());
    if (range == null || range.region().sizeBytes() != unwanted.sizeBytes()) {
      throw ProtocolException.refused(
          Errno.ENOENT,
          "no range of %#x bytes at %#x".formatted(unwanted.sizeBytes(), unwanted.address()));
    }
    ranges.remove(unwanted.address());
    withdraw(List.of(range));
  }

  /// Takes out everything.
  void clear() {
    List<Range> all = new ArrayList<>(ranges.values());
    ranges.clear();
    withdraw(all);
  }

  private void withdraw(List<Range> gone) {
    gone.forEach(range -> endpoint.memory().remove(range.region()));
    try {
      reads.failWhile(endpoint.quiesce()::drain);
    } finally {
      gone.forEach(Range::close);
    }
  }
}
