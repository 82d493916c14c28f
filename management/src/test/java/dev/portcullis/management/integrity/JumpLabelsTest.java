package dev.portcullis.management.integrity;

import static org.assertj.core.api.Assertions.assertThat;

import dev.portcullis.management.integrity.JumpLabels.Switching;
import dev.portcullis.vmm.memory.PageRange;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.SplittableRandom;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// A kernel of four pages of text and two of read-only data, of which one instruction in sixteen
/// can be switched.
class JumpLabelsTest {
  private static final int PAGE = 4096;
  private static final long LOAD = 32L << 20;
  private static final int TEXT_BYTES = 4 * PAGE;
  private static final int TABLE = TEXT_BYTES + 0x128;
  private static final int LABELS = 200;
  private static final int DISTANCE = 79;
  private static final int KEYS = 3 << 20;
  private static final byte[] NOP = {0x0f, 0x1f, 0x44, 0, 0};
  private static final byte[] SHORT_NOP = {0x66, (byte) 0x90};

  private final ByteBuffer image = ByteBuffer.allocate(6 * PAGE).order(ByteOrder.LITTLE_ENDIAN);
  private final List<WatchedRange> ranges =
      List.of(
          range("kernel text", LOAD, TEXT_BYTES),
          range("kernel read-only data", LOAD + TEXT_BYTES, 2 * PAGE));

  private static WatchedRange range(String name, long first, long bytes) {
    return new WatchedRange(name, new PageRange(first, bytes), Optional.empty());
  }

  private Switching switching = Switching.PERHAPS;
  private boolean broke;

  private boolean read(long gpa, byte[] to, int length) {
    long at = gpa - LOAD;
    boolean isThere = at >= 0 && at <= image.capacity() - length;
    if (isThere) {
      image.get((int) at, to, 0, length);
    }
    return isThere;
  }

  /// Where label `i` is: those of every other are short; one lies across two pages.
  private static int site(int i) {
    return i == 0 ? 2 * PAGE - 2 : 64 + i * DISTANCE;
  }

  private static boolean isShort(int i) {
    return i % 2 == 1;
  }

  private static int target(int i) {
    return isShort(i) ? site(i) + 40 : TEXT_BYTES - 100 - i;
  }

  private void on(int i) {
    if (isShort(i)) {
      image.put(site(i), (byte) 0xeb).put(site(i) + 1, (byte) (target(i) - site(i) - 2));
    } else {
      image.put(site(i), (byte) 0xe9).putInt(site(i) + 1, target(i) - site(i) - 5);
    }
  }

  private void off(int i) {
    image.put(site(i), isShort(i) ? SHORT_NOP : NOP);
  }

  private void entry(int at, int site, int target, int key) {
    image.putInt(at, site - at).putInt(at + 4, target - at - 4).putLong(at + 8, key - at - 8L);
  }

  @BeforeEach
  void load() {
    SplittableRandom random = new SplittableRandom(3);
    for (int i = 0; i < TEXT_BYTES; i++) {
      image.put(i, (byte) (0x50 + random.nextInt(8)));
    }
    for (int i = TEXT_BYTES; i < image.capacity(); i++) {
      image.put(i, (byte) random.nextInt());
    }
    for (int i = 0; i < LABELS; i++) {
      off(i);
      if (i % 3 == 0) {
        on(i);
      }
      entry(TABLE + 16 * i, site(i), target(i), KEYS + i / 4 * 8 + i % 4);
    }
  }

  private byte[] smoothed(JumpLabels labels, int page) {
    byte[] bytes = new byte[PAGE];
    assertThat(read(LOAD + (long) page * PAGE, bytes, PAGE)).isTrue();
    broke |= labels.smooth(this::read, LOAD + (long) page * PAGE, bytes, switching);
    return bytes;
  }

  private String all(JumpLabels labels) {
    ByteBuffer all = ByteBuffer.allocate(TEXT_BYTES);
    for (int page = 0; page < 4; page++) {
      all.put(smoothed(labels, page));
    }
    return Digests.text(Digests.sha256().digest(all.array()));
  }

  private JumpLabels find() {
    return JumpLabels.find(this::read, ranges);
  }

  @Test
  void allAreFound_onOrOff() {
    assertThat(find().count()).isEqualTo(LABELS);
  }

  @Test
  void whatTheKernelSwitchesLooksTheSame() {
    JumpLabels labels = find();
    String before = all(labels);
    for (int i = 0; i < LABELS; i++) {
      on(i);
      assertThat(all(labels)).as("on " + i).isEqualTo(before);
      off(i);
      assertThat(all(labels)).as("off " + i).isEqualTo(before);
    }
  }

  /// First a breakpoint, then the rest, then the first byte.
  @Test
  void whatIsJustBeingSwitchedLooksTheSame() {
    JumpLabels labels = find();
    String before = all(labels);
    for (int i = 0; i < LABELS; i++) {
      off(i);
      image.put(site(i), (byte) 0xcc);
      assertThat(all(labels)).as("begun " + i).isEqualTo(before);
      on(i);
      image.put(site(i), (byte) 0xcc);
      assertThat(all(labels)).as("half done " + i).isEqualTo(before);
      on(i);
    }
    assertThat(broke).isTrue();
  }

  @Test
  void aBreakpointThatStaysLooksOtherwise() {
    JumpLabels labels = find();
    String before = all(labels);
    assertThat(broke).isFalse();
    switching = Switching.NO;
    assertThat(all(labels)).isEqualTo(before);
    image.put(site(7), (byte) 0xcc);
    assertThat(all(labels)).isNotEqualTo(before);
  }

  @Test
  void everythingElseLooksOtherwise() {
    JumpLabels labels = find();
    String before = all(labels);
    SplittableRandom random = new SplittableRandom(4);
    for (int i = 0; i < 3_000; i++) {
      int at = random.nextInt(TEXT_BYTES);
      byte was = image.get(at);
      byte now = (byte) (was + 1 + random.nextInt(255));
      image.put(at, now);
      if (all(labels).equals(before)) {
        assertThat(now).as("at " + at + " only a breakpoint passes").isEqualTo((byte) 0xcc);
      }
      image.put(at, was);
    }
  }

  @Test
  void aJumpElsewhereLooksOtherwise() {
    JumpLabels labels = find();
    String before = all(labels);
    for (int i = 0; i < LABELS; i++) {
      on(i);
      int last = site(i) + (isShort(i) ? 1 : 2);
      image.put(last, (byte) (image.get(last) + 1));
      assertThat(all(labels)).as("jump " + i).isNotEqualTo(before);
      off(i);
      image.put(site(i), (byte) 0xe8);
      assertThat(all(labels)).as("call " + i).isNotEqualTo(before);
      off(i);
    }
  }

  /// What was found is kept outside: who writes to the table later gains nothing.
  @Test
  void aTableThatIsForgedLaterChangesNothing() {
    JumpLabels labels = find();
    String before = all(labels);
    off(10);
    entry(TABLE + 160, site(10), target(10) - 64, KEYS);
    image.put(site(10), (byte) 0xe9).putInt(site(10) + 1, target(10) - 64 - site(10) - 5);
    assertThat(all(labels)).isNotEqualTo(before);
  }

  /// Entries that say what is not there are no entries.
  @Test
  void whatTheTableSaysMustBeThere() {
    off(10);
    image.put(site(10), (byte) 0xe8);
    assertThat(find().count()).isEqualTo(LABELS - 1);
  }

  @Test
  void aFewInARowAreNoTable() {
    Arrays.fill(image.array(), TABLE + 15 * 16, TABLE + LABELS * 16, (byte) 0xee);
    assertThat(find().count()).isZero();
  }

  @ParameterizedTest
  @ValueSource(ints = {0, 8, 16, 40})
  void theTableMayBeginAnywhere(int offset) {
    byte[] table = Arrays.copyOfRange(image.array(), TABLE, TABLE + LABELS * 16);
    Arrays.fill(image.array(), TABLE, TABLE + LABELS * 16, (byte) 0xee);
    int at = TABLE + 512 + offset;
    image.put(at, table);
    for (int i = 0; i < LABELS; i++) {
      entry(at + 16 * i, site(i), target(i), KEYS);
    }
    assertThat(find().count()).isEqualTo(LABELS);
  }

  @Test
  void noiseHasNone_andEnds() {
    SplittableRandom random = new SplittableRandom(5);
    for (int round = 0; round < 50; round++) {
      random.nextBytes(image.array());
      assertThat(find().count()).isZero();
    }
    JumpLabels nowhere = JumpLabels.find((gpa, to, length) -> false, ranges);
    assertThat(nowhere.count()).isZero();
  }
}
