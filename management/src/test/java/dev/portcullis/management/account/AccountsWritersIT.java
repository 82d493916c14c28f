package dev.portcullis.management.account;

import static org.assertj.core.api.Assertions.assertThat;

import dev.portcullis.kit.VictimProcess;
import java.nio.file.Path;
import java.time.InstantSource;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// The command and the service change the same file at the same time.
class AccountsWritersIT {
  private static final int EACH = 6;

  @TempDir private Path folder;

  @Test
  void whatSeveralProcessesWriteAtOnceIsAllThere() throws Exception {
    Path file = folder.resolve("accounts.json");
    String count = Integer.toString(EACH);
    try (VictimProcess one =
            VictimProcess.start(AccountsWriter.class, file.toString(), "one", count);
        VictimProcess other =
            VictimProcess.start(AccountsWriter.class, file.toString(), "other", count)) {
      assertThat(one.line()).isEqualTo("ready");
      assertThat(other.line()).isEqualTo("ready");
      one.goOn();
      other.goOn();
      assertThat(one.line()).isEqualTo("done");
      assertThat(other.line()).isEqualTo("done");
    }
    assertThat(new Accounts(file, InstantSource.system()).all()).hasSize(2 * EACH);
  }
}
