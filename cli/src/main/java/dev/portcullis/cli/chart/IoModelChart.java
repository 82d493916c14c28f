package dev.portcullis.cli.chart;

import dev.portcullis.cli.chart.Shape.Anchor;
import dev.portcullis.cli.chart.Shape.Box;
import dev.portcullis.cli.chart.Shape.Rule;
import dev.portcullis.cli.chart.Shape.Style;
import dev.portcullis.vmm.iomodel.IoDevice;
import dev.portcullis.vmm.iomodel.IoModel;
import dev.portcullis.vmm.iomodel.Measurement;
import java.util.List;
import java.util.Locale;
import java.util.function.ToDoubleFunction;

/// What the three I/O models cost: four panels of bars, grouped by device.
public final class IoModelChart {
  private static final int WIDTH = 960;
  private static final int HEIGHT = 640;
  private static final int MARGIN = 28;
  private static final int FIRST_PANEL_Y = 112;
  private static final int PANEL_WIDTH = 440;
  private static final int PANEL_HEIGHT = 248;
  private static final int PANEL_GAP = 24;
  private static final int PLOT_LEFT = 62;
  private static final int PLOT_TOP = 46;
  private static final int PLOT_HEIGHT = 158;
  private static final int BAR_WIDTH = 44;
  private static final int BAR_GAP = 12;

  private static final int GRID = 0xe4e7eb;
  private static final int BASE_LINE = 0x7b8794;
  private static final int LEGEND_BOX = 13;

  private final List<Measurement> measurements;
  private final Drawing drawing =
      new Drawing(WIDTH, HEIGHT, "What a disk and a network card cost in the three I/O models");

  private enum Scale {
    LINEAR,
    LOGARITHMIC
  }

  private enum Better {
    HIGHER,
    LOWER
  }

  private record Panel(
      String title, Better better, Scale scale, ToDoubleFunction<Measurement> value) {}

  private static final List<Panel> PANELS =
      List.of(
          new Panel(
              "Throughput, MiB/s", Better.HIGHER, Scale.LINEAR, Measurement::mebibytesPerSecond),
          new Panel(
              "Traps per operation",
              Better.LOWER,
              Scale.LOGARITHMIC,
              Measurement::trapsPerOperation),
          new Panel(
              "Bytes copied by the monitor per byte",
              Better.LOWER,
              Scale.LINEAR,
              Measurement::copiesPerByte),
          new Panel(
              "Processor time, ms per MiB",
              Better.LOWER,
              Scale.LINEAR,
              Measurement::cpuMillisPerMebibyte));

  private IoModelChart(List<Measurement> measurements) {
    this.measurements = measurements;
  }

  /// @param measurements those of each device side by side
  /// @param subtitle what was done
  public static Drawing of(List<Measurement> measurements, String subtitle) {
    IoModelChart chart = new IoModelChart(measurements);
    chart.drawing.text(
        MARGIN, 38, "Three ways to give a partition a device", Anchor.START, Style.TITLE);
    chart.drawing.text(MARGIN, 60, subtitle, Anchor.START, Style.FAINT);
    chart.legend();
    for (int i = 0; i < PANELS.size(); i++) {
      chart.panel(
          PANELS.get(i),
          MARGIN + (i & 1) * (PANEL_WIDTH + PANEL_GAP),
          FIRST_PANEL_Y + (i >> 1) * (PANEL_HEIGHT + PANEL_GAP - 12));
    }
    return chart.drawing;
  }

  private static int colour(IoModel model) {
    return switch (model) {
      case EMULATED -> 0xb4543a;
      case PARAVIRTUAL -> 0xdba53a;
      case DIRECT -> 0x2f6f9f;
    };
  }

  private static String meaning(IoModel model) {
    return switch (model) {
      case EMULATED -> "emulated: each register access traps";
      case PARAVIRTUAL -> "paravirtual: shared rings, one copy";
      case DIRECT -> "direct: DMA through the remapping unit";
    };
  }

  private void legend() {
    double x = MARGIN;
    for (IoModel model : IoModel.values()) {
      drawing.add(new Box(x, 77, LEGEND_BOX, LEGEND_BOX, colour(model)));
      drawing.text(x + LEGEND_BOX + 7, 88, meaning(model), Anchor.START, Style.PLAIN);
      x += 300;
    }
  }

  private void panel(Panel panel, double x, double y) {
    drawing.text(x, y + 18, panel.title(), Anchor.START, Style.HEADING);
    drawing.text(
        x + PANEL_WIDTH - 12,
        y + 18,
        panel.better().name().toLowerCase(Locale.ROOT)
            + " is better"
            + (panel.scale() == Scale.LOGARITHMIC ? ", logarithmic" : ""),
        Anchor.END,
        Style.FAINT);
    List<Double> values = measurements.stream().map(m -> panel.value().applyAsDouble(m)).toList();
    Axis axis = panel.scale() == Scale.LINEAR ? Axis.linear(values) : Axis.logarithmic(values);
    grid(axis, x, y);
    int groups = IoDevice.values().length;
    double group = (PANEL_WIDTH - PLOT_LEFT - 12.0) / groups;
    for (IoDevice device : IoDevice.values()) {
      bars(panel, axis, device, x + PLOT_LEFT + group * (device.ordinal() + 0.5), y + PLOT_TOP);
    }
    double base = y + PLOT_TOP + PLOT_HEIGHT;
    drawing.add(new Rule(x + PLOT_LEFT, base, x + PANEL_WIDTH - 12, base, BASE_LINE));
  }

  private void grid(Axis axis, double x, double y) {
    for (double tick : axis.ticks()) {
      double at = y + PLOT_TOP + PLOT_HEIGHT * (1 - axis.height(tick));
      drawing.add(new Rule(x + PLOT_LEFT, at, x + PANEL_WIDTH - 12, at, GRID));
      drawing.text(x + PLOT_LEFT - 8, at + 4, Axis.tick(tick), Anchor.END, Style.FAINT);
    }
  }

  private void bars(Panel panel, Axis axis, IoDevice device, double middle, double top) {
    double left = middle - (3 * BAR_WIDTH + 2 * BAR_GAP) / 2.0;
    double base = top + PLOT_HEIGHT;
    for (Measurement one : measurements) {
      if (one.device() == device) {
        double value = panel.value().applyAsDouble(one);
        double height = PLOT_HEIGHT * axis.height(value);
        double x = left + one.model().ordinal() * (BAR_WIDTH + BAR_GAP);
        drawing.add(new Box(x, base - height, BAR_WIDTH, height, colour(one.model())));
        drawing.text(
            x + BAR_WIDTH / 2.0, base - height - 5, Axis.words(value), Anchor.MIDDLE, Style.VALUE);
      }
    }
    drawing.text(middle, base + 20, words(device), Anchor.MIDDLE, Style.PLAIN);
  }

  private static String words(IoDevice device) {
    return switch (device) {
      case DISK -> "disk, 64 KiB at a time";
      case NETWORK -> "network, 1,514-byte frames";
    };
  }
}
