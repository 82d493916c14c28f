package dev.portcullis.pci;

import java.util.Arrays;

/// Message signalled interrupts with a table of their own in one of the function's windows.
///
/// An entry has 16 bytes: address, upper address, data, and a control word whose bit 0 masks it.
/// The pending bit array holds one bit a vector, read-only. The function hands window accesses that
/// [#covers] claims to [#readTable] and [#writeTable].
///
/// @pcie 7.7.2 MSI-X Capability and Table Structure
public final class Msix extends Capability {
  private static final int CONTROL = 0x02;
  private static final int TABLE = 0x04;
  private static final int PENDING = 0x08;
  private static final int ENABLE = 1 << 15;
  private static final int FUNCTION_MASK = 1 << 14;

  private static final int WORDS_PER_ENTRY = 4;
  private static final int CONTROL_WORD = 3;
  private static final int MASKED = 1;

  private final int vectors;
  private final int bar;
  private final long tableOffset;
  private final long pendingOffset;
  private final int[] table;
  private final long[] pending;
  private Runnable afterTableWrite = () -> {};

  /// @param vectors 1 to 2048
  /// @param bar window that holds both table and pending bits
  /// @param tableOffset where in it the table starts, a multiple of 8
  /// @param pendingOffset where in it the pending bits start, a multiple of 8
  public Msix(int vectors, int bar, long tableOffset, long pendingOffset) {
    super(Space.COMPATIBLE, 0x11, 0x0c);
    if (vectors < 1 || vectors > 2048) {
      throw new IllegalArgumentException("MSI-X has 1 to 2048 vectors, not " + vectors);
    }
    if (((tableOffset | pendingOffset) & 7) != 0) {
      throw new IllegalArgumentException("MSI-X structures are aligned to 8 bytes");
    }
    this.vectors = vectors;
    this.bar = bar;
    this.tableOffset = tableOffset;
    this.pendingOffset = pendingOffset;
    table = new int[vectors * WORDS_PER_ENTRY];
    pending = new long[(vectors + 63) / 64];
    maskAll();
  }

  private void maskAll() {
    for (int vector = 0; vector < vectors; vector++) {
      table[vector * WORDS_PER_ENTRY + CONTROL_WORD] = MASKED;
    }
  }

  /// How many vectors the table has.
  public int vectors() {
    return vectors;
  }

  @Override
  protected void declare() {
    register(CONTROL, 2, vectors - 1, ENABLE | FUNCTION_MASK);
    register(TABLE, 4, tableOffset | bar, 0);
    register(PENDING, 4, pendingOffset | bar, 0);
  }

  @Override
  protected synchronized void reset() {
    Arrays.fill(table, 0);
    Arrays.fill(pending, 0);
    maskAll();
  }

  /// Called with no lock held after each write to the table.
  void afterTableWrite(Runnable action) {
    afterTableWrite = action;
  }

  boolean isEnabled() {
    return (read(CONTROL, 2) & ENABLE) != 0;
  }

  /// Whether the table or the pending bits lie at `offset` of window `window`.
  public boolean covers(int window, long offset) {
    return window == bar && (isInTable(offset) || isInPending(offset));
  }

  /// Whether the table lies at `offset` of window `window`.
  public boolean isInTable(int window, long offset) {
    return window == bar && isInTable(offset);
  }

  /// Where in its window the table starts.
  public long tableOffset() {
    return tableOffset;
  }

  private boolean isInTable(long offset) {
    return offset >= tableOffset && offset < tableOffset + table.length * 4L;
  }

  private boolean isInPending(long offset) {
    return offset >= pendingOffset && offset < pendingOffset + pending.length * 8L;
  }

  /// Software reads the table or the pending bits: 4 or 8 aligned bytes, anything else reads 0.
  public synchronized long readTable(long offset, int widthBytes) {
    if (!isLegal(offset, widthBytes)) {
      return 0;
    }
    long low = word(offset) & 0xffff_ffffL;
    return widthBytes == 4 ? low : (long) word(offset + 4) << 32 | low;
  }

  private int word(long offset) {
    if (isInTable(offset)) {
      return table[(int) (offset - tableOffset) >> 2];
    }
    long at = offset - pendingOffset;
    return (int) (pending[(int) (at >> 3)] >>> 8 * (at & 4));
  }

  /// Software writes the table: 4 or 8 aligned bytes, anything else is dropped, as are writes to
  /// the pending bits.
  public void writeTable(long offset, int widthBytes, long value) {
    if (!isLegal(offset, widthBytes) || !isInTable(offset)) {
      return;
    }
    synchronized (this) {
      int index = (int) (offset - tableOffset) >> 2;
      table[index] = (int) value & writable(index);
      if (widthBytes == 8) {
        table[index + 1] = (int) (value >>> 32) & writable(index + 1);
      }
    }
    afterTableWrite.run();
  }

  private static boolean isLegal(long offset, int widthBytes) {
    return (widthBytes == 4 || widthBytes == 8) && (offset & widthBytes - 1) == 0;
  }

  private static int writable(int index) {
    return switch (index % WORDS_PER_ENTRY) {
      case 0 -> ~3;
      case CONTROL_WORD -> MASKED;
      default -> -1;
    };
  }

  /// Sends the message of `vector`, or keeps it pending while it is masked.
  synchronized void raise(int vector, UpstreamPort port) {
    if (isMasked(vector)) {
      pending[vector / 64] |= 1L << vector;
    } else {
      send(vector, port);
    }
  }

  private boolean isMasked(int vector) {
    return (read(CONTROL, 2) & FUNCTION_MASK) != 0
        || (table[vector * WORDS_PER_ENTRY + CONTROL_WORD] & MASKED) != 0;
  }

  /// Forgets that `vector` is pending: its reason has been dealt with.
  synchronized void lower(int vector) {
    pending[vector / 64] &= ~(1L << vector);
  }

  /// Sends what is pending and no longer masked.
  synchronized void sendUnmasked(UpstreamPort port) {
    for (int i = 0; i < pending.length; i++) {
      for (long left = pending[i]; left != 0; left &= left - 1) {
        int vector = i * 64 + Long.numberOfTrailingZeros(left);
        if (!isMasked(vector)) {
          pending[i] &= ~(1L << vector);
          send(vector, port);
        }
      }
    }
  }

  private void send(int vector, UpstreamPort port) {
    int at = vector * WORDS_PER_ENTRY;
    port.message((long) table[at + 1] << 32 | table[at] & 0xffff_ffffL, table[at + 2]);
  }
}
