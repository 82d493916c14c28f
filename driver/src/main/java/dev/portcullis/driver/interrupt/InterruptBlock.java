package dev.portcullis.driver.interrupt;

import dev.portcullis.driver.interrupt.InterruptTarget.DestinationMode;
import dev.portcullis.driver.interrupt.InterruptTarget.Trigger;
import dev.portcullis.driver.port.DriverException;
import dev.portcullis.spec.interrupt.InterruptEntry;
import dev.portcullis.spec.interrupt.RemappableFormat;
import dev.portcullis.spec.interrupt.SourceCheck;

/// Entries side by side in the interrupt remapping table, for one device.
///
/// @vtd 5.1 Interrupt Remapping
public final class InterruptBlock {
  private final InterruptTable table;
  private final int first;
  private final int count;
  private boolean closed;

  InterruptBlock(InterruptTable table, int first, int count) {
    this.table = table;
    this.first = first;
    this.count = count;
  }

  /// Index of the first entry.
  public int first() {
    return first;
  }

  public int count() {
    return count;
  }

  /// What the device's MSI capability is given, or entry `number` of its MSI-X table. With MSI, the
  /// device itself adds the number of the vector to the data.
  ///
  /// @param number 0 to [#count] less 1
  public RemappableFormat message(int number) {
    check(number);
    return RemappableFormat.message(first, number);
  }

  /// Sends interrupt `number` to `target`, if it comes from where `source` says.
  public void remap(int number, InterruptTarget target, SourceCheck source) throws DriverException {
    check(number);
    table.set(first + number, remapped(target, source));
  }

  /// The same for one that is delivered already, and none is lost meanwhile: each goes by the old
  /// entry or by the new one. When it returns, all go by the new one.
  ///
  /// @return whether that was done; one that is refused stays so
  /// @throws DriverException [DriverException.Reason#UNSUPPORTED] if the entry cannot be replaced
  ///   in one access; nothing has happened then
  public boolean replaceByRemapped(int number, InterruptTarget target, SourceCheck source)
      throws DriverException {
    check(number);
    return table.replace(this, first + number, remapped(target, source));
  }

  private InterruptEntry remapped(InterruptTarget target, SourceCheck source) {
    long bits =
        (target.mode() == DestinationMode.LOGICAL ? InterruptEntry.DM.mask() : 0)
            | (target.trigger() == Trigger.LEVEL ? InterruptEntry.TM.mask() : 0);
    return InterruptEntry.remapped(
            target.vector(), table.destinationField(target.destination()), source)
        .withDeliveryMode(target.delivery())
        .with(bits);
  }

  /// Posts interrupt `number` to `descriptor`, if it comes from where `source` says.
  ///
  /// @param virtualVector bit that is set there
  public void post(
      int number,
      PostedInterrupts descriptor,
      int virtualVector,
      Urgency urgency,
      SourceCheck source)
      throws DriverException {
    check(number);
    InterruptEntry entry = InterruptEntry.posted(descriptor.address(), virtualVector, source);
    table.set(
        first + number, urgency == Urgency.URGENT ? entry.with(InterruptEntry.URG.mask()) : entry);
  }

  /// The same, not urgent, for one that is delivered already, as [#replaceByRemapped] does it.
  ///
  /// @return whether that was done; one that is refused stays so
  /// @throws DriverException [DriverException.Reason#UNSUPPORTED] if the entry cannot be replaced
  ///   in one access; nothing has happened then
  public boolean replaceByPosted(
      int number, PostedInterrupts descriptor, int virtualVector, SourceCheck source)
      throws DriverException {
    check(number);
    return table.replace(
        this, first + number, InterruptEntry.posted(descriptor.address(), virtualVector, source));
  }

  /// Whether software is told of a posted interrupt even while it asked not to be.
  public enum Urgency {
    NORMAL,
    URGENT
  }

  /// Refuses interrupt `number`.
  public void clear(int number) throws DriverException {
    check(number);
    table.clear(first + number);
  }

  /// Refuses interrupt `number`, and has that not recorded until it is set or cleared.
  public void silence(int number) throws DriverException {
    check(number);
    table.silence(first + number);
  }

  /// Refuses all of them, and gives the entries back.
  public void close() throws DriverException {
    table.free(this);
  }

  /// Whether its entries were given back. Read and changed under the table's lock.
  boolean isClosed() {
    return closed;
  }

  void closed() {
    closed = true;
  }

  private void check(int number) {
    if (number < 0 || number >= count) {
      throw new IllegalArgumentException("interrupt " + number + " of " + count);
    }
  }
}
