package dev.portcullis.management.posture;

import java.util.Arrays;
import java.util.Optional;

/// What a collector can say: the attribute types of PA-TNC (RFC 5792 4.2), and one of ours.
public enum AttributeType {
  /// RFC 5792 4.2.2: vendor, product.
  PRODUCT_INFORMATION("product-information", 2, 2, 1),
  /// 4.2.3: major, minor, build.
  NUMERIC_VERSION("numeric-version", 3, 3, 1),
  /// 4.2.4: version, and of the kernel.
  STRING_VERSION("string-version", 4, 2, 1),
  /// 4.2.5: status, result of its last use.
  OPERATIONAL_STATUS("operational-status", 5, 2, 1),
  /// 4.2.6: whether ports are filtered, and by what.
  PORT_FILTER("port-filter", 6, 2, 1),
  /// 4.2.7: name, version; one attribute for each.
  INSTALLED_PACKAGE("installed-package", 7, 2, 4000),
  /// Of our own: disk, and how it is encrypted, or `none`.
  DISK_ENCRYPTION("disk-encryption", 1, 2, 64);

  private final String word;
  private final int number;
  private final int fields;
  private final int most;

  AttributeType(String word, int number, int fields, int most) {
    this.word = word;
    this.number = number;
    this.fields = fields;
    this.most = most;
  }

  /// As a collector writes it.
  public String word() {
    return word;
  }

  /// Its number among the types of whoever defined it: the IETF, or us.
  public int number() {
    return number;
  }

  /// How many fields one has.
  public int fields() {
    return fields;
  }

  /// How many of them a collector may send.
  int most() {
    return most;
  }

  static Optional<AttributeType> find(String word) {
    return Arrays.stream(values()).filter(one -> one.word.equals(word)).findFirst();
  }
}
