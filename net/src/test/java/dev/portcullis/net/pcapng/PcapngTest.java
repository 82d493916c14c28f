package dev.portcullis.net.pcapng;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.portcullis.net.pcapng.CaptureFiles.Room;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class PcapngTest {
  private static final String SECTION_BIG =
      "0a0d0d0a 0000001c 1a2b3c4d 0001 0000 ffffffffffffffff 0000001c";
  private static final String SECTION_LITTLE =
      "0a0d0d0a 1c000000 4d3c2b1a 0100 0000 ffffffffffffffff 1c000000";
  private static final String ETHERNET_BIG = "00000001 00000014 0001 0000 00000000 00000014";

  @TempDir Path folder;

  private static byte[] bytes(String... hex) {
    return HexFormat.of().parseHex(String.join("", hex).replace(" ", ""));
  }

  private static List<CapturedFrame> readAll(byte[] file) throws IOException {
    return readAll(new PcapngReader(new ByteArrayInputStream(file)));
  }

  private static List<CapturedFrame> readAll(PcapngReader reader) throws IOException {
    try (reader) {
      List<CapturedFrame> frames = new ArrayList<>();
      for (var next = reader.next(); next.isPresent(); next = reader.next()) {
        frames.add(next.get());
      }
      return frames;
    }
  }

  private static byte[] written(CapturedFrame... frames) throws IOException {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    try (PcapngWriter writer = new PcapngWriter(out, List.of("uplink", "user"))) {
      for (CapturedFrame frame : frames) {
        int before = out.size();
        writer.write(frame);
        assertThat(out.size() - before).isEqualTo(PcapngWriter.blockBytes(frame));
      }
      assertThat(writer.writtenBytes()).isEqualTo(out.size());
    }
    return out.toByteArray();
  }

  @Test
  void whatIsWrittenIsRead() throws IOException {
    List<CapturedFrame> frames = new ArrayList<>();
    for (int length = 0; length < 9; length++) {
      byte[] frame = new byte[length];
      Arrays.fill(frame, (byte) length);
      Direction direction = Direction.values()[length % 3];
      var one = CapturedFrame.of(length & 1, 1_700_000_000_123_456_789L + length, direction, frame);
      frames.add(length % 2 == 0 ? one : one.withComment("dropped: ü".repeat(length)));
    }
    byte[] file = written(frames.toArray(CapturedFrame[]::new));
    assertThat(readAll(file)).usingRecursiveFieldByFieldElementComparator().isEqualTo(frames);
    PcapngReader reader = new PcapngReader(new ByteArrayInputStream(file));
    assertThat(reader.next()).isPresent();
    assertThat(reader.interfaces())
        .containsExactly(
            new CaptureInterface("uplink", 1, PcapngWriter.SNAP_BYTES),
            new CaptureInterface("user", 1, PcapngWriter.SNAP_BYTES));
  }

  @Test
  void ofAGiantFrameTheBeginningIsKept() throws IOException {
    byte[] giant = new byte[PcapngWriter.SNAP_BYTES + 1];
    CapturedFrame frame =
        readAll(written(CapturedFrame.of(0, 0, Direction.INBOUND, giant))).getFirst();
    assertThat(frame.frame()).hasSize(PcapngWriter.SNAP_BYTES);
    assertThat(frame.originalBytes()).isEqualTo(giant.length);
  }

  /// Byte by byte as the specification draws the blocks: section header, interface description with
  /// if_name and if_tsresol, enhanced packet with epb_flags and a comment.
  @Test
  void writesTheBytesOfTheSpecification() throws IOException {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    try (PcapngWriter writer = new PcapngWriter(out, List.of("up"))) {
      byte[] frame = bytes("010203");
      writer.write(
          CapturedFrame.of(0, 0x1122_3344_5566_7788L, Direction.OUTBOUND, frame).withComment("hi"));
    }
    assertThat(out.toByteArray())
        .isEqualTo(
            bytes(
                "0a0d0d0a 30000000 4d3c2b1a 0100 0000 ffffffffffffffff",
                "0400 0a00 506f727463756c6c6973 0000 00000000 30000000",
                "01000000 28000000 0100 0000 00000400",
                "0200 0200 7570 0000 0900 0100 09 000000 0000 0000 28000000",
                "06000000 38000000 00000000 44332211 88776655 03000000 03000000",
                "010203 00 0200 0400 02000000 0100 0200 6869 0000 00000000 38000000"));
  }

  @Test
  void readsTheOtherByteOrder() throws IOException {
    byte[] file =
        bytes(
            SECTION_BIG,
            "00000001 00000020 0001 0000 00000040 0009 0001 06 000000 0000 0000 00000020",
            "00000006 00000030 00000000 00000000 000f4240 00000005 00000009",
            "0102030405 000000 0002 0004 00000001 00000030");
    CapturedFrame frame = readAll(file).getFirst();
    assertThat(frame.timestampNanos()).isEqualTo(1_000_000_000);
    assertThat(frame.frame()).containsExactly(1, 2, 3, 4, 5);
    assertThat(frame.originalBytes()).isEqualTo(9);
    assertThat(frame.direction()).isEqualTo(Direction.INBOUND);
  }

  @Test
  void sectionsNumberTheirInterfacesAnew() throws IOException {
    String packet =
        "06000000 24000000 00000000 00000000 01000000 01000000 01000000 aa000000 24000000";
    byte[] file =
        bytes(
            SECTION_BIG,
            ETHERNET_BIG,
            SECTION_LITTLE,
            "01000000 14000000 9300 0000 00000000 14000000",
            packet);
    PcapngReader reader = new PcapngReader(new ByteArrayInputStream(file));
    assertThat(reader.next().orElseThrow().interfaceId()).isEqualTo(1);
    assertThat(reader.interfaces().get(1).linkType()).isEqualTo(0x93);
  }

  @Test
  void skipsWhatItDoesNotKnow() throws IOException {
    byte[] file =
        bytes(
            SECTION_BIG,
            "00000bad 00000014 0001 0002 00000004 00000014", // a block of somebody's own
            ETHERNET_BIG,
            "00000005 00000018 00000000 00000000 00000000 00000018", // interface statistics
            "00000003 00000014 00000002 beef0000 00000014"); // a simple packet
    CapturedFrame frame = readAll(file).getFirst();
    assertThat(frame.frame()).isEqualTo(bytes("beef"));
    assertThat(frame.timestampNanos()).isZero();
  }

  @Test
  void timesComeInManyUnits() {
    TimeUnits micros = TimeUnits.MICROSECONDS;
    assertThat(micros.nanos(5)).isEqualTo(5_000);
    assertThat(micros.withResolution(0).nanos(3)).isEqualTo(3_000_000_000L);
    assertThat(micros.withResolution(12).nanos(7_999)).isEqualTo(7);
    assertThat(micros.withResolution(0x8a).nanos(512)).isEqualTo(500_000_000);
    assertThat(micros.withResolution(0xff).nanos(-1)).isZero();
    assertThat(micros.withResolution(9).withOffset(2).nanos(1)).isEqualTo(2_000_000_001);
    assertThat(micros.nanos(-1)).isEqualTo(Long.MAX_VALUE);
    assertThat(micros.withOffset(Long.MIN_VALUE).nanos(0)).isEqualTo(Long.MIN_VALUE);
  }

  @Test
  void aCorruptFileIsToldWithItsPlace() {
    refused("at byte 0: this is no pcapng file", "d4c3b2a1 02000400 00000000");
    refused("at byte 0: a section without byte-order magic", "0a0d0d0a 0000001c 00000000");
    refused("at byte 0: the file ends in the middle", SECTION_BIG.substring(0, 36));
    refused("at byte 0: version 2 is not known", SECTION_BIG.replace(" 0001 ", " 0002 "));
    refused("at byte 28: a block of 4294967292 bytes", SECTION_BIG, "00000001 fffffffc");
    refused("at byte 28: a block of 8 bytes", SECTION_BIG, "00000001 00000008");
    refused("at byte 28: the file ends in the middle", SECTION_BIG, "0000");
    refused(
        "at byte 28: a block of 20 bytes ends as one of 24",
        SECTION_BIG,
        "00000001 00000014 0001 0000 00000000 00000018");
    String packet = "00000006 00000020 %s 00000000 00000000 %s 00000000 00000020";
    refused("at byte 28: no interface 0", SECTION_BIG, packet.formatted("00000000", "00000000"));
    refused(
        "at byte 48: no interface 4294967295",
        SECTION_BIG,
        ETHERNET_BIG,
        packet.formatted("ffffffff", "00000000"));
    refused(
        "at byte 48: 2147483648 bytes of a frame in a block that has room for 0",
        SECTION_BIG,
        ETHERNET_BIG,
        packet.formatted("00000000", "80000000"));
    refused(
        "at byte 28: option 2 of 9 bytes leaves its block",
        SECTION_BIG,
        "00000001 00000018 0001 0000 00000000 0002 0009 00000018");
  }

  private static void refused(String message, String... hex) {
    assertThatThrownBy(() -> readAll(bytes(hex)))
        .isInstanceOf(CaptureException.class)
        .hasMessageStartingWith(message);
  }

  @Test
  void damageEndsInAnErrorOrInFrames() throws IOException {
    byte[] sound =
        written(
            CapturedFrame.of(0, 1, Direction.INBOUND, new byte[60]).withComment("one"),
            CapturedFrame.of(1, 2, Direction.OUTBOUND, new byte[3]));
    SplittableRandom random = new SplittableRandom(0x9ca9);
    int refused = 0;
    for (int i = 0; i < 20_000; i++) {
      byte[] damaged = Arrays.copyOf(sound, random.nextInt(sound.length + 1));
      for (int change = random.nextInt(4); change > 0 && damaged.length > 0; change--) {
        damaged[random.nextInt(damaged.length)] = (byte) random.nextInt();
      }
      try {
        assertThat(readAll(damaged)).hasSizeLessThanOrEqualTo(2);
      } catch (CaptureException e) {
        assertThat(e.offset()).isBetween(0L, (long) damaged.length);
        refused++;
      }
    }
    assertThat(refused).isGreaterThan(1_000);
  }

  @Test
  void aCaptureKeepsToItsRoom() throws IOException {
    CapturedFrame frame = CapturedFrame.of(0, 7, Direction.INBOUND, new byte[100]);
    try (CaptureFiles capture =
        new CaptureFiles(folder.resolve("new"), "user", new Room(500, 3), List.of("user"))) {
      for (int i = 0; i < 20; i++) {
        capture.write(frame);
      }
      assertThat(capture.files())
          .extracting(file -> file.getFileName().toString())
          .containsExactly("user-00008.pcapng", "user-00009.pcapng", "user-00010.pcapng");
      for (Path file : capture.files()) {
        assertThat(Files.size(file)).isLessThanOrEqualTo(500);
        assertThat(readAll(PcapngReader.open(file))).hasSize(2);
      }
      try (var files = Files.list(folder.resolve("new"))) {
        assertThat(files).hasSize(3);
      }
    }
  }

  @Test
  void aFileTakesOneFrameHoweverSmallItIs() throws IOException {
    try (CaptureFiles capture = new CaptureFiles(folder, "a", new Room(1, 1), List.of("a"))) {
      capture.write(CapturedFrame.of(0, 7, Direction.INBOUND, new byte[100]));
      assertThat(readAll(PcapngReader.open(capture.files().getFirst()))).hasSize(1);
    }
  }

  @Test
  void aClosedCaptureTakesNothing() throws IOException {
    CaptureFiles capture = new CaptureFiles(folder, "a", Room.USUAL, List.of("a"));
    capture.close();
    capture.close();
    assertThatThrownBy(
            () -> capture.write(CapturedFrame.of(0, 7, Direction.INBOUND, new byte[100])))
        .hasMessage("the capture is closed");
  }
}
