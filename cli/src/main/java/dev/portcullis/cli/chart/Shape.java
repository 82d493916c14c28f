package dev.portcullis.cli.chart;

/// Something that is drawn. Lengths are in pixels, y grows downwards; colours are `0xrrggbb`.
sealed interface Shape {

  /// A filled rectangle.
  record Box(double x, double y, double width, double height, int colour) implements Shape {}

  /// A thin line.
  record Rule(double x1, double y1, double x2, double y2, int colour) implements Shape {}

  /// A line of text; x is where its `anchor` is, y its base line.
  record Text(double x, double y, String text, Anchor anchor, Style style) implements Shape {}

  /// Which part of a text is at its x.
  enum Anchor {
    START,
    MIDDLE,
    END
  }

  /// What text looks like.
  enum Style {
    TITLE(19, true, 0x1f2933),
    HEADING(14, true, 0x1f2933),
    PLAIN(13, false, 0x1f2933),
    VALUE(12, false, 0x1f2933),
    FAINT(12, false, 0x616e7c);

    private final int size;
    private final boolean bold;
    private final int colour;

    Style(int size, boolean bold, int colour) {
      this.size = size;
      this.bold = bold;
      this.colour = colour;
    }

    int size() {
      return size;
    }

    boolean isBold() {
      return bold;
    }

    int colour() {
      return colour;
    }
  }
}
