package dev.portcullis.vfiouser.client;

import dev.portcullis.linux.Descriptor;
import dev.portcullis.linux.LinuxException;
import dev.portcullis.linux.UnixSocket;
import dev.portcullis.vfiouser.wire.Capability;
import dev.portcullis.vfiouser.wire.Command;
import dev.portcullis.vfiouser.wire.DeviceInfo;
import dev.portcullis.vfiouser.wire.DmaMap;
import dev.portcullis.vfiouser.wire.DmaUnmap;
import dev.portcullis.vfiouser.wire.Header.Answer;
import dev.portcullis.vfiouser.wire.IrqIndex;
import dev.portcullis.vfiouser.wire.IrqInfo;
import dev.portcullis.vfiouser.wire.IrqSet;
import dev.portcullis.vfiouser.wire.ProtocolException;
import dev.portcullis.vfiouser.wire.RegionAccess;
import dev.portcullis.vfiouser.wire.RegionInfo;
import dev.portcullis.vfiouser.wire.RegionIoFds;
import dev.portcullis.vfiouser.wire.Version;
import dev.portcullis.vfiouser.wire.Wire;
import dev.portcullis.vfiouser.wire.WriteMulti;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;

/// A client that keeps the rules: every command as a method, answers to the device's own reads and
/// writes from a [Bus].
///
/// A refusal by the server is a [ProtocolException] with its errno; a connection that ends, or does
/// not answer within 10 seconds, a [LinuxException]. Safe for use by several threads.
public final class VfioUserClient implements AutoCloseable {
  /// Configuration space.
  public static final int CONFIG = 7;

  /// What QEMU proposes, in our words.
  private static final Map<Capability, Long> PROPOSAL =
      Map.of(
          Capability.MAX_MSG_FDS, 16L,
          Capability.MAX_DATA_XFER_SIZE, 1L << 20,
          Capability.MAX_DMA_MAPS, 65535L,
          Capability.PGSIZES, 4096L,
          Capability.WRITE_MULTIPLE, 1L);

  private final Conversation conversation;

  /// One of the writes of [#writeMulti].
  ///
  /// @param widthBytes 1, 2, 4 or 8
  public record Write(int region, long offset, int widthBytes, long value) {}

  private VfioUserClient(UnixSocket socket, Bus bus) {
    conversation = new Conversation(socket, bus);
  }

  /// Connects, and says nothing yet.
  public static VfioUserClient silent(Path socket, Bus bus) throws LinuxException {
    return new VfioUserClient(UnixSocket.connect(socket), bus);
  }

  /// Connects and shakes hands.
  public static VfioUserClient connect(Path socket, Bus bus)
      throws LinuxException, ProtocolException {
    VfioUserClient client = silent(socket, bus);
    try {
      client.negotiate(new Version(0, 0, PROPOSAL));
      return client;
    } catch (LinuxException | ProtocolException e) {
      client.close();
      throw e;
    }
  }

  /// Shakes hands.
  public Version negotiate(Version proposal) throws LinuxException, ProtocolException {
    MemorySegment answer =
        request(
            Command.VERSION,
            (into, at) -> proposal.encode(into, at, Wire.MAX_TRANSFER_BYTES),
            List.of());
    return Version.decode(answer, 0, answer.byteSize());
  }

  /// Sends a command and waits for its answer.
  ///
  /// @return the payload of the answer
  public MemorySegment request(Command command, Encoder payload, List<Descriptor> descriptors)
      throws LinuxException, ProtocolException {
    return conversation.request(command, payload, descriptors);
  }

  /// Sends a command that nobody shall answer.
  public void tell(Command command, Encoder payload) throws LinuxException {
    conversation.send(command, payload, Answer.UNWANTED, List.of());
  }

  public DeviceInfo deviceInfo() throws LinuxException, ProtocolException {
    MemorySegment answer =
        request(Command.DEVICE_GET_INFO, new DeviceInfo(DeviceInfo.BYTES, 0, 0, 0)::encode);
    return DeviceInfo.decode(answer, 0, answer.byteSize());
  }

  public RegionInfo regionInfo(int region) throws LinuxException, ProtocolException {
    MemorySegment answer =
        request(
            Command.DEVICE_GET_REGION_INFO, new RegionInfo(RegionInfo.BYTES, 0, region, 0)::encode);
    return RegionInfo.decode(answer, 0, answer.byteSize());
  }

  public RegionIoFds regionIoFds(int region) throws LinuxException, ProtocolException {
    MemorySegment answer =
        request(
            Command.DEVICE_GET_REGION_IO_FDS,
            new RegionIoFds(RegionIoFds.BYTES, 0, region, 0)::encode);
    return RegionIoFds.decode(answer, 0, answer.byteSize());
  }

  public IrqInfo irqInfo(IrqIndex index) throws LinuxException, ProtocolException {
    MemorySegment answer =
        request(
            Command.DEVICE_GET_IRQ_INFO, new IrqInfo(IrqInfo.BYTES, 0, index.ordinal(), 0)::encode);
    return IrqInfo.decode(answer, 0, answer.byteSize());
  }

  public void setIrqs(IrqSet set, List<Descriptor> events)
      throws LinuxException, ProtocolException {
    request(Command.DEVICE_SET_IRQS, set::encode, events);
  }

  /// Reads `count` bytes of a region.
  public byte[] read(int region, long offset, int count) throws LinuxException, ProtocolException {
    RegionAccess access = new RegionAccess(offset, region, count);
    MemorySegment answer = request(Command.REGION_READ, access::encode);
    return answer.asSlice(RegionAccess.BYTES, count).toArray(ValueLayout.JAVA_BYTE);
  }

  /// Reads a number of 1, 2, 4 or 8 bytes.
  public long readNumber(int region, long offset, int widthBytes)
      throws LinuxException, ProtocolException {
    return Wire.number(MemorySegment.ofArray(read(region, offset, widthBytes)), 0, widthBytes);
  }

  /// Writes bytes to a region.
  public void write(int region, long offset, byte[] data) throws LinuxException, ProtocolException {
    request(
        Command.REGION_WRITE,
        (into, at) -> {
          long header = new RegionAccess(offset, region, data.length).encode(into, at);
          MemorySegment.copy(data, 0, into, ValueLayout.JAVA_BYTE, at + header, data.length);
          return header + data.length;
        });
  }

  /// Writes a number of 1, 2, 4 or 8 bytes.
  public void writeNumber(int region, long offset, int widthBytes, long value)
      throws LinuxException, ProtocolException {
    byte[] data = new byte[widthBytes];
    Wire.putNumber(MemorySegment.ofArray(data), 0, widthBytes, value);
    write(region, offset, data);
  }

  /// Writes numbers and waits for nothing, as QEMU does with posted writes.
  public void postWrites(List<Write> writes) throws LinuxException {
    tell(Command.REGION_WRITE_MULTI, (into, at) -> encode(writes, into, at));
  }

  /// Writes numbers in one message.
  ///
  /// @return how many the server says it did
  public long writeMulti(List<Write> writes) throws LinuxException, ProtocolException {
    MemorySegment answer =
        request(Command.REGION_WRITE_MULTI, (into, at) -> encode(writes, into, at));
    return Wire.i64(answer, 0);
  }

  private static long encode(List<Write> writes, MemorySegment into, long at) {
    long end = at + new WriteMulti(writes.size()).encode(into, at);
    for (Write one : writes) {
      new RegionAccess(one.offset, one.region, one.widthBytes).encode(into, end);
      Wire.put64(into, end + RegionAccess.BYTES, one.value);
      end += WriteMulti.WRITE_BYTES;
    }
    return end - at;
  }

  /// Gives the device memory that it can map.
  public void map(DmaMap range, Descriptor file) throws LinuxException, ProtocolException {
    request(Command.DMA_MAP, range::encode, List.of(file));
  }

  /// Gives the device memory that it reaches by message.
  public void map(DmaMap range) throws LinuxException, ProtocolException {
    request(Command.DMA_MAP, range::encode);
  }

  public void unmap(long address, long sizeBytes) throws LinuxException, ProtocolException {
    request(Command.DMA_UNMAP, new DmaUnmap(0, address, sizeBytes)::encode);
  }

  public void unmapAll() throws LinuxException, ProtocolException {
    request(Command.DMA_UNMAP, new DmaUnmap(DmaUnmap.ALL, 0, 0)::encode);
  }

  public void reset() throws LinuxException, ProtocolException {
    request(Command.DEVICE_RESET, Encoder.nothing());
  }

  private MemorySegment request(Command command, Encoder payload)
      throws LinuxException, ProtocolException {
    return request(command, payload, List.of());
  }

  /// Leaves.
  @Override
  public void close() {
    conversation.close();
  }
}
