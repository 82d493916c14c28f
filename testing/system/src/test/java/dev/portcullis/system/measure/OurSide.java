package dev.portcullis.system.measure;

import dev.portcullis.machine.guest.LinuxPlan;
import dev.portcullis.machine.guest.LinuxRun;
import dev.portcullis.qemu.guest.GuestSession;
import java.time.Duration;

/// Our unit and our NVMe controller.
final class OurSide implements Side {
  private static final Duration LIMIT = Duration.ofMinutes(2);

  private final LinuxRun run;

  OurSide(LinuxPlan plan) throws Exception {
    run = LinuxRun.of(plan);
  }

  @Override
  public GuestSession boot() throws Exception {
    return run.boot(LIMIT);
  }

  @Override
  public GuestSession guest() {
    return run.session();
  }

  LinuxRun run() {
    return run;
  }

  @Override
  public void close() {
    run.close();
  }
}
