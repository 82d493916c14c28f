package dev.portcullis.vmm.filter.rule;

/// A ruleset that cannot be put in force. The message says where and why.
public final class RulesetException extends Exception {
  private static final long serialVersionUID = 1;

  private final transient Place place;
  private final String reason;

  public RulesetException(Place place, String reason) {
    super(place + ": " + reason);
    this.place = place;
    this.reason = reason;
  }

  /// @param file what the text is called
  /// @param line from 1
  public RulesetException(String file, int line, String reason) {
    super("%s:%d: %s".formatted(file, line, reason));
    this.place = Place.WHOLE;
    this.reason = reason;
  }

  /// Where in the ruleset; the whole, if the message names file and line.
  public Place place() {
    return place;
  }

  /// Why, without where.
  public String reason() {
    return reason;
  }
}
