package dev.portcullis.vmm.filter.rule;

/// How a field is compared.
public enum Comparison {
  /// It is the value, or one of the values.
  EQUAL("=="),
  NOT_EQUAL("!="),
  LESS("<"),
  GREATER(">"),
  AT_MOST("<="),
  AT_LEAST(">=");

  private final String sign;

  Comparison(String sign) {
    this.sign = sign;
  }

  /// As rulesets write it.
  public String sign() {
    return sign;
  }

  /// Whether it asks for more or less, which needs one value to compare with.
  public boolean isOrder() {
    return this != EQUAL && this != NOT_EQUAL;
  }
}
