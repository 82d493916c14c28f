package dev.portcullis.cli;

import dev.portcullis.cli.chart.Drawing;
import dev.portcullis.cli.chart.IoModelChart;
import dev.portcullis.machine.description.ByteSize;
import dev.portcullis.vmm.iomodel.IoModelException;
import dev.portcullis.vmm.iomodel.IoModels;
import dev.portcullis.vmm.iomodel.Measurement;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;
import picocli.CommandLine.TypeConversionException;
import tools.jackson.databind.SerializationFeature;
import tools.jackson.databind.json.JsonMapper;

/// Shows what the three I/O models cost.
@Command(
    name = "io-models",
    description = {
      "Does the same work on a disk and on a network card, emulated, paravirtual and directly"
          + " assigned, and says what each costs: throughput, traps, copies, processor time.",
      "Writes the chart of it, io-models.svg and io-models.png."
    },
    mixinStandardHelpOptions = true,
    versionProvider = Version.class)
final class IoModelsCommand implements Callable<Integer> {
  private static final JsonMapper JSON =
      JsonMapper.builder().enable(SerializationFeature.INDENT_OUTPUT).build();

  @Spec private CommandSpec spec;

  @Option(
      names = "--bytes",
      paramLabel = "SIZE",
      converter = WorkSize.class,
      defaultValue = "32M",
      description =
          "How much goes to each device and comes back, 64K to 4G; ${DEFAULT-VALUE} if not given.")
  private long bytes;

  @Option(
      names = "--out",
      paramLabel = "DIR",
      defaultValue = ".",
      description = "Where the chart goes; made if it is not there. This folder if not given.")
  private Path folder;

  @Option(names = "--json", description = "Prints the result as JSON, and nothing else.")
  private boolean json;

  /// Reads `--bytes`.
  static final class WorkSize implements ITypeConverter<Long> {
    private static final long LEAST = 64 << 10;
    private static final long MOST = 4L << 30;

    @Override
    public Long convert(String text) {
      long bytes;
      try {
        bytes = ByteSize.parse(text);
      } catch (IllegalArgumentException refused) {
        throw new TypeConversionException(refused.getMessage());
      }
      if (bytes < LEAST || bytes > MOST) {
        throw new TypeConversionException("\"" + text + "\" is not in 64K to 4G");
      }
      return bytes;
    }
  }

  @Override
  public Integer call() throws UserError, InterruptedException {
    makeFolder();
    List<Measurement> measured = measure();
    List<Path> written = draw(measured);
    if (json) {
      spec.commandLine().getOut().println(json(measured, written));
    } else {
      lines(measured, written).forEach(spec.commandLine().getOut()::println);
    }
    spec.commandLine().getOut().flush();
    return 0;
  }

  private void makeFolder() throws UserError {
    try {
      Files.createDirectories(folder);
    } catch (IOException e) {
      throw new UserError("--out: cannot make the folder " + folder, e);
    }
  }

  private List<Measurement> measure() throws UserError, InterruptedException {
    try (ProgressLines progress = new ProgressLines(spec.commandLine().getErr())) {
      return new IoModels(
              bytes,
              (device, model, fraction) ->
                  progress.report(Words.of(device) + ", " + Words.of(model), fraction))
          .run();
    } catch (IoModelException e) {
      throw new UserError(e.getMessage(), e);
    }
  }

  private String work() {
    return "%s to each device and back".formatted(ByteSize.toText(bytes));
  }

  private List<Path> draw(List<Measurement> measured) throws UserError {
    String subtitle =
        work() + "; a trap is a method call here, a thousand cycles and more on a real processor";
    Drawing drawing = IoModelChart.of(measured, subtitle);
    List<Path> written = new ArrayList<>();
    try {
      written.add(Files.writeString(folder.resolve("io-models.svg"), drawing.svg()));
      Path png = folder.resolve("io-models.png");
      try (OutputStream to = Files.newOutputStream(png)) {
        drawing.png(to);
      }
      written.add(png);
    } catch (IOException e) {
      throw new UserError("--out: cannot write the chart: " + e.getMessage(), e);
    }
    return written;
  }

  private List<String> lines(List<Measurement> measured, List<Path> written) {
    Columns columns =
        new Columns(
            "device",
            "model",
            "MiB/s",
            "traps/operation",
            "copies/byte",
            "CPU ms/MiB",
            "device ms/MiB",
            "DMA requests/operation");
    for (Measurement one : measured) {
      columns.row(
          Words.of(one.device()),
          Words.of(one.model()),
          number(one.mebibytesPerSecond(), 1),
          number(one.trapsPerOperation(), 2),
          number(one.copiesPerByte(), 3),
          number(one.cpuMillisPerMebibyte(), 2),
          number(one.deviceMillisPerMebibyte(), 2),
          number(one.dmaRequestsPerOperation(), 2));
    }
    List<String> lines = new ArrayList<>();
    lines.add(work() + "; what came back is what was sent.");
    lines.add("");
    lines.addAll(columns.lines());
    lines.add("");
    written.forEach(path -> lines.add("wrote " + path));
    return lines;
  }

  /// No difference between 0 and nearly 0 goes unseen.
  private static String number(double value, int digits) {
    return value == 0 ? "0" : String.format(Locale.ROOT, "%,." + digits + "f", value);
  }

  private static String json(List<Measurement> measured, List<Path> written) {
    Map<String, Object> whole = new LinkedHashMap<>();
    whole.put("measurements", measured.stream().map(IoModelsCommand::entry).toList());
    whole.put("charts", written.stream().map(Path::toString).toList());
    return JSON.writeValueAsString(whole);
  }

  private static Map<String, Object> entry(Measurement one) {
    Map<String, Object> entry = new LinkedHashMap<>();
    entry.put("device", Words.of(one.device()));
    entry.put("model", Words.of(one.model()));
    entry.put("operations", one.work().operations());
    entry.put("bytes", one.work().bytes());
    entry.put("sent", "%08x".formatted(one.work().sent()));
    entry.put("received", "%08x".formatted(one.work().received()));
    entry.put("nanoseconds", one.nanos());
    entry.put("mebibytesPerSecond", one.mebibytesPerSecond());
    entry.put("traps", one.monitor().traps());
    entry.put("trapsPerOperation", one.trapsPerOperation());
    entry.put("copiedBytes", one.monitor().copiedBytes());
    entry.put("copiesPerByte", one.copiesPerByte());
    entry.put("injectedInterrupts", one.monitor().interrupts());
    entry.put("cpuNanoseconds", one.cpu().processorNanos());
    entry.put("cpuMillisecondsPerMebibyte", one.cpuMillisPerMebibyte());
    entry.put("deviceNanoseconds", one.cpu().deviceNanos());
    entry.put("dmaRequests", one.dmaRequests());
    return entry;
  }
}
