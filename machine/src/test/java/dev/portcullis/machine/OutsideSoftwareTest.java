package dev.portcullis.machine;

import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import dev.portcullis.machine.description.MachineDescription;
import dev.portcullis.machine.description.MachineFile;
import dev.portcullis.machine.description.MachineFileException;
import dev.portcullis.machine.qtest.BareMachine;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class OutsideSoftwareTest {
  private static final String REASON = "unit dmar0 has table-reads: until-flushed, and nobody";

  @TempDir private Path folder;

  private MachineDescription machine() throws MachineFileException {
    return MachineFile.parse(
        "machine.yaml",
        folder,
        "units: [{at: 00:04.0, profile: client-39bit, table-reads: until-flushed}]");
  }

  @Test
  void aGuestOfQemuCannotSayWhatItFlushes() throws MachineFileException {
    MachineDescription machine = machine();
    assertThatExceptionOfType(PlatformException.class)
        .isThrownBy(() -> Platform.open(machine, folder).close())
        .withMessageContaining(REASON);
  }

  @Test
  void aQtestScriptCannotEither() throws MachineFileException {
    MachineDescription machine = machine();
    assertThatExceptionOfType(PlatformException.class)
        .isThrownBy(() -> BareMachine.of(machine, folder).close())
        .withMessageContaining(REASON);
  }
}
