package dev.portcullis.vfiouser.server;

import dev.portcullis.linux.Descriptor;
import dev.portcullis.linux.Errno;
import dev.portcullis.vfiouser.wire.Command;
import dev.portcullis.vfiouser.wire.DeviceInfo;
import dev.portcullis.vfiouser.wire.DmaMap;
import dev.portcullis.vfiouser.wire.DmaUnmap;
import dev.portcullis.vfiouser.wire.IrqIndex;
import dev.portcullis.vfiouser.wire.IrqInfo;
import dev.portcullis.vfiouser.wire.IrqSet;
import dev.portcullis.vfiouser.wire.ProtocolException;
import dev.portcullis.vfiouser.wire.RegionAccess;
import dev.portcullis.vfiouser.wire.RegionInfo;
import dev.portcullis.vfiouser.wire.RegionIoFds;
import dev.portcullis.vfiouser.wire.WriteMulti;
import java.lang.foreign.MemorySegment;
import java.util.List;

/// What each command does once the handshake is over. Used by the session's thread only.
final class Commands {
  private final Regions regions;
  private final ClientMemory memory;
  private final IrqEvents events;
  private final RemoteReads reads;

  Commands(Regions regions, ClientMemory memory, IrqEvents events, RemoteReads reads) {
    this.regions = regions;
    this.memory = memory;
    this.events = events;
    this.reads = reads;
  }

  /// The payload of a command, and where the payload of its reply goes.
  ///
  /// @param descriptors that came along; those that are kept are taken out
  record Request(
      MemorySegment bytes,
      long at,
      long lengthBytes,
      List<Descriptor> descriptors,
      MemorySegment reply,
      long replyAt) {}

  /// Carries out a command.
  ///
  /// @return the length of the reply's payload in bytes
  /// @throws ProtocolException what to answer instead
  long execute(Command command, Request r) throws ProtocolException {
    if (command != Command.DMA_MAP
        && command != Command.DEVICE_SET_IRQS
        && !r.descriptors.isEmpty()) {
      throw ProtocolException.refused(Errno.EINVAL, r.descriptors.size() + " descriptors");
    }
    return switch (command) {
      case REGION_READ -> read(r);
      case REGION_WRITE -> write(r);
      case REGION_WRITE_MULTI -> writeMulti(r);
      case DMA_MAP -> {
        memory.map(DmaMap.decode(r.bytes, r.at, r.lengthBytes), r.descriptors);
        yield 0;
      }
      case DMA_UNMAP -> {
        DmaUnmap unwanted = DmaUnmap.decode(r.bytes, r.at, r.lengthBytes);
        memory.unmap(unwanted);
        yield unwanted.encode(r.reply, r.replyAt);
      }
      case DEVICE_GET_INFO -> info(r);
      case DEVICE_GET_REGION_INFO -> regionInfo(r);
      case DEVICE_GET_REGION_IO_FDS -> regionIoFds(r);
      case DEVICE_GET_IRQ_INFO -> irqInfo(r);
      case DEVICE_SET_IRQS -> setIrqs(r);
      case DEVICE_RESET -> reset(r);
      case DIRTY_PAGES, DEVICE_FEATURE, MIG_DATA_READ, MIG_DATA_WRITE ->
          throw ProtocolException.refused(Errno.ENOTSUP, "not supported");
      case VERSION, DMA_READ, DMA_WRITE, UNKNOWN ->
          throw ProtocolException.refused(Errno.EINVAL, "no command for here and now");
    };
  }

  private long read(Request r) throws ProtocolException {
    RegionAccess access = RegionAccess.decodeRead(r.bytes, r.at, r.lengthBytes);
    regions.check(access.region(), access.offset(), access.count());
    regions.read(
        (int) access.region(),
        access.offset(),
        access.count(),
        r.reply,
        r.replyAt + RegionAccess.BYTES);
    return access.encode(r.reply, r.replyAt) + access.count();
  }

  private long write(Request r) throws ProtocolException {
    RegionAccess access = RegionAccess.decodeWrite(r.bytes, r.at, r.lengthBytes);
    write(access, r.bytes, r.at + RegionAccess.BYTES);
    return access.encode(r.reply, r.replyAt);
  }

  private void write(RegionAccess access, MemorySegment from, long at) throws ProtocolException {
    regions.check(access.region(), access.offset(), access.count());
    regions.write((int) access.region(), access.offset(), access.count(), from, at);
  }

  private long writeMulti(Request r) throws ProtocolException {
    WriteMulti writes = WriteMulti.decode(r.bytes, r.at, r.lengthBytes);
    for (long i = 0; i < writes.count(); i++) {
      long at = r.at + WriteMulti.BYTES + i * WriteMulti.WRITE_BYTES;
      RegionAccess one = RegionAccess.decodeRead(r.bytes, at, RegionAccess.BYTES);
      if (one.count() > Long.BYTES) {
        throw ProtocolException.refused(Errno.EINVAL, "write of " + one.count() + " bytes");
      }
      write(one, r.bytes, at + RegionAccess.BYTES);
    }
    return writes.encode(r.reply, r.replyAt);
  }

  private long info(Request r) throws ProtocolException {
    DeviceInfo.decode(r.bytes, r.at, r.lengthBytes);
    return new DeviceInfo(
            DeviceInfo.BYTES, DeviceInfo.RESET | DeviceInfo.PCI, Regions.COUNT, IrqIndex.count())
        .encode(r.reply, r.replyAt);
  }

  private long regionInfo(Request r) throws ProtocolException {
    RegionInfo asked = RegionInfo.decode(r.bytes, r.at, r.lengthBytes);
    long sizeBytes = regions.sizeBytes(asked.index());
    int flags = sizeBytes == 0 ? 0 : RegionInfo.READ | RegionInfo.WRITE;
    return new RegionInfo(RegionInfo.BYTES, flags, asked.index(), sizeBytes)
        .encode(r.reply, r.replyAt);
  }

  private long regionIoFds(Request r) throws ProtocolException {
    RegionIoFds asked = RegionIoFds.decode(r.bytes, r.at, r.lengthBytes);
    regions.sizeBytes(asked.index());
    return new RegionIoFds(RegionIoFds.BYTES, 0, asked.index(), 0).encode(r.reply, r.replyAt);
  }

  private long irqInfo(Request r) throws ProtocolException {
    IrqInfo asked = IrqInfo.decode(r.bytes, r.at, r.lengthBytes);
    IrqIndex index = IrqIndex.of(asked.index());
    int flags =
        IrqInfo.EVENT
            | switch (index) {
              case INTX -> IrqInfo.MASKABLE | IrqInfo.AUTOMASKED;
              case MSI, MSIX -> IrqInfo.NO_RESIZE;
              case ERR, REQ -> 0;
            };
    return new IrqInfo(IrqInfo.BYTES, flags, asked.index(), regions.interrupts(index))
        .encode(r.reply, r.replyAt);
  }

  private long setIrqs(Request r) throws ProtocolException {
    IrqSet set = IrqSet.decode(r.bytes, r.at, r.lengthBytes);
    events.apply(set, regions.interrupts(set.index()), r.descriptors);
    return 0;
  }

  private long reset(Request r) throws ProtocolException {
    if (r.lengthBytes != 0) {
      throw ProtocolException.refused(Errno.EINVAL, "reset with a payload");
    }
    reads.failWhile(regions::reset);
    return 0;
  }
}
