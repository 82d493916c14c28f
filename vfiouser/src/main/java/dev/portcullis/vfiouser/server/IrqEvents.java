package dev.portcullis.vfiouser.server;

import dev.portcullis.linux.Descriptor;
import dev.portcullis.linux.Errno;
import dev.portcullis.linux.Event;
import dev.portcullis.linux.LinuxException;
import dev.portcullis.pci.IntxLine;
import dev.portcullis.vfiouser.wire.IrqIndex;
import dev.portcullis.vfiouser.wire.IrqSet;
import dev.portcullis.vfiouser.wire.IrqSet.Action;
import dev.portcullis.vfiouser.wire.IrqSet.Data;
import dev.portcullis.vfiouser.wire.ProtocolException;
import java.util.Arrays;
import java.util.List;

/// The events by which a client wants to hear of interrupts, and the level of the interrupt pin.
///
/// The pin is level-triggered and its event is an edge, so it masks itself when it fires; when the
/// client unmasks it and it is still asserted, it fires again. The level survives the client, the
/// events do not. Safe for use by several threads.
///
/// @vfiouser 8 VFIO_USER_DEVICE_SET_IRQS
final class IrqEvents implements IntxLine {
  private final Descriptor[][] events = new Descriptor[IrqIndex.count()][0];
  private Level level = Level.DEASSERTED;
  private boolean pinMasked;

  IrqEvents() {}

  @Override
  public synchronized void drive(Level to) {
    level = to;
    firePin();
  }

  private void firePin() {
    if (level == Level.ASSERTED && !pinMasked) {
      pinMasked = signal(IrqIndex.INTX, 0);
    }
  }

  /// Signals an interrupt.
  ///
  /// @return whether the client has asked for it
  synchronized boolean signal(IrqIndex index, int number) {
    Descriptor[] of = events[index.ordinal()];
    if (number >= of.length || of[number] == null) {
      return false;
    }
    try {
      Event.signal(of[number]);
      return true;
    } catch (LinuxException e) {
      // It passed the check, so this is an event of our own doing that went wrong.
      throw new AssertionError("an event could not be signalled", e);
    }
  }

  /// Does what the client asks.
  ///
  /// @param available how many interrupts of that type there are
  /// @param descriptors events; those that are kept are taken out
  synchronized void apply(IrqSet set, int available, List<Descriptor> descriptors)
      throws ProtocolException {
    if (set.count() == 0) {
      if (set.start() != 0 || set.data() != Data.NONE || set.action() != Action.TRIGGER) {
        throw refused("no interrupts");
      }
      expectDescriptors(descriptors, 0);
      forget(set.index());
      return;
    }
    if (set.start() + set.count() > available) {
      throw refused(
          "%s %d and %d more, of %d"
              .formatted(set.index(), set.start(), set.count() - 1, available));
    }
    switch (set.action()) {
      case TRIGGER -> trigger(set, available, descriptors);
      case MASK, UNMASK -> mask(set, descriptors);
    }
  }

  private static ProtocolException refused(String what) {
    return ProtocolException.refused(Errno.EINVAL, what);
  }

  private static void expectDescriptors(List<Descriptor> descriptors, long count)
      throws ProtocolException {
    if (descriptors.size() != count) {
      throw refused(descriptors.size() + " descriptors instead of " + count);
    }
  }

  private void trigger(IrqSet set, int available, List<Descriptor> descriptors)
      throws ProtocolException {
    if (set.data() == Data.EVENT) {
      connect(set, available, descriptors);
      return;
    }
    expectDescriptors(descriptors, 0);
    for (int i = 0; i < set.count(); i++) {
      if (set.data() == Data.NONE || set.chosen()[i]) {
        signal(set.index(), (int) set.start() + i);
      }
    }
  }

  private void connect(IrqSet set, int available, List<Descriptor> descriptors)
      throws ProtocolException {
    if (!descriptors.isEmpty()) {
      expectDescriptors(descriptors, set.count());
    }
    try {
      for (Descriptor one : descriptors) {
        Event.check(one);
      }
    } catch (LinuxException e) {
      throw ProtocolException.refused(e.errno(), "descriptor is no event");
    }
    int index = set.index().ordinal();
    if (events[index].length < available) {
      events[index] = Arrays.copyOf(events[index], available);
    }
    for (int i = 0; i < set.count(); i++) {
      replace(
          events[index],
          (int) set.start() + i,
          descriptors.isEmpty() ? null : descriptors.removeFirst());
    }
    if (set.index() == IrqIndex.INTX) {
      pinMasked = false;
      firePin();
    }
  }

  private static void replace(Descriptor[] of, int number, Descriptor by) {
    if (of[number] != null) {
      of[number].close();
    }
    of[number] = by;
  }

  private void mask(IrqSet set, List<Descriptor> descriptors) throws ProtocolException {
    if (set.index() != IrqIndex.INTX) {
      throw refused(set.index() + " cannot be masked here");
    }
    if (set.data() == Data.EVENT) {
      throw ProtocolException.refused(Errno.ENOTSUP, "masking by event");
    }
    expectDescriptors(descriptors, 0);
    if (set.data() == Data.NONE || set.chosen()[0]) {
      pinMasked = set.action() == Action.MASK;
      firePin();
    }
  }

  private void forget(IrqIndex index) {
    Descriptor[] of = events[index.ordinal()];
    for (int i = 0; i < of.length; i++) {
      replace(of, i, null);
    }
    if (index == IrqIndex.INTX) {
      pinMasked = false;
    }
  }

  /// Closes every event: the client has left.
  synchronized void forgetAll() {
    for (IrqIndex index : IrqIndex.values()) {
      forget(index);
    }
  }
}
