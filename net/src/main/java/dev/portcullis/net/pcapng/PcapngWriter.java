package dev.portcullis.net.pcapng;

import java.io.Closeable;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;

/// Writes a section of Ethernet frames with times in nanoseconds, little-endian.
///
/// Each block goes out in one write, so that what was written can be read at any time. Not for
/// several threads at once.
public final class PcapngWriter implements Closeable {
  /// How many bytes of a frame are kept.
  public static final int SNAP_BYTES = 262_144;

  private static final String WRITER = "Portcullis";
  private static final int NANOSECONDS = 9;

  /// Of a comment or name; the format has 16 bits for it.
  private static final int MOST_TEXT_BYTES = 4096;

  private final OutputStream out;
  private final int interfaces;
  private long writtenBytes;

  /// Writes the section's header and its interfaces.
  ///
  /// @param interfaces their names, in the order of their numbers
  public PcapngWriter(OutputStream out, List<String> interfaces) throws IOException {
    this.out = out;
    this.interfaces = interfaces.size();
    emit(sectionHeader());
    for (String name : interfaces) {
      emit(interfaceDescription(name));
    }
  }

  private static ByteBuffer sectionHeader() {
    byte[] application = text(WRITER);
    ByteBuffer block = block(Format.SECTION_HEADER, 16 + optionBytes(application) + 4);
    block
        .putInt(Format.BYTE_ORDER_MAGIC)
        .putShort((short) Format.MAJOR_VERSION)
        .putShort((short) 0);
    block.putLong(-1);
    putOption(block, Format.APPLICATION, application);
    return block.putInt(Format.END_OF_OPTIONS);
  }

  private static ByteBuffer interfaceDescription(String name) {
    byte[] named = text(name);
    byte[] resolution = {NANOSECONDS};
    int options = optionBytes(named) + optionBytes(resolution) + 4;
    ByteBuffer block = block(Format.INTERFACE_DESCRIPTION, 8 + options);
    block.putShort((short) CaptureInterface.ETHERNET).putShort((short) 0).putInt(SNAP_BYTES);
    putOption(block, Format.INTERFACE_NAME, named);
    putOption(block, Format.TIME_RESOLUTION, resolution);
    return block.putInt(Format.END_OF_OPTIONS);
  }

  /// How many bytes a frame would take.
  public static int blockBytes(CapturedFrame captured) {
    return Format.FRAMING_BYTES + bodyBytes(captured);
  }

  private static int bodyBytes(CapturedFrame captured) {
    int comment = captured.comment().map(remark -> optionBytes(text(remark))).orElse(0);
    int flags = captured.direction() == Direction.UNKNOWN ? 0 : 8;
    int options = comment + flags;
    return Format.PACKET_HEAD_BYTES
        + Format.padded(keptBytes(captured))
        + (options == 0 ? 0 : options + 4);
  }

  private static int keptBytes(CapturedFrame captured) {
    return Math.min(captured.frame().length, SNAP_BYTES);
  }

  /// Writes a frame.
  public void write(CapturedFrame captured) throws IOException {
    if (captured.interfaceId() < 0 || captured.interfaceId() >= interfaces) {
      throw new IllegalArgumentException("no interface " + captured.interfaceId());
    }
    int kept = keptBytes(captured);
    ByteBuffer block = block(Format.ENHANCED_PACKET, bodyBytes(captured));
    block.putInt(captured.interfaceId());
    block.putInt((int) (captured.timestampNanos() >>> 32)).putInt((int) captured.timestampNanos());
    block.putInt(kept).putInt(captured.originalBytes());
    block.put(captured.frame(), 0, kept);
    block.position(block.position() + Format.padded(kept) - kept);
    if (captured.direction() != Direction.UNKNOWN) {
      block.putShort((short) Format.PACKET_FLAGS).putShort((short) 4);
      block.putInt(captured.direction().ordinal());
    }
    captured.comment().ifPresent(remark -> putOption(block, Format.COMMENT, text(remark)));
    emit(block);
  }

  /// How many bytes have been written so far.
  public long writtenBytes() {
    return writtenBytes;
  }

  @Override
  public void close() throws IOException {
    out.close();
  }

  /// A block of zeroes with its type and lengths, positioned at its body. What is left of the body
  /// when it goes out stays zero: the end of the options.
  private static ByteBuffer block(int type, int bodyBytes) {
    int bytes = bodyBytes + Format.FRAMING_BYTES;
    ByteBuffer block = ByteBuffer.allocate(bytes).order(ByteOrder.LITTLE_ENDIAN);
    return block.putInt(bytes - 4, bytes).putInt(type).putInt(bytes);
  }

  private void emit(ByteBuffer block) throws IOException {
    out.write(block.array());
    writtenBytes += block.capacity();
  }

  private static int optionBytes(byte[] value) {
    return 4 + Format.padded(value.length);
  }

  private static void putOption(ByteBuffer block, int code, byte[] value) {
    block.putShort((short) code).putShort((short) value.length).put(value);
    block.position(block.position() + Format.padded(value.length) - value.length);
  }

  private static byte[] text(String of) {
    byte[] bytes = of.getBytes(StandardCharsets.UTF_8);
    return bytes.length <= MOST_TEXT_BYTES ? bytes : Arrays.copyOf(bytes, MOST_TEXT_BYTES);
  }
}
