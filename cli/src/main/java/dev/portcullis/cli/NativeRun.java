package dev.portcullis.cli;

import dev.portcullis.machine.PlatformException;
import dev.portcullis.machine.description.ByteSize;
import dev.portcullis.machine.description.MachineFileException;
import dev.portcullis.vmm.nativeos.BounceComparison.Measured;
import dev.portcullis.vmm.nativeos.Finding;
import dev.portcullis.vmm.nativeos.NativeExaminer;
import dev.portcullis.vmm.nativeos.NativeOutcome;
import dev.portcullis.vmm.nativeos.NativeSystem;
import dev.portcullis.vmm.nativeos.description.NativeDescription.Step;
import dev.portcullis.vmm.nativeos.description.NativeFile;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;
import tools.jackson.databind.SerializationFeature;
import tools.jackson.databind.json.JsonMapper;

/// Runs an operating system that has a machine for itself, and says what came of it.
final class NativeRun {
  private static final JsonMapper JSON =
      JsonMapper.builder().enable(SerializationFeature.INDENT_OUTPUT).build();

  private final Path file;
  private final Optional<Duration> duration;
  private final PrintWriter out;
  private final List<NativeOutcome> outcomes = new ArrayList<>();
  private long moreFindings;

  /// @param duration how long it goes on at least, from its start
  NativeRun(Path file, Optional<Duration> duration, PrintWriter out) {
    this.file = file;
    this.duration = duration;
    this.out = out;
  }

  /// For people: a line for each thing that happens, and a summary.
  ///
  /// @return whether all that was expected held
  boolean run() throws MachineFileException, PlatformException, IOException, InterruptedException {
    run(event -> say("event", event), outcome -> say(outcome.held() ? "ok" : "WRONG", outcome));
    out.println();
    List<Measured> measured = outcomes.stream().flatMap(one -> one.measured().stream()).toList();
    if (!measured.isEmpty()) {
      table(measured).forEach(out::println);
      out.println();
    }
    if (moreFindings > 0) {
      out.println("%,d more findings were counted, and not told.".formatted(moreFindings));
    }
    long held = outcomes.stream().filter(NativeOutcome::held).count();
    out.println("%d of %d expectations held.".formatted(held, outcomes.size()));
    out.flush();
    return held == outcomes.size();
  }

  /// For programs.
  ///
  /// @return whether all that was expected held
  boolean runJson()
      throws MachineFileException, PlatformException, IOException, InterruptedException {
    List<Finding> findings = run(event -> {}, outcome -> {});
    boolean allHeld = outcomes.stream().allMatch(NativeOutcome::held);
    Map<String, Object> whole = new LinkedHashMap<>();
    whole.put("held", allHeld);
    whole.put("expectations", outcomes.stream().map(NativeRun::entry).toList());
    whole.put("findings", findings.stream().map(NativeRun::entry).toList());
    whole.put("moreFindings", moreFindings);
    out.println(JSON.writeValueAsString(whole));
    out.flush();
    return allHeld;
  }

  private List<Finding> run(Consumer<String> onEvent, Consumer<NativeOutcome> onOutcome)
      throws MachineFileException, PlatformException, IOException, InterruptedException {
    var description = NativeFile.read(file);
    Path folder = Files.createTempDirectory("portcullis-run");
    Instant started = Instant.now();
    try (NativeSystem system = NativeSystem.start(description, folder, onEvent)) {
      NativeExaminer examiner = new NativeExaminer(system);
      for (Step step : description.steps()) {
        for (NativeOutcome outcome : examiner.examine(step)) {
          outcomes.add(outcome);
          onOutcome.accept(outcome);
        }
      }
      rest(started);
      system.readFaults();
      moreFindings = system.moreFindings();
      return List.copyOf(system.findings());
    } finally {
      Folders.delete(folder);
    }
  }

  /// The system goes on meanwhile, and finds what its devices do.
  private void rest(Instant started) throws InterruptedException {
    if (duration.isPresent()) {
      Duration up = Duration.between(started, Instant.now());
      Thread.sleep(Math.max(0, duration.get().minus(up).toMillis()));
    }
  }

  private void say(String kind, NativeOutcome outcome) {
    say(kind, outcome.expectation() + ": " + outcome.detail());
  }

  private synchronized void say(String kind, String what) {
    out.println("%-5s %s".formatted(kind, what));
    out.flush();
  }

  private static List<String> table(List<Measured> measured) {
    Columns columns =
        new Columns("BUFFER", "WAY", "COPIES/BYTE", "MIB/S", "CPU µS/MIB (map, unmap, copy)");
    for (Measured one : measured) {
      columns.row(
          ByteSize.toText(one.bufferBytes()),
          Words.of(one.way()),
          "%.1f".formatted(one.copiesPerByte()),
          "%.1f".formatted(one.throughput()),
          "%.1f".formatted(one.cpuMicrosPerMebibyte()));
    }
    return columns.lines();
  }

  private static Map<String, Object> entry(NativeOutcome outcome) {
    Map<String, Object> entry = new LinkedHashMap<>();
    entry.put("expectation", outcome.expectation().toString());
    entry.put("held", outcome.held());
    entry.put("detail", outcome.detail());
    if (!outcome.measured().isEmpty()) {
      entry.put("measured", outcome.measured().stream().map(NativeRun::entry).toList());
    }
    return entry;
  }

  private static Map<String, Object> entry(Measured one) {
    Map<String, Object> entry = new LinkedHashMap<>();
    entry.put("way", Words.of(one.way()));
    entry.put("bufferBytes", one.bufferBytes());
    entry.put("bytes", one.bytes());
    entry.put("copiedBytes", one.copiedBytes());
    entry.put("mebibytesPerSecond", one.throughput());
    entry.put("cpuMicrosecondsPerMebibyte", one.cpuMicrosPerMebibyte());
    return entry;
  }

  private static Map<String, Object> entry(Finding finding) {
    Map<String, Object> entry = new LinkedHashMap<>();
    entry.put("driver", finding.driver());
    entry.put("device", finding.device());
    entry.put("page", "%#x".formatted(finding.page()));
    entry.put("request", finding.request());
    entry.put("reason", "%02xh".formatted(finding.reasonCode()));
    entry.put("mistake", Words.of(finding.explanation().kind()));
    finding
        .explanation()
        .nearest()
        .ifPresent(buffer -> {
          entry.put("buffer", buffer.name());
          entry.put("first", "%#x".formatted(buffer.address()));
          entry.put("bytes", buffer.bytes());
        });
    entry.put("leastBytesOff", finding.explanation().leastBytes());
    entry.put("mostBytesOff", finding.explanation().mostBytes());
    return entry;
  }
}
