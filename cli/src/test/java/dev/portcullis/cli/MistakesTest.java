package dev.portcullis.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/// Every mistake of a person is answered by one line that helps, and exit code 2.
class MistakesTest {
  private final StringWriter out = new StringWriter();
  private final StringWriter err = new StringWriter();

  private int execute(String... arguments) {
    return Main.commandLine(new PrintWriter(out, true), new PrintWriter(err, true))
        .execute(arguments);
  }

  static Stream<Arguments> mistakesAboutHealth() {
    return Stream.of(
        mistake(
            "Invalid value for option '--only' (CHECK): \"wall\" is none of unit, dma, memory,"
                + " disk",
            "diagnose",
            "--only",
            "wall"),
        mistake("Invalid value for option '--rate': nothing is no", "diagnose", "--rate", "0"),
        mistake("no platform answers at /absent.sock", "diagnose", "--control", "/absent.sock"),
        mistake(
            "Error: --apply, --revert=CHANGE are mutually exclusive (specify only one)",
            "optimise",
            "--apply",
            "--revert",
            "x"));
  }

  static Stream<Arguments> mistakes() {
    return Stream.of(
        mistake("Which command? (see: portcullis --help)"),
        mistake("Unmatched argument at index 0: 'linx'; did you mean linux?", "linx"),
        mistake(
            "Unknown options: '--kernle', '6.1'; did you mean --kernel?",
            "linux",
            "--kernle",
            "6.1"),
        mistake("Missing required parameter for option '--kernel' (KERNEL)", "linux", "--kernel"),
        mistake(
            "--kernel: \"6.13\" is none of 6.1, 6.12, latest, and no file that can be read",
            linux("--kernel", "6.13")),
        mistake(
            "Invalid value for option '--unit': \"lax\" is none of strict, lazy, pt, off,"
                + " caching-mode, first-stage, second-stage",
            linux("--unit", "lax")),
        mistake(
            "Invalid value for option '--memory': \"lots\" is not a size, such as 512M",
            linux("--memory", "lots")),
        mistake(
            "Invalid value for option '--memory': 1 MiB of memory: 128 MiB to 1 TiB",
            linux("--memory", "1M")),
        mistake(
            "Invalid value for option '--timeout': 'soon' is not an int",
            linux("--timeout", "soon")),
        mistake("--timeout is a number of seconds, at least 1", linux("--timeout", "0")),
        mistake("--timeout is a number of seconds, at least 1", "linux", "--timeout", "5"),
        mistake("standard input is no terminal to put a console on; give commands with", "linux"),
        mistake("/absent.yaml: there is no such file", linux("--machine", "/absent.yaml")),
        mistake("/absent/disk.img: ", "serve", "--sockets", "/tmp", "/absent/disk.img"),
        mistake("Error: Missing required argument (specify one of these): ", "qtest"),
        mistake(
            "Error: --socket=PATH, --listen=PATH are mutually exclusive (specify only one)",
            "qtest",
            "--socket",
            "a",
            "--listen",
            "b"),
        mistake("--socket: nobody listens at /absent.sock", "qtest", "--socket", "/absent.sock"),
        mistake("--listen: cannot listen at /absent/a.sock", "qtest", "--listen", "/absent/a.sock"),
        mistake(
            "/absent.yaml: there is no such file",
            "qtest",
            "--socket",
            "a",
            "--machine",
            "/absent.yaml"),
        mistake("--qemu: /absent is not a program", "doctor", "--qemu", "/absent"),
        mistake("Missing required option: '--sockets=DIR'", "serve", "machine.yaml"));
  }

  private static Arguments mistake(String answer, String... arguments) {
    return Arguments.of(answer, List.of(arguments));
  }

  private static String[] linux(String... options) {
    List<String> arguments = new ArrayList<>(List.of("linux", "--exec", "true"));
    arguments.addAll(List.of(options));
    return arguments.toArray(String[]::new);
  }

  @ParameterizedTest
  @MethodSource({"mistakes", "mistakesAboutHealth"})
  void isAnsweredByOneLine(String answer, List<String> arguments) {
    int exitCode = execute(arguments.toArray(String[]::new));

    assertThat(err.toString()).startsWith("portcullis: " + answer).hasLineCount(1);
    assertThat(exitCode).isEqualTo(2);
    assertThat(out.toString()).isEmpty();
  }

  @ParameterizedTest
  @CsvSource({
    "'profile: legacy, features: {pasid: true}', PASID needs SCALABLE_MODE",
    "'profile: scalable, features: {write-buffer-flush: true}',"
        + " SCALABLE_MODE excludes WRITE_BUFFER_FLUSH",
    "'profile: everything, features: {second-stage: false}', ' needs SECOND_STAGE'",
    "'profile: everything, fault-record-offset: 0x400', ' lies on '"
  })
  void aUnitThatContradictsItselfIsRefusedWithTheReason(
      String unit, String reason, @TempDir Path folder) throws Exception {
    Path machine = folder.resolve("machine.yaml");
    Files.writeString(machine, "units: [{at: 00:04.0, " + unit + "}]");

    assertThat(execute("qtest", "--listen", "/absent/a.sock", "--machine", machine.toString()))
        .isEqualTo(2);
    assertThat(err.toString())
        .startsWith("portcullis: " + machine + ":1: units[0]: ")
        .contains(reason)
        .hasLineCount(1);
    assertThat(out.toString()).isEmpty();
  }

  @Test
  void aDiskThatNobodyCanHaveIsRefused() {
    Path machine = Path.of(System.getProperty("portcullis.root"), "examples/two-units.yaml");

    assertThat(execute("serve", machine.toString(), "--sockets", "/proc/no")).isEqualTo(2);
    assertThat(err.toString())
        .startsWith("portcullis: --sockets: cannot make /proc/no")
        .hasLineCount(1);
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "run", "linux", "serve", "doctor"})
  void helpSaysWhatThereIs(String command) {
    String[] arguments = command.isEmpty() ? new String[] {"--help"} : new String[] {command, "-h"};

    assertThat(execute(arguments)).isZero();
    assertThat(out.toString()).startsWith("Usage: portcullis " + command).contains("--help");
    assertThat(err.toString()).isEmpty();
  }

  @Test
  void theVersionIsThatOfTheBuild() {
    assertThat(execute("--version")).isZero();
    assertThat(out.toString()).matches("portcullis \\d+\\.\\d+\\S*\\R(?s).*JDK 2\\d.*");
  }
}
