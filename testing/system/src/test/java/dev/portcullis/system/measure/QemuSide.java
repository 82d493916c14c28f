package dev.portcullis.system.measure;

import dev.portcullis.qemu.guest.GuestSession;
import dev.portcullis.qemu.install.QemuInstallation;
import dev.portcullis.qemu.run.QemuCommandLine;
import java.time.Duration;

/// What a user would pick instead: QEMU's own unit and NVMe controller.
final class QemuSide implements Side {
  private static final Duration LIMIT = Duration.ofMinutes(2);

  private final QemuInstallation qemu;
  private final QemuCommandLine line;
  private GuestSession guest;

  QemuSide(QemuInstallation qemu, QemuCommandLine line) {
    this.qemu = qemu;
    this.line = line;
  }

  @Override
  public GuestSession boot() throws Exception {
    close();
    guest = GuestSession.boot(qemu, line, LIMIT);
    return guest;
  }

  @Override
  public GuestSession guest() {
    return guest;
  }

  @Override
  public void close() {
    if (guest != null) {
      guest.close();
    }
  }
}
