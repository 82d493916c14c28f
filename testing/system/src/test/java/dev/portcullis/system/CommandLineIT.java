package dev.portcullis.system;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/// The program as a person meets it.
class CommandLineIT {
  @TempDir private Path folder;

  @Test
  void execPrintsWhatTheCommandsPrintAndEndsWithTheirExitCode() throws Exception {
    var run =
        Program.run(
            "linux",
            "--kernel",
            "6.12",
            "--exec",
            "dmesg | grep -o 'Using Queued'; echo aside >&2; exit 7");

    assertThat(run.out()).isEqualTo("Using Queued\n");
    assertThat(run.exitCode()).isEqualTo(7);
    assertThat(run.err().lines())
        .contains("aside")
        .anyMatch(line -> line.matches("portcullis: dmar0 +[\\d,]+ DMA requests; IOTLB hits .*"))
        .anyMatch(line -> line.matches("portcullis: interrupts +[\\d,]+ delivered"))
        .anyMatch(line -> line.matches("portcullis: faults +none"));
  }

  @ParameterizedTest
  @CsvSource({"6.12, first-stage, pasid iotlb pages", "latest, second-stage, iotlb pages"})
  void aStageIsAskedForByName(String kernel, String stage, String invalidations) throws Exception {
    var run =
        Program.run(
            "linux",
            "--kernel",
            kernel,
            "--unit",
            stage,
            "--exec",
            "dd if=/dev/nvme0n1 of=/dev/null bs=64k count=1; grep -c IR-PCI-MSI /proc/interrupts");

    assertThat(run.exitCode()).as(run.toString()).isZero();
    assertThat(run.out()).isEqualTo("2\n");
    assertThat(run.err()).containsPattern("(: |, )[\\d,]+ " + invalidations);
  }

  @Test
  void optionsReachTheGuestAndItsMachine() throws Exception {
    Path disk = folder.resolve("disk.img");
    var run =
        Program.run(
            "linux",
            "--unit",
            "off",
            "--memory",
            "256M",
            "--append",
            "a.word=1",
            "--disk",
            disk.toString(),
            "--exec",
            """
            ls /sys/kernel/iommu_groups | wc -l
            grep -o a.word=1 /proc/cmdline
            awk '/MemTotal/ && $2 < 256 * 1024' /proc/meminfo | wc -l
            echo hello | dd of=/dev/nvme0n1 conv=fsync
            """);

    assertThat(run.exitCode()).as(run.toString()).isZero();
    assertThat(run.out()).isEqualTo("0\na.word=1\n1\n");
    assertThat(new String(Files.readAllBytes(disk), 0, 6)).isEqualTo("hello\n");
  }

  @Test
  void aRunThatTakesTooLongEndsWith124() throws Exception {
    var run = Program.run("linux", "--timeout", "8", "--exec", "echo begun; sleep 1000");

    assertThat(run.exitCode()).isEqualTo(124);
    assertThat(run.err()).contains("timed out after 8 s");
  }

  @Test
  void theTourShowsTheUnitTheDiskAndABlockedDma() throws Exception {
    var run = Program.run("tour");

    assertThat(run.exitCode()).as(run.toString()).isZero();
    assertThat(run.out())
        .contains("DMAR: Intel(R) Virtualization Technology for Directed I/O")
        .contains("Request device [00:06.0]")
        .contains("unsupported request");
  }

  @Test
  void theDoctorFindsWhatIsNeeded() throws Exception {
    var examination = Program.run("doctor");

    assertThat(examination.exitCode()).as(examination.toString()).isZero();
    assertThat(examination.out())
        .contains("with vfio-user-pci")
        .contains("kernel 6.12")
        .contains("/dev/kvm")
        .contains("portcullis run can work here.");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "--frobnicate",
        "frobnicate",
        "linux --kernel 9.9 --exec true",
        "linux --unit frobnicate --exec true",
        "linux --timeout 3",
        "linux --memory 3 --exec true",
        "linux --disk /no/such/folder/disk.img --exec true",
        "linux --qemu /no/such/qemu --exec true",
        "linux --machine /no/such/machine.yaml --exec true",
        "linux",
        "serve",
        "serve /no/such/machine.yaml --sockets /tmp"
      })
  void aMistakeIsAnsweredInOneLineAndWithCodeTwo(String words) throws Exception {
    var run = Program.run(words.split(" "));

    assertThat(run.exitCode()).isEqualTo(2);
    assertThat(run.out()).isEmpty();
    assertThat(run.err().lines()).singleElement().asString().startsWith("portcullis: ");
  }

  @Test
  void nothingIsLeftBehind() throws Exception {
    var run = Program.runWithTemporaryFilesIn(folder, "linux", "--exec", "ls /dev/nvme0n1");

    assertThat(run.out()).isEqualTo("/dev/nvme0n1\n");
    assertThat(folder).isEmptyDirectory();
  }
}
