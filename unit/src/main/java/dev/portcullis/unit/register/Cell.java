package dev.portcullis.unit.register;

import dev.portcullis.spec.BitField;
import dev.portcullis.spec.register.Register;

/// One register of one unit: the word in it, and what hangs on writing it.
///
/// Anyone may read the word. Who changes it holds the lock of the [RegisterFile].
public final class Cell {
  private final Register register;
  private final Object lock;
  private volatile long word;
  private WriteEffect atOnce = WriteEffect.NONE;
  private WriteEffect afterwards = WriteEffect.NONE;
  private long commandLanes = -1;

  Cell(Register register, Object lock) {
    this.register = register;
    this.lock = lock;
    this.word = register.reset();
  }

  /// The register this cell is.
  public Register register() {
    return register;
  }

  /// The whole word, write-only fields included.
  public long word() {
    return word;
  }

  /// Whether any bit of `field` is set.
  public boolean isSet(BitField field) {
    return field.isSet(word);
  }

  /// Replaces the whole word.
  public void set(long value) {
    word = value;
  }

  /// Replaces one field.
  public void set(BitField field, long value) {
    word = field.with(word, value);
  }

  /// `effect` follows each write at once, under the lock: for status and its events.
  public void onWrite(WriteEffect effect) {
    atOnce = effect;
  }

  /// `effect` follows each write of `trigger`, after the lock is given back.
  public void onCommand(BitField trigger, WriteEffect effect) {
    commandLanes = trigger.mask();
    afterwards = effect;
  }

  /// `effect` follows each write after the lock is given back: for commands, which may wait for
  /// requests that need the lock to record a fault.
  public void onCommand(WriteEffect effect) {
    afterwards = effect;
  }

  long read() {
    return register.read(word);
  }

  void write(long written, long lanes) {
    long before;
    long after;
    synchronized (lock) {
      before = word;
      after = register.afterWrite(before, written, lanes);
      word = after;
      atOnce.written(before, after, written);
    }
    if ((lanes & commandLanes) != 0) {
      afterwards.written(before, after, written);
    }
  }

  void reset() {
    word = register.reset();
  }
}
