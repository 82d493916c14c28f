package dev.portcullis.guest.virtio;

import dev.portcullis.devices.virtio.VirtioFunction;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;

/// A virtio device that does nothing but what it is told to: it writes into used rings whatever one
/// likes, and its registers may lie.
final class ScriptedCard extends VirtioFunction {
  static final int STATUS = 0x14;
  static final int QUEUE_SIZE = 0x18;
  static final int QUEUE_VECTOR = 0x1a;
  static final int QUEUE_NOTIFY_OFFSET = 0x1e;
  static final int FIRST_BYTE_OF_MAC = 0x2000;
  static final int RECEIVE = 0;
  static final int SEND = 1;

  private static final ValueLayout.OfShort SHORT =
      ValueLayout.JAVA_SHORT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);
  private static final ValueLayout.OfInt INT =
      ValueLayout.JAVA_INT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);
  private static final ValueLayout.OfLong LONG =
      ValueLayout.JAVA_LONG_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);
  private static final long MAC = 1L << 5;
  private static final int FEATURES = 0x04;
  private static final int FEATURE_SELECT = 0x00;
  private static final int QUEUE_SELECT = 0x16;
  private static final int ENTRIES = 256;

  private final Map<Integer, Long> lies = new ConcurrentHashMap<>();
  private final byte[] config;
  private final long[] descriptors = new long[2];
  private final long[] available = new long[2];
  private final long[] used = new long[2];
  private final int[] next = new int[2];
  private final AtomicInteger begun = new AtomicInteger();
  private final AtomicInteger notices = new AtomicInteger();
  private long hiddenFeatures;
  private int featureSelect;
  private int queueSelect;

  /// A network card.
  ScriptedCard() {
    this(new Kind(1, 0x02_00_00, MAC, 2, 12), (byte) 2, (byte) 0x11, (byte) 0x12, (byte) 0x13);
  }

  /// @param config what the configuration begins with
  ScriptedCard(Kind kind, byte... config) {
    super(kind);
    this.config = config;
  }

  /// Has the register at `offset` of the window read as `value`.
  ScriptedCard lying(int offset, long value) {
    lies.put(offset, value);
    return this;
  }

  /// No more lies.
  void honest() {
    lies.clear();
  }

  /// Does not offer these features.
  ScriptedCard without(long features) {
    hiddenFeatures |= features;
    return this;
  }

  /// How often a driver has begun with it.
  int begun() {
    return begun.get();
  }

  /// How often the driver has told it something.
  int notices() {
    return notices.get();
  }

  @Override
  protected void begin() {
    begun.incrementAndGet();
    next[RECEIVE] = 0;
    next[SEND] = 0;
  }

  @Override
  protected void end() {}

  @Override
  protected void notified(int queue) {
    notices.incrementAndGet();
  }

  @Override
  protected int configByte(int offset) {
    return offset < config.length ? config[offset] : 0;
  }

  @Override
  public long readBar(int bar, long offset, int widthBytes) {
    Long lie = lies.get((int) offset);
    if (lie != null) {
      return lie;
    }
    long value = super.readBar(bar, offset, widthBytes);
    boolean hides = offset == FEATURES && featureSelect < 2;
    return hides ? value & ~(hiddenFeatures >>> 32 * featureSelect) : value;
  }

  @Override
  public void writeBar(int bar, long offset, int widthBytes, long value) {
    switch ((int) offset) {
      case FEATURE_SELECT -> featureSelect = (int) value;
      case QUEUE_SELECT -> queueSelect = (int) value;
      case 0x20 -> descriptors[queueSelect] = value;
      case 0x28 -> available[queueSelect] = value;
      case 0x30 -> used[queueSelect] = value;
      default -> {}
    }
    super.writeBar(bar, offset, widthBytes, value);
  }

  private long read(long at, int lengthBytes) {
    MemorySegment word = Arena.ofAuto().allocate(8, 8);
    port().read(at, word, 0, lengthBytes);
    return word.get(LONG, 0);
  }

  private void write(long at, long value, int lengthBytes) {
    MemorySegment word = Arena.ofAuto().allocate(8, 8);
    word.set(LONG, 0, value);
    port().write(at, word, 0, lengthBytes);
  }

  /// How many entries the driver has offered in all.
  int offered(int queue) {
    return (int) read(available[queue] + 2, 2);
  }

  /// The bytes of the buffer of entry `entry`, as long as its descriptor says.
  byte[] buffer(int queue, int entry) {
    int length = (int) read(descriptors[queue] + 16L * entry + 8, 4);
    byte[] bytes = new byte[length];
    MemorySegment data = Arena.ofAuto().allocate(Math.max(1, length), 8);
    port().read(read(descriptors[queue] + 16L * entry, 8), data, 0, length);
    MemorySegment.copy(data, ValueLayout.JAVA_BYTE, 0, bytes, 0, length);
    return bytes;
  }

  /// Writes into the buffer of entry `entry`.
  void fill(int entry, byte[] bytes) {
    MemorySegment data = Arena.ofAuto().allocate(bytes.length, 8);
    data.copyFrom(MemorySegment.ofArray(bytes));
    port().write(read(descriptors[RECEIVE] + 16L * entry, 8), data, 0, bytes.length);
  }

  /// Gives an entry back, without a word.
  void giveBack(int queue, int entry, int bytes) {
    MemorySegment element = Arena.ofAuto().allocate(8, 8);
    element.set(INT, 0, entry);
    element.set(INT, 4, bytes);
    port().write(used[queue] + 4 + 8L * (next[queue]++ % ENTRIES), element, 0, 8);
    usedIndex(queue, next[queue]);
  }

  /// Says how many entries it has given back.
  void usedIndex(int queue, int index) {
    MemorySegment word = Arena.ofAuto().allocate(2, 2);
    word.set(SHORT, 0, (short) index);
    port().write(used[queue] + 2, word, 0, 2);
  }

  /// Where in the available ring it wants to be told.
  void noticeAt(int queue, int index) {
    write(used[queue] + 4 + 8L * ENTRIES, index, 2);
  }

  /// Whether it wants to be told, as far as there are no indices.
  void wantNotices(int queue, boolean wanted) {
    write(used[queue], wanted ? 0 : 1, 2);
  }

  /// Where in the used ring the driver wants to be told.
  int interruptAt(int queue) {
    return (int) read(available[queue] + 4 + 2L * ENTRIES, 2);
  }

  /// What the driver's flags for it are.
  int driverFlags(int queue) {
    return (int) read(available[queue], 2);
  }

  void tell(int queue) {
    interrupt(queue);
  }

  void fail() {
    needReset();
  }
}
