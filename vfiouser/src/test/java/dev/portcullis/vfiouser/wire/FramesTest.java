package dev.portcullis.vfiouser.wire;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.portcullis.linux.Errno;
import dev.portcullis.vfiouser.wire.Header.Answer;
import dev.portcullis.vfiouser.wire.IrqSet.Action;
import dev.portcullis.vfiouser.wire.IrqSet.Data;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.charset.StandardCharsets;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class FramesTest {
  private static final int AT = 3;

  private final MemorySegment bytes = MemorySegment.ofArray(new byte[512]);

  @FunctionalInterface
  private interface Encode {
    long encode(MemorySegment into, long at);
  }

  @FunctionalInterface
  private interface Decode {
    Record decode(MemorySegment from, long at, long lengthBytes) throws ProtocolException;
  }

  private record Frame(Record value, Encode encode, Decode decode, String hex) {
    @Override
    public String toString() {
      return value.toString();
    }
  }

  static Stream<Frame> frames() {
    DeviceInfo device = new DeviceInfo(16, DeviceInfo.RESET | DeviceInfo.PCI, 9, 5);
    RegionInfo region = new RegionInfo(32, RegionInfo.READ, 7, 0x1000);
    RegionIoFds fds = new RegionIoFds(16, 0, 2, 0);
    IrqInfo irq = new IrqInfo(16, IrqInfo.EVENT | IrqInfo.NO_RESIZE, 2, 2048);
    DmaMap map = new DmaMap(DmaMap.READ | DmaMap.WRITE, 0x2000, 0x10_0000, 0x4000);
    DmaUnmap unmap = new DmaUnmap(0, 0x10_0000, 0x4000);
    RegionAccess access = new RegionAccess(0x10, 7, 4);
    WriteMulti multi = new WriteMulti(0);
    DmaAccess dma = new DmaAccess(0xfee0_0000L, 4);
    return Stream.of(
        new Frame(device, device::encode, DeviceInfo::decode, "10000000030000000900000005000000"),
        new Frame(
            region,
            region::encode,
            RegionInfo::decode,
            "2000000001000000070000000000000000100000000000000000000000000000"),
        new Frame(fds, fds::encode, RegionIoFds::decode, "10000000000000000200000000000000"),
        new Frame(irq, irq::encode, IrqInfo::decode, "10000000090000000200000000080000"),
        new Frame(
            map,
            map::encode,
            DmaMap::decode,
            "2000000003000000002000000000000000001000000000000040000000000000"),
        new Frame(
            unmap,
            unmap::encode,
            DmaUnmap::decode,
            "180000000000000000001000000000000040000000000000"),
        new Frame(
            access, access::encode, RegionAccess::decodeRead, "10000000000000000700000004000000"),
        new Frame(multi, multi::encode, WriteMulti::decode, "0000000000000000"),
        new Frame(
            dma, dma::encode, DmaAccess::decodeWithoutData, "0000e0fe000000000400000000000000"));
  }

  @ParameterizedTest
  @MethodSource("frames")
  void whatIsEncodedLiesAsTheProtocolSaysAndIsDecodedToTheSame(Frame frame) throws Exception {
    long length = frame.encode().encode(bytes, AT);
    assertThat(hex(length)).isEqualTo(frame.hex());
    assertThat(frame.decode().decode(bytes, AT, length)).isEqualTo(frame.value());
    assertThatThrownBy(() -> frame.decode().decode(bytes, AT, length - 1))
        .isInstanceOf(ProtocolException.class);
  }

  private String hex(long length) {
    byte[] copy = bytes.asSlice(AT, length).toArray(ValueLayout.JAVA_BYTE);
    return HexFormat.of().formatHex(copy);
  }

  @Test
  void headersOfCommandsRepliesAndRefusals() throws Exception {
    Header command = Header.command(0x1234, Command.DMA_WRITE, 20, Answer.UNWANTED);
    command.encode(bytes, AT);
    assertThat(hex(16)).isEqualTo("34120c00240000001000000000000000");
    assertThat(Header.decode(bytes, AT)).isEqualTo(command);
    assertThat(command.wantsReply()).isFalse();
    assertThat(command.isReply()).isFalse();
    command.check();

    Header refusal = command.refusal(Errno.EINVAL);
    refusal.encode(bytes, AT);
    assertThat(hex(16)).isEqualTo("34120c00100000002100000016000000");
    assertThat(refusal.isReply()).isTrue();
    assertThat(refusal.isError()).isTrue();
    assertThat(command.reply(4).sizeBytes()).isEqualTo(20);
  }

  @Test
  void everyCommandHasItsNumber() {
    for (Command one : Command.values()) {
      assertThat(Command.of(one.number())).isEqualTo(one);
    }
    assertThat(List.of(Command.of(-1), Command.of(19), Command.of(65535)))
        .containsOnly(Command.UNKNOWN);
  }

  @Test
  void interruptsCarryTheirBooleans() throws Exception {
    IrqSet set =
        new IrqSet(IrqIndex.MSIX, Data.BOOL, Action.TRIGGER, 4, 2, new boolean[] {true, false});
    long length = set.encode(bytes, AT);
    assertThat(hex(length)).isEqualTo("1600000022000000020000000400000002000000" + "0100");
    IrqSet decoded = IrqSet.decode(bytes, AT, length);
    assertThat(decoded.chosen()).containsExactly(true, false);
    assertThat(decoded.index()).isEqualTo(IrqIndex.MSIX);
    assertThat(decoded.data()).isEqualTo(Data.BOOL);
    assertThat(decoded.action()).isEqualTo(Action.TRIGGER);
  }

  @Test
  void theHandshakeNamesCapabilitiesAsJson() throws Exception {
    Version version =
        new Version(0, 0, Map.of(Capability.MAX_MSG_FDS, 16L, Capability.WRITE_MULTIPLE, 1L));
    long length = version.encode(bytes, AT, 512);
    assertThat(text(length))
        .isEqualTo("{\"capabilities\":{\"max_msg_fds\":16,\"write_multiple\":true}}\0");
    assertThat(Version.decode(bytes, AT, length)).isEqualTo(version);
  }

  @Test
  void theHandshakeOfQemuIsUnderstood() throws Exception {
    String qemu =
        "{\"capabilities\": {\"migration\": {\"max_bitmap_size\": 268435456, \"pgsize\": 4096}, "
            + "\"max_dma_maps\": 65535, \"max_msg_fds\": 16, \"max_data_xfer_size\": 1048576, "
            + "\"write_multiple\": true, \"pgsizes\": 4096}}\0";
    byte[] json = qemu.getBytes(StandardCharsets.UTF_8);
    Wire.put32(bytes, AT, 0);
    MemorySegment.copy(json, 0, bytes, ValueLayout.JAVA_BYTE, AT + 4, json.length);
    Version version = Version.decode(bytes, AT, 4 + json.length);
    assertThat(version.capabilities()).hasSize(5);
    assertThat(version.value(Capability.MAX_DMA_MAPS)).isEqualTo(65535);
  }

  @Test
  void anAnswerWithLittleRoomNamesFewerCapabilities() {
    Version version =
        new Version(0, 0, Map.of(Capability.MAX_MSG_FDS, 16L, Capability.WRITE_MULTIPLE, 1L));
    String one = "{\"capabilities\":{\"max_msg_fds\":16}}\0";
    assertThat(text(version.encode(bytes, AT, 4 + one.length()))).isEqualTo(one);
    assertThat(text(version.encode(bytes, AT, 4 + one.length() - 1)))
        .isEqualTo("{\"capabilities\":{}}\0");
    assertThat(version.encode(bytes, AT, 4)).isEqualTo(4);
    assertThat(version.value(Capability.PGSIZES)).isEqualTo(4096);
  }

  private String text(long length) {
    return new String(
        bytes.asSlice(AT + 4, length - 4).toArray(ValueLayout.JAVA_BYTE), StandardCharsets.UTF_8);
  }
}
