package dev.portcullis.management.redfish;

import java.util.List;

/// Reads filters, see [EventFilter#parse].
final class FilterText {
  private static final int MOST_CHARACTERS = 1024;
  private static final int MOST_DEPTH = 16;

  private final String text;
  private int at;
  private int depth;

  FilterText(String text) {
    if (text.length() > MOST_CHARACTERS) {
      throw new IllegalArgumentException(
          "A filter has at most %d characters.".formatted(MOST_CHARACTERS));
    }
    this.text = text;
  }

  EventFilter read() {
    EventFilter all = alternatives();
    skip();
    if (at < text.length()) {
      throw wrong("nothing more");
    }
    return all;
  }

  private EventFilter alternatives() {
    EventFilter one = together();
    while (takes("or")) {
      one = one.or(together());
    }
    return one;
  }

  private EventFilter together() {
    EventFilter one = single();
    while (takes("and")) {
      one = one.and(single());
    }
    return one;
  }

  private EventFilter single() {
    if (++depth > MOST_DEPTH) {
      throw new IllegalArgumentException("The filter is too deep.");
    }
    EventFilter one;
    if (takes("not")) {
      EventFilter inner = single();
      one = notice -> !inner.wants(notice);
    } else if (takes("(")) {
      one = alternatives();
      if (!takes(")")) {
        throw wrong(")");
      }
    } else {
      one = comparison();
    }
    depth--;
    return one;
  }

  private EventFilter comparison() {
    String name = word();
    EventFilter.Property property =
        EventFilter.Property.of(name)
            .orElseThrow(
                () -> new IllegalArgumentException("\"" + name + "\" is nothing to filter by."));
    if (!takes("eq")) {
      throw wrong("eq");
    }
    return EventFilter.oneOf(property, List.of(value()));
  }

  private String value() {
    skip();
    if (at == text.length() || text.charAt(at) != '\'') {
      return word();
    }
    int end = text.indexOf('\'', at + 1);
    if (end < 0) {
      throw wrong("'");
    }
    String value = text.substring(at + 1, end);
    at = end + 1;
    return value;
  }

  private String word() {
    skip();
    int from = at;
    while (at < text.length() && " ()'".indexOf(text.charAt(at)) < 0) {
      at++;
    }
    if (from == at) {
      throw wrong("a word");
    }
    return text.substring(from, at);
  }

  private boolean takes(String wanted) {
    skip();
    int end = at + wanted.length();
    boolean isWhole =
        wanted.length() == 1 || end >= text.length() || " (".indexOf(text.charAt(end)) >= 0;
    if (isWhole && text.startsWith(wanted, at)) {
      at = end;
      return true;
    }
    return false;
  }

  private void skip() {
    while (at < text.length() && text.charAt(at) == ' ') {
      at++;
    }
  }

  private IllegalArgumentException wrong(String wanted) {
    return new IllegalArgumentException(
        "The filter needs %s at character %d.".formatted(wanted, at + 1));
  }
}
