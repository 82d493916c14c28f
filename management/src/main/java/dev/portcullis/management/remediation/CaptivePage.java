package dev.portcullis.management.remediation;

import java.util.List;

/// What somebody is told who has less than unrestricted access.
///
/// @param heading what access there is
/// @param reason why, in words
/// @param steps what is being done about it
public record CaptivePage(String heading, String reason, List<String> steps) {
  /// To whoever is not known.
  public static final CaptivePage UNKNOWN =
      new CaptivePage("This address is no partition's", "Nothing is decided about it.", List.of());

  public CaptivePage {
    steps = List.copyOf(steps);
  }

  /// As a browser shows it.
  String html() {
    StringBuilder html = new StringBuilder("<!DOCTYPE html>\n<html lang=\"en\">\n<head>");
    html.append("<meta charset=\"utf-8\"><title>Network access</title></head>\n<body>\n");
    html.append("<h1>").append(escaped(heading)).append("</h1>\n");
    html.append("<p>").append(escaped(reason)).append("</p>\n");
    if (!steps.isEmpty()) {
      html.append("<p>What is done about it:</p>\n<ul>\n");
      steps.forEach(step -> html.append("<li>").append(escaped(step)).append("</li>\n"));
      html.append("</ul>\n");
    }
    return html.append("</body>\n</html>\n").toString();
  }

  private static String escaped(String text) {
    return text.replace("&", "&amp;")
        .replace("<", "&lt;")
        .replace(">", "&gt;")
        .replace("\"", "&quot;");
  }
}
