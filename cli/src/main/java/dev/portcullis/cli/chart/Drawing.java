package dev.portcullis.cli.chart;

import dev.portcullis.cli.chart.Shape.Anchor;
import dev.portcullis.cli.chart.Shape.Box;
import dev.portcullis.cli.chart.Shape.Rule;
import dev.portcullis.cli.chart.Shape.Style;
import dev.portcullis.cli.chart.Shape.Text;
import java.awt.BasicStroke;
import java.awt.Color;
import java.awt.Font;
import java.awt.Graphics2D;
import java.awt.RenderingHints;
import java.awt.geom.Line2D;
import java.awt.geom.Rectangle2D;
import java.awt.image.BufferedImage;
import java.io.IOException;
import java.io.OutputStream;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import javax.imageio.ImageIO;

/// Shapes on a white ground.
public final class Drawing {
  private static final int WHITE = 0xffffff;

  /// Pixels of the PNG for each of the drawing's own.
  private static final int SCALE = 2;

  private final int width;
  private final int height;
  private final String title;
  private final List<Shape> shapes = new ArrayList<>();

  /// @param title what it shows, for those who cannot see it
  Drawing(int width, int height, String title) {
    this.width = width;
    this.height = height;
    this.title = title;
  }

  void add(Shape shape) {
    shapes.add(shape);
  }

  void text(double x, double y, String text, Anchor anchor, Style style) {
    shapes.add(new Text(x, y, text, anchor, style));
  }

  /// As SVG.
  public String svg() {
    StringBuilder svg = new StringBuilder();
    svg.append(
        """
        <svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 %d %d" width="%d" height="%d" \
        font-family="system-ui, sans-serif">
        <title>%s</title>
        <rect width="%d" height="%d" fill="#ffffff"/>
        """
            .formatted(width, height, width, height, escaped(title), width, height));
    for (Shape shape : shapes) {
      svg.append(svg(shape)).append('\n');
    }
    return svg.append("</svg>\n").toString();
  }

  private static String svg(Shape shape) {
    return switch (shape) {
      case Box box ->
          format(
              "<rect x=\"%.1f\" y=\"%.1f\" width=\"%.1f\" height=\"%.1f\" fill=\"#%06x\"/>",
              box.x(), box.y(), box.width(), box.height(), box.colour());
      case Rule rule ->
          format(
              "<line x1=\"%.1f\" y1=\"%.1f\" x2=\"%.1f\" y2=\"%.1f\" stroke=\"#%06x\"/>",
              rule.x1(), rule.y1(), rule.x2(), rule.y2(), rule.colour());
      case Text text ->
          format(
              "<text x=\"%.1f\" y=\"%.1f\" font-size=\"%d\"%s%s fill=\"#%06x\">%s</text>",
              text.x(),
              text.y(),
              text.style().size(),
              text.style().isBold() ? " font-weight=\"600\"" : "",
              switch (text.anchor()) {
                case START -> "";
                case MIDDLE -> " text-anchor=\"middle\"";
                case END -> " text-anchor=\"end\"";
              },
              text.style().colour(),
              escaped(text.text()));
    };
  }

  private static String format(String form, Object... values) {
    return String.format(Locale.ROOT, form, values);
  }

  private static String escaped(String text) {
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;");
  }

  /// Writes it as PNG, twice as large.
  ///
  /// @throws IOException if it cannot be written, or this Java cannot draw text
  public void png(OutputStream to) throws IOException {
    System.setProperty("java.awt.headless", "true");
    BufferedImage image =
        new BufferedImage(width * SCALE, height * SCALE, BufferedImage.TYPE_INT_RGB);
    try {
      paint(image.createGraphics());
    } catch (LinkageError | InternalError | RuntimeException e) {
      // What a Java without fonts throws differs from one to the next.
      throw new IOException("this Java cannot draw text: it finds no fonts", e);
    }
    if (!ImageIO.write(image, "png", to)) {
      throw new IOException("this Java cannot write PNG");
    }
  }

  private void paint(Graphics2D graphics) {
    graphics.setRenderingHint(RenderingHints.KEY_ANTIALIASING, RenderingHints.VALUE_ANTIALIAS_ON);
    graphics.setRenderingHint(
        RenderingHints.KEY_TEXT_ANTIALIASING, RenderingHints.VALUE_TEXT_ANTIALIAS_ON);
    graphics.setRenderingHint(RenderingHints.KEY_STROKE_CONTROL, RenderingHints.VALUE_STROKE_PURE);
    graphics.scale(SCALE, SCALE);
    graphics.setStroke(new BasicStroke(1));
    graphics.setColor(new Color(WHITE));
    graphics.fill(new Rectangle2D.Double(0, 0, width, height));
    for (Shape shape : shapes) {
      paint(shape, graphics);
    }
    graphics.dispose();
  }

  private static void paint(Shape shape, Graphics2D graphics) {
    switch (shape) {
      case Box box -> {
        graphics.setColor(new Color(box.colour()));
        graphics.fill(new Rectangle2D.Double(box.x(), box.y(), box.width(), box.height()));
      }
      case Rule rule -> {
        graphics.setColor(new Color(rule.colour()));
        graphics.draw(new Line2D.Double(rule.x1(), rule.y1(), rule.x2(), rule.y2()));
      }
      case Text text -> {
        Style style = text.style();
        graphics.setColor(new Color(style.colour()));
        graphics.setFont(
            new Font(Font.SANS_SERIF, style.isBold() ? Font.BOLD : Font.PLAIN, style.size()));
        double length = graphics.getFontMetrics().getStringBounds(text.text(), graphics).getWidth();
        double start =
            switch (text.anchor()) {
              case START -> text.x();
              case MIDDLE -> text.x() - length / 2;
              case END -> text.x() - length;
            };
        graphics.drawString(text.text(), (float) start, (float) text.y());
      }
    }
  }
}
