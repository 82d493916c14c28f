package dev.portcullis.net.pcapng;

import java.io.BufferedInputStream;
import java.io.Closeable;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.function.BiConsumer;

/// Reads frames from a file, of either byte order, section after section. Blocks and options that
/// it does not know it skips.
///
/// A file that makes no sense ends in a [CaptureException], at the block that does not; what was
/// before it has been read by then. Memory for one block is needed, 16 MiB at most.
public final class PcapngReader implements Closeable {
  private static final int MOST_BLOCK_BYTES = 16 << 20;
  private static final int MOST_INTERFACES = 65_536;
  private static final int HEAD_BYTES = 8;

  private final InputStream in;
  private final List<CaptureInterface> interfaces = new ArrayList<>();
  private final List<TimeUnits> units = new ArrayList<>();
  private ByteOrder order;
  private int sectionStart;
  private long offset;
  private long blockAt;

  public PcapngReader(InputStream in) {
    this.in = in;
  }

  /// Opens a file.
  public static PcapngReader open(Path file) throws IOException {
    return new PcapngReader(new BufferedInputStream(Files.newInputStream(file)));
  }

  /// The interfaces that have come so far, of all sections.
  public List<CaptureInterface> interfaces() {
    return List.copyOf(interfaces);
  }

  /// The next frame; nothing at the end.
  ///
  /// @throws CaptureException if the file makes no sense here
  public Optional<CapturedFrame> next() throws IOException {
    while (true) {
      blockAt = offset;
      byte[] head = read(HEAD_BYTES);
      if (head.length == 0) {
        return Optional.empty();
      }
      if (head.length < HEAD_BYTES) {
        throw corrupt("the file ends in the middle of a block");
      }
      ByteBuffer body = readBody(ByteBuffer.wrap(head));
      Optional<CapturedFrame> frame =
          switch (typeOf(head)) {
            case Format.INTERFACE_DESCRIPTION -> readInterface(body);
            case Format.ENHANCED_PACKET -> Optional.of(readPacket(body));
            case Format.SIMPLE_PACKET -> Optional.of(readSimplePacket(body));
            default -> Optional.empty();
          };
      if (frame.isPresent()) {
        return frame;
      }
    }
  }

  private int typeOf(byte[] head) {
    return ByteBuffer.wrap(head).order(order).getInt(0);
  }

  private ByteBuffer readBody(ByteBuffer head) throws IOException {
    boolean newSection = head.getInt(0) == Format.SECTION_HEADER;
    byte[] magic = {};
    if (newSection) {
      magic = read(4);
      order = orderOf(magic);
      sectionStart = interfaces.size();
    } else if (order == null) {
      throw corrupt("this is no pcapng file");
    }
    int length = head.order(order).getInt(4);
    int least = Format.FRAMING_BYTES + (newSection ? 16 : 0);
    if (length < least || length > MOST_BLOCK_BYTES || (length & 3) != 0) {
      throw corrupt("a block of " + Integer.toUnsignedString(length) + " bytes");
    }
    int wanted = length - HEAD_BYTES - magic.length;
    byte[] rest = read(wanted);
    if (rest.length < wanted) {
      throw corrupt("the file ends in the middle of a block");
    }
    ByteBuffer body = ByteBuffer.wrap(rest).order(order);
    int again = body.getInt(rest.length - 4);
    if (again != length) {
      throw corrupt("a block of %d bytes ends as one of %d".formatted(length, again));
    }
    if (newSection && (body.getShort(0) & 0xffff) != Format.MAJOR_VERSION) {
      throw corrupt("version " + (body.getShort(0) & 0xffff) + " is not known");
    }
    return body.limit(rest.length - 4);
  }

  private ByteOrder orderOf(byte[] magic) throws CaptureException {
    for (ByteOrder one : List.of(ByteOrder.LITTLE_ENDIAN, ByteOrder.BIG_ENDIAN)) {
      if (magic.length == 4
          && ByteBuffer.wrap(magic).order(one).getInt() == Format.BYTE_ORDER_MAGIC) {
        return one;
      }
    }
    throw corrupt("a section without byte-order magic");
  }

  private Optional<CapturedFrame> readInterface(ByteBuffer body) throws CaptureException {
    if (body.remaining() < 8) {
      throw corrupt("an interface description of %d bytes".formatted(body.remaining()));
    }
    if (interfaces.size() == MOST_INTERFACES) {
      throw corrupt("more than %d interfaces".formatted(MOST_INTERFACES));
    }
    int linkType = body.getShort() & 0xffff;
    body.getShort();
    long snapBytes = body.getInt() & 0xffff_ffffL;
    String[] name = {""};
    TimeUnits[] time = {TimeUnits.MICROSECONDS};
    readOptions(
        body,
        (code, value) -> {
          if (code == Format.INTERFACE_NAME) {
            name[0] = text(value);
          } else if (code == Format.TIME_RESOLUTION && value.remaining() >= 1) {
            time[0] = time[0].withResolution(value.get(0) & 0xff);
          } else if (code == Format.TIME_OFFSET && value.remaining() >= 8) {
            time[0] = time[0].withOffset(value.getLong(0));
          }
        });
    interfaces.add(new CaptureInterface(name[0], linkType, snapBytes));
    units.add(time[0]);
    return Optional.empty();
  }

  private CapturedFrame readPacket(ByteBuffer body) throws CaptureException {
    if (body.remaining() < Format.PACKET_HEAD_BYTES) {
      throw corrupt("a packet block of %d bytes".formatted(body.remaining()));
    }
    int id = interfaceOf(body.getInt());
    long time = (body.getInt() & 0xffff_ffffL) << 32 | body.getInt() & 0xffff_ffffL;
    int kept = body.getInt();
    int original = body.getInt();
    if (kept < 0 || kept > body.remaining()) {
      throw corrupt(
          "%s bytes of a frame in a block that has room for %d"
              .formatted(Integer.toUnsignedString(kept), body.remaining()));
    }
    byte[] frame = new byte[kept];
    body.get(frame);
    body.position(Math.min(body.limit(), body.position() + Format.padded(kept) - kept));
    Direction[] direction = {Direction.UNKNOWN};
    List<String> comments = new ArrayList<>();
    readOptions(
        body,
        (code, value) -> {
          if (code == Format.COMMENT) {
            comments.add(text(value));
          } else if (code == Format.PACKET_FLAGS && value.remaining() >= 4) {
            direction[0] = direction(value.getInt(0));
          }
        });
    return new CapturedFrame(
        id,
        units.get(id).nanos(time),
        direction[0],
        frame,
        Math.max(original, kept),
        comments.isEmpty() ? Optional.empty() : Optional.of(String.join("\n", comments)));
  }

  private static Direction direction(int flags) {
    return switch (flags & Format.DIRECTION_MASK) {
      case 1 -> Direction.INBOUND;
      case 2 -> Direction.OUTBOUND;
      default -> Direction.UNKNOWN;
    };
  }

  /// A frame of the section's first interface, of which no time is known.
  private CapturedFrame readSimplePacket(ByteBuffer body) throws CaptureException {
    if (body.remaining() < 4) {
      throw corrupt("a simple packet block of %d bytes".formatted(body.remaining()));
    }
    int id = interfaceOf(0);
    long original = body.getInt() & 0xffff_ffffL;
    long snap = interfaces.get(id).snapBytes();
    long kept = snap == 0 ? original : Math.min(original, snap);
    if (kept > body.remaining()) {
      throw corrupt("a frame of %d bytes in a block of %d".formatted(kept, body.remaining()));
    }
    byte[] frame = Arrays.copyOfRange(body.array(), body.position(), body.position() + (int) kept);
    int whole = (int) Math.min(original, Integer.MAX_VALUE);
    return new CapturedFrame(id, 0, Direction.UNKNOWN, frame, whole, Optional.empty());
  }

  private int interfaceOf(int idInSection) throws CaptureException {
    if (idInSection < 0 || idInSection >= interfaces.size() - sectionStart) {
      throw corrupt("no interface " + Integer.toUnsignedString(idInSection));
    }
    return sectionStart + idInSection;
  }

  private void readOptions(ByteBuffer body, BiConsumer<Integer, ByteBuffer> reader)
      throws CaptureException {
    while (body.remaining() >= 4) {
      int code = body.getShort() & 0xffff;
      int length = body.getShort() & 0xffff;
      if (code == Format.END_OF_OPTIONS) {
        return;
      }
      if (length > body.remaining()) {
        throw corrupt("option %d of %d bytes leaves its block".formatted(code, length));
      }
      reader.accept(code, body.slice(body.position(), length).order(order));
      body.position(Math.min(body.limit(), body.position() + Format.padded(length)));
    }
  }

  private static String text(ByteBuffer value) {
    return StandardCharsets.UTF_8.decode(value.duplicate()).toString();
  }

  private byte[] read(int bytes) throws IOException {
    byte[] read = in.readNBytes(bytes);
    offset += read.length;
    return read;
  }

  private CaptureException corrupt(String reason) {
    return new CaptureException(blockAt, reason);
  }

  @Override
  public void close() throws IOException {
    in.close();
  }
}
