package dev.portcullis.devices.nvme;

import dev.portcullis.pci.Interrupts;

/// Which interrupt vectors have a reason, and which of them the host has masked.
///
/// The mask registers count for the pin and for MSI; with MSI-X each vector has its own mask.
///
/// @nvme 7.5 Interrupts
final class CompletionVectors {
  private final Interrupts interrupts;
  private final Queues queues;
  private int masked;

  CompletionVectors(Interrupts interrupts, Queues queues) {
    this.interrupts = interrupts;
    this.queues = queues;
  }

  /// How many vectors there are in the present mode.
  int count() {
    return interrupts.vectors();
  }

  /// Whether interrupts leave by the pin, which must come down when the host has taken everything.
  boolean isPin() {
    return interrupts.mode() == Interrupts.Mode.PIN;
  }

  /// Entries were posted in `queue`. If the host has taken them by polling meanwhile, it is left in
  /// peace.
  synchronized void announce(CompletionQueue queue) {
    if (queue.interrupts() && queue.isPending() && !isMasked(queue.vector())) {
      interrupts.raise(queue.vector());
    }
  }

  /// The host has taken entries out of `queue`.
  synchronized void consumed(CompletionQueue queue) {
    if (queue.interrupts() && !queues.isPending(queue.vector())) {
      interrupts.lower(queue.vector());
    }
  }

  synchronized int masked() {
    return masked;
  }

  /// @nvme 3.1.3 Offset Ch: INTMS - Interrupt Mask Set
  synchronized void mask(int bits) {
    masked |= bits;
    for (int vector = 0; vector < Integer.SIZE; vector++) {
      if ((bits >>> vector & 1) != 0 && isMasked(vector)) {
        interrupts.lower(vector);
      }
    }
  }

  /// @nvme 3.1.4 Offset 10h: INTMC - Interrupt Mask Clear
  synchronized void unmask(int bits) {
    int released = masked & bits;
    masked &= ~bits;
    for (int vector = 0; vector < Integer.SIZE; vector++) {
      if ((released >>> vector & 1) != 0 && queues.isPending(vector)) {
        interrupts.raise(vector);
      }
    }
  }

  /// No vector has a reason any more.
  synchronized void lowerAll() {
    for (int vector = 0; vector <= queues.most(); vector++) {
      interrupts.lower(vector);
    }
  }

  private boolean isMasked(int vector) {
    return interrupts.mode() != Interrupts.Mode.MSIX
        && vector < Integer.SIZE
        && (masked >>> vector & 1) != 0;
  }
}
