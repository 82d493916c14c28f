package dev.portcullis.pci;

import java.util.BitSet;

/// The one place that decides how an interrupt leaves a function: by MSI-X if software has enabled
/// it, else by MSI, else by the legacy pin.
///
/// A function says [#raise] each time a vector's reason comes up or comes up again, and [#lower]
/// when it is gone. Messages go out on each raise; the pin is up as long as any reason stands. Once
/// a write that masks a vector, or ends bus mastering, has returned, no message leaves any more.
/// Safe for use by several threads.
///
/// @pcie 6.1.4 Message Signaled Interrupt (MSI/MSI-X) Support
public final class Interrupts {

  /// How interrupts leave the function at present.
  public enum Mode {
    PIN,
    MSI,
    MSIX
  }

  private final ConfigSpace config;
  private final UpstreamPort port;
  private final Msi msi;
  private final Msix msix;
  private final BitSet reasons = new BitSet();
  private IntxLine line = IntxLine.unconnected();
  private IntxLine.Level driven = IntxLine.Level.DEASSERTED;

  /// @param msi the function's MSI capability, or `null`
  /// @param msix the function's MSI-X capability, or `null`
  Interrupts(ConfigSpace config, UpstreamPort port, Msi msi, Msix msix) {
    this.config = config;
    this.port = port;
    this.msi = msi;
    this.msix = msix;
  }

  /// How interrupts leave now.
  public Mode mode() {
    if (msix != null && msix.isEnabled()) {
      return Mode.MSIX;
    }
    return msi != null && msi.isEnabled() ? Mode.MSI : Mode.PIN;
  }

  /// How many vectors software can tell apart in the present mode.
  public int vectors() {
    return switch (mode()) {
      case PIN -> 1;
      case MSI -> msi.granted();
      case MSIX -> msix.vectors();
    };
  }

  /// The reason of `vector` has come up, or come up again.
  ///
  /// @param vector from 0; one that the table does not have is dropped
  public synchronized void raise(int vector) {
    reasons.set(vector);
    switch (mode()) {
      case PIN -> drivePin();
      case MSI -> msi.raise(vector, port);
      case MSIX -> {
        if (vector < msix.vectors()) {
          msix.raise(vector, port);
        }
      }
    }
  }

  /// The reason of `vector` is gone.
  public synchronized void lower(int vector) {
    reasons.clear(vector);
    switch (mode()) {
      case PIN -> drivePin();
      case MSI -> msi.lower(vector);
      case MSIX -> {
        if (vector < msix.vectors()) {
          msix.lower(vector);
        }
      }
    }
  }

  synchronized void connect(IntxLine to) {
    line = to;
    line.drive(driven);
  }

  /// Software has changed something that decides where interrupts go.
  synchronized void reconsider() {
    drivePin();
    switch (mode()) {
      case PIN -> {}
      case MSI -> msi.sendUnmasked(port);
      case MSIX -> msix.sendUnmasked(port);
    }
  }

  synchronized void reset() {
    reasons.clear();
    drivePin();
  }

  private void drivePin() {
    boolean due = mode() == Mode.PIN && !reasons.isEmpty() && hasPin();
    if (due) {
      config.setBits(ConfigRegisters.STATUS, 2, ConfigRegisters.INTERRUPT_STATUS);
    } else {
      config.clearBits(ConfigRegisters.STATUS, 2, ConfigRegisters.INTERRUPT_STATUS);
    }
    boolean up = due && !isPinDisabled();
    IntxLine.Level level = up ? IntxLine.Level.ASSERTED : IntxLine.Level.DEASSERTED;
    if (level != driven) {
      driven = level;
      line.drive(level);
    }
  }

  private boolean hasPin() {
    return config.read(ConfigRegisters.INTERRUPT_PIN, 1) != 0;
  }

  private boolean isPinDisabled() {
    long command = config.read(ConfigRegisters.COMMAND, 2);
    return (command & ConfigRegisters.INTERRUPT_DISABLE) != 0;
  }
}
